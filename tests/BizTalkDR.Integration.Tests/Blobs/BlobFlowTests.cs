using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Blobs;

/// <summary>A whole group from a container of Azurite: catalogue, recovery points, plan, scripts, restore.</summary>
[Collection("flows")]
public sealed class BlobFlowTests(BackedUpGroup shared, ITestOutputHelper output)
{
    [AzuriteFact]
    public async Task A_group_is_restored_from_a_container()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        await azurite.PutFolderAsync(container, shared.Lab.Backups, "group/");
        string folder = container + "/group";
        string token = azurite.Sign("rl");
        var counting = new CountingStore(new BlobStore(Secrets.Of(token)));

        // The catalogue is that of the folder, and a header costs no more than 64 KB.
        using var scratch = new ScratchFolder();
        WarmCatalogue warm = WarmCatalogue.Open(scratch["warm.json"]);
        BackupCatalogue there = new OfflineFolderReader(NullRecoveryLog.Instance, warm) { Blobs = counting }.Read([folder]);
        BackupCatalogue here = new OfflineFolderReader(NullRecoveryLog.Instance).Read([shared.Lab.Backups]);
        Assert.Equal(here.Backups.Select(Facts).Order(StringComparer.Ordinal), there.Backups.Select(Facts).Order(StringComparer.Ordinal));
        Assert.Equal(here.Sets.Select(s => s.ToString()), there.Sets.Select(s => s.ToString()));
        Assert.Equal(here.Findings.Select(f => f.Text), there.Findings.Select(f => f.Text));
        (string Url, long Bytes, int Requests)[] read = [.. counting.Closed.Where(c => !c.Url.EndsWith(".json", StringComparison.Ordinal))];
        Assert.Equal(here.Backups.Count, read.Length);
        Assert.All(read, r => Assert.InRange(r.Bytes, 1, 64 * 1024));
        output.WriteLine($"{read.Length} headers: {read.Average(r => r.Bytes):0} bytes in {read.Average(r => r.Requests):0.0} requests each, at most {read.Max(r => r.Bytes)}; the blobs have {new DirectoryInfo(shared.Lab.Backups).EnumerateFiles("*.bak").Sum(f => f.Length)} bytes together.");
        Assert.Null(warm.Save());
        var again = new OfflineFolderReader(NullRecoveryLog.Instance, WarmCatalogue.Open(scratch["warm.json"])) { Blobs = counting };
        Assert.Equal(there.Sets.Count, again.Read([folder]).Sets.Count);
        Assert.Equal(0, again.Opened);

        // Without a credential of the destination no plan is made; with it the group comes back.
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        var said = new Said();
        RecoveryPorts ports = SqlServerPorts.Create(said, counting);
        RestoreRequest request = destination.Request(folder);
        Assert.Equal(container, Refused.With(RecoveryError.CredentialMissing, () => new RestorePreparer(ports).Prepare(request)).Target);
        foreach (string server in (string[])["DR1", "DR2"])
        {
            using SqlConnection admin = destination.Open(server, "master");
            PracticeLab.Execute(admin, $"CREATE CREDENTIAL [{container}] WITH IDENTITY = 'SHARED ACCESS SIGNATURE', SECRET = '{token}';");
        }

        RestorePlan plan = new RestorePreparer(ports).Prepare(request);
        string json = RestorePlanFile.ToJson(plan);
        Assert.Contains(folder, json, StringComparison.Ordinal);
        Assert.Contains($"FROM URL = N'{folder}/", string.Join('\n', plan.Members.SelectMany(m => m.Steps).Where(s => s.Statement is not null).Select(s => SqlText.Restore(s.Statement!))), StringComparison.Ordinal);
        Assert.True(new RestorePlanTester(ports).RefuseChanges(plan));
        using var journal = new RestoreJournalFile(scratch["journal.jsonl"], ports.Clock);
        RestoreResult result = new RestoreRunner(ports).Run(plan, journal);
        Assert.True(result.IsSuccess);
        Assert.Equal(shared.Sets[^1].Mark, result.Mark);
        Assert.All(destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
        using (SqlConnection management = destination.Open("DR1", "BizTalkMgmtDb"))
        {
            Assert.Equal(2, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.bas_Properties WHERE PropertyName LIKE N'Flow-%';"));
            Assert.Equal((byte)9, PracticeLab.Scalar<byte>(management, "SELECT TOP (1) f.device_type FROM msdb.dbo.backupmediafamily AS f;"));
        }

        // Nothing of the fetched copies is left, and the signature is nowhere.
        Assert.Empty(Directory.EnumerateFiles(destination["lab"], "url-*.tmp", SearchOption.AllDirectories));
        journal.Dispose();
        string signature = token[(token.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        foreach (string text in (string[])[json, plan.ToString(), File.ReadAllText(scratch["journal.jsonl"]), File.ReadAllText(scratch["warm.json"]), string.Join('\n', said.Lines)])
            Assert.DoesNotContain(signature, text, StringComparison.Ordinal);
    }

    [AzuriteFact]
    public async Task The_destination_reads_files_and_this_computer_the_marks_in_a_container()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        await azurite.PutFolderAsync(container, shared.Lab.Backups, string.Empty);
        await using Destination destination = await Destination.StartAsync("DR1");
        string copy = destination["copy"];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.EnumerateFiles(shared.Lab.Backups))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var counting = new CountingStore(new BlobStore(Secrets.Of(azurite.Sign("rl"))));
        RecoveryPorts ports = SqlServerPorts.Create(NullRecoveryLog.Instance, counting);
        RestorePlan plan = new RestorePreparer(ports).Prepare(destination.Request(copy) with { PathMap = new PathMap(new System.Collections.Generic.Dictionary<string, string> { [copy] = container }) });
        Assert.Equal(shared.Sets[^1].Mark, plan.Mark);
        Assert.All(plan.Members.SelectMany(m => m.Steps).Where(s => s.Backup is not null), s => Assert.StartsWith(copy, s.Backup!.Path, StringComparison.Ordinal));
        Assert.NotEmpty(counting.Closed);
        Assert.All(counting.Closed, c => Assert.StartsWith(container, c.Url, StringComparison.Ordinal));
    }

    private static string Facts(MediaBackup backup) => $"{ServerPath.NameOf(backup.Path)} {backup.SizeBytes} {backup.Header} {backup.Label} {backup.Condition}";

    private sealed class Said : IRecoveryLog
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public void Write(RecoveryLogEntry entry) => Lines.Enqueue(entry.ToString());
    }

    /// <summary>The real store, and what each blob cost.</summary>
    private sealed class CountingStore(BlobStore store) : IBlobStore
    {
        public ConcurrentQueue<(string Url, long Bytes, int Requests)> Closed { get; } = [];

        public BlobFolder List(string folder, bool recurse, CancellationToken cancellationToken = default) => store.List(folder, recurse, cancellationToken);

        public Stream Open(string url, CancellationToken cancellationToken = default) => new Counted((BlobStream)store.Open(url, cancellationToken), s => Closed.Enqueue((url, s.BytesFetched, s.Requests)));
    }

    private sealed class Counted(BlobStream inner, Action<BlobStream> closed) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => inner.CanSeek;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void Flush() => inner.Flush();

        public override void SetLength(long value) => inner.SetLength(value);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        protected override void Dispose(bool disposing)
        {
            closed(inner);
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
