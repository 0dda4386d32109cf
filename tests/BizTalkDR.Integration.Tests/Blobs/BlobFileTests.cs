using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.BackupFiles;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Blobs;

/// <summary>Backup files read and tested in a container of Azurite, without a server: as the same files on a disk, and with what only a blob can do.</summary>
[Collection("flows")]
public sealed class BlobFileTests(BackedUpGroup shared, ITestOutputHelper output)
{
    private const VerificationLevel Everything = VerificationLevel.Structure | VerificationLevel.Content | VerificationLevel.Hash;

    [AzuriteFact]
    public async Task Blobs_are_read_and_tested_as_their_files_are()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        await azurite.PutFolderAsync(container, shared.Lab.Backups, "week/");
        var counting = new CountingBlobs(new BlobStore(Secrets.Of(azurite.Sign("rl"))));
        var here = new FileSelection([shared.Lab.Backups]);
        var there = new FileSelection([container + "/week"]);

        // Headers alone take no more than 64 KB of a blob.
        FileBackup[] backups = [.. new BackupFileReader(NullRecoveryLog.Instance) { Blobs = counting }.Read(there).SelectMany(r => r.Backups)];
        Assert.Equal(new BackupFileReader(NullRecoveryLog.Instance).Read(here).SelectMany(r => r.Backups).Select(Facts), backups.Select(Facts));
        Assert.All(backups, b => Assert.Equal(container + "/week", b.Folder));
        Assert.All(counting.Bytes.Values, b => Assert.InRange(b, 1, 64 * 1024));
        Assert.Equal(
            new BackupFileReader(NullRecoveryLog.Instance) { IncludeMarks = true }.Read(here).SelectMany(r => r.Backups).SelectMany(b => b.Marks ?? []).Select(m => m.ToString()),
            new BackupFileReader(NullRecoveryLog.Instance) { IncludeMarks = true, Blobs = counting }.Read(there).SelectMany(r => r.Backups).SelectMany(b => b.Marks ?? []).Select(m => m.ToString()));

        // Every level reads the blob to its end, once for the content and once for the hash, in ranges of no more than 1 MB.
        counting.Reset();
        FileTestStep[] disk = [.. new BackupFileTester(NullRecoveryLog.Instance) { Level = Everything }.Test(here)];
        FileTestStep[] blobs = [.. new BackupFileTester(NullRecoveryLog.Instance) { Level = Everything, Blobs = counting }.Test(there)];
        Assert.Equal(disk.Length, blobs.Length);
        Assert.Equal(disk.Where(s => s.Result is not null).Select(s => Answers(s.Result!)), blobs.Where(s => s.Result is not null).Select(s => Answers(s.Result!)));
        Assert.Equal(disk[^1].Summary!.Outcome, blobs[^1].Summary!.Outcome);
        long size = backups.Sum(b => b.FileSizeBytes);
        Assert.InRange(counting.Bytes.Values.Sum(), size, (size * 2) + (backups.Length * 256L * 1024));
        Assert.InRange(counting.Largest, 64 * 1024, 1024 * 1024);
        output.WriteLine($"{backups.Length} blobs with {size} bytes: {counting.Bytes.Values.Sum()} bytes fetched in {counting.Requests} requests, the largest {counting.Largest}");

        // A damaged one, one that was cut, an empty one, and one that is no backup; the stripes and the others are tested all the same.
        byte[] content = await File.ReadAllBytesAsync(Directory.EnumerateFiles(shared.Lab.Backups, "*_Full_*").Order(StringComparer.Ordinal).First());
        await azurite.PutBlobAsync(container, "bad/a-cut.bak", content[..(content.Length / 2)]);
        await azurite.PutBlobAsync(container, "bad/b-other.bak", RandomNumberGenerator.GetBytes(4096));
        await azurite.PutBlobAsync(container, "bad/c-empty.bak", []);
        await azurite.PutBlobAsync(container, "bad/d-whole.bak", content);
        FileTestResult[] bad = [.. new BackupFileTester(NullRecoveryLog.Instance) { Level = Everything, Blobs = counting }.Test(new FileSelection([container + "/bad"])).Where(s => s.Result is not null).Select(s => s.Result!)];
        Assert.Equal(["Failed", "Failed", "Failed", "NotChecked"], bad.Select(b => (b.Outcome == CheckOutcome.Passed ? CheckOutcome.NotChecked : b.Outcome).ToString()));
        RecoveryError?[] codes = [.. new BackupFileReader(NullRecoveryLog.Instance) { Blobs = counting }.Read(new FileSelection([container + "/bad"])).Select(r => r.Error?.Code)];
        Assert.Equal([null, RecoveryError.BackupFormatUnknown, RecoveryError.BackupFileEmpty, null], codes);
    }

    [AzuriteFact]
    public async Task A_URL_is_a_blob_or_a_folder_and_what_is_wrong_with_it_is_named()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        await azurite.PutBlobAsync(container, "a/A.bak", [1]);
        await azurite.PutBlobAsync(container, "a/a.bak", [1]);
        await azurite.PutBlobAsync(container, "a/notes.txt", [1]);
        await azurite.PutBlobAsync(container, "a/deep/b.trn", [1]);
        await azurite.PutBlobAsync(container, "copy.of.it", [1]);
        var store = new BlobStore(Secrets.Of(azurite.Sign("rl")));
        FoundFiles Find(bool recurse, string[] names, params string[] urls) => BackupFileFinder.Find(new FileSelection(urls) { Blobs = store, Recurse = recurse, Names = names });

        Assert.Equal([$"{container}/a/A.bak", $"{container}/a/a.bak"], Find(false, [], container + "/a").Files);
        Assert.Equal([$"{container}/a/A.bak", $"{container}/a/a.bak", $"{container}/a/deep/b.trn"], Find(true, [], container, container + "/a/").Files);
        Assert.Equal([$"{container}/a/notes.txt"], Find(false, ["*.txt"], container + "/a").Files);

        // One that is named itself is taken whatever its name; whether it is there its reader says.
        Assert.Equal([$"{container}/copy.of.it", $"{container}/none", $"{container}/none.bak"], Find(false, [], container + "/copy.of.it", container + "/none", container + "/none.bak").Files);
        FoundFiles found = Find(false, [], container, container + "/a/deep/", $"{azurite.Address}/elsewhere", "https://account.blob.core.windows.net/c?sig=secret");
        Assert.Equal([RecoveryError.NoBackupsFound, RecoveryError.BlobNotFound, RecoveryError.BackupPathInvalid], found.Problems.Select(p => p.Code));
        Assert.All(found.Problems, p => Assert.DoesNotContain("secret", p + p.Hint, StringComparison.Ordinal));
        Assert.Throws<OperationCanceledException>(() => BackupFileFinder.Find(new FileSelection([container]) { Blobs = store }, new CancellationToken(canceled: true)));
    }

    [AzuriteFact]
    public async Task A_blob_that_is_replaced_while_it_is_read_fails_and_is_never_taken_for_one()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        byte[] content = await File.ReadAllBytesAsync(Directory.EnumerateFiles(shared.Lab.Backups, "*_Full_*").OrderByDescending(f => new FileInfo(f).Length).First());
        Assert.True(content.Length > 512 * 1024, $"{content.Length} bytes are read in too few requests to be disturbed.");
        await azurite.PutBlobAsync(container, "a.bak", content);
        var selection = new FileSelection([container + "/a.bak"]);
        var inner = new BlobStore(Secrets.Of(azurite.Sign("rl")));

        // The first opening looks for stripes, the second one tests: it is replaced by one of the same length before the third request of it.
        byte[] other = [.. content];
        other[^1]++;
        var store = new CountingBlobs(inner) { BeforeRequest = (opened, request) => opened == 2 && request == 3 ? azurite.PutBlobAsync(container, "a.bak", other) : Task.CompletedTask };
        FileTestResult result = new BackupFileTester(NullRecoveryLog.Instance) { Level = Everything, Blobs = store }.Test(selection).First(s => s.Result is not null).Result!;
        FileCheck check = Assert.Single(result.Checks);
        Assert.Equal((nameof(BackupCheck.Unchanged), CheckOutcome.Failed), (check.Check, check.Outcome));
        Assert.Contains("was written while it was read", check.Reason, StringComparison.Ordinal);

        // The same for its headers with the marks, and for one that is taken away.
        string log = Directory.EnumerateFiles(shared.Lab.Backups, "*_Log_*").OrderByDescending(f => new FileInfo(f).Length).First();
        await azurite.PutBlobAsync(container, "b.bak", await File.ReadAllBytesAsync(log));
        store = new CountingBlobs(inner) { BeforeRequest = (_, request) => request == 2 ? azurite.PutBlobAsync(container, "b.bak", content) : Task.CompletedTask };
        FileReading reading = Assert.Single(new BackupFileReader(NullRecoveryLog.Instance) { IncludeMarks = true, Blobs = store }.Read(new FileSelection([container + "/b.bak"])));
        Assert.Equal(RecoveryError.BackupFileInUse, reading.Error!.Code);

        result = new BackupFileTester(NullRecoveryLog.Instance) { Blobs = new BlobStore(Secrets.Of(azurite.Sign("rl", "2020-01-01T00:00:00Z"))) }.Test(selection).First(s => s.Result is not null).Result!;
        Assert.Equal(CheckOutcome.NotChecked, Assert.Single(result.Checks).Outcome);
    }

    private static string Facts(FileBackup b) => $"{b.Name} {b.Position} {b.Database} {b.Server} {b.Type} {b.State} {b.StartLocal:o} {b.FirstLsn} {b.LastLsn} {b.BackupSetGuid} {b.FileSizeBytes} {b.ClaimedMark} {string.Join(',', b.Findings.Select(f => f.Text))}";

    private static string Answers(FileTestResult r) => $"{r.Name} {r.Outcome} {r.Sha256} {string.Join(',', r.Checks.Where(c => c.Check != nameof(BackupCheck.Unchanged)).Select(c => c.ToString()))}";

    /// <summary>The real store; counts what each blob costs, and can act before a request.</summary>
    private sealed class CountingBlobs(BlobStore store) : IBlobStore
    {
        private readonly Lock _gate = new();
        private int _opened;

        /// <summary>Told how many blobs were opened, and which request of this one comes next.</summary>
        public Func<int, int, Task> BeforeRequest { get; init; } = (_, _) => Task.CompletedTask;

        public Dictionary<string, long> Bytes { get; } = new(StringComparer.Ordinal);

        public long Largest { get; private set; }

        public int Requests { get; private set; }

        public void Reset()
        {
            Bytes.Clear();
            (Largest, Requests) = (0, 0);
        }

        public BlobFolder List(string folder, bool recurse, CancellationToken cancellationToken = default) => store.List(folder, recurse, cancellationToken);

        public Stream Open(string url, CancellationToken cancellationToken = default)
        {
            int opened = Interlocked.Increment(ref _opened);
            var stream = (BlobStream)store.Open(url, cancellationToken);
            Note(url, stream.BytesFetched);
            return new Counted(stream, request => BeforeRequest(opened, request), bytes => Note(url, bytes));
        }

        private void Note(string url, long bytes)
        {
            lock (_gate)
            {
                Bytes[url] = Bytes.GetValueOrDefault(url) + bytes;
                Largest = Math.Max(Largest, bytes);
                Requests++;
            }
        }
    }

    private sealed class Counted(BlobStream inner, Func<int, Task> before, Action<long> fetched) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            (int requests, long bytes) = (inner.Requests, inner.BytesFetched);
            before(requests + 1).GetAwaiter().GetResult();
            int read = inner.Read(buffer, offset, count);
            if (inner.Requests > requests)
                fetched(inner.BytesFetched - bytes);
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
