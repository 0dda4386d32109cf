using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;
using Xunit;

namespace BizTalkDR.Integration.Tests.Blobs;

/// <summary>Lists and bytes from a container of Azurite, and what it refuses.</summary>
public sealed class BlobStoreTests
{
    [AzuriteFact]
    public async Task Lists_page_by_page_and_reads_any_bytes()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        string[] names = ["a.bak", "deep/er/c.bak", "deep/b 1.bak", "deep/ö+%25&'x#.bak", "deep/x.trn", "deeper.bak"];
        foreach (string name in names)
            await azurite.PutBlobAsync(container, name, [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7 % 251))]);
        var store = new BlobStore(new BlobClient(Secrets.Of("?" + azurite.Sign("rl")))) { PageSize = 2 };

        BlobFolder all = store.List(container, recurse: true);
        Assert.Equal(names.Select(n => $"{container}/{n}").Order(StringComparer.Ordinal), all.Blobs.Select(b => b.Url).Order(StringComparer.Ordinal));
        Assert.Equal(0, all.FoldersLeftOut);
        Assert.All(all.Blobs, b => Assert.Equal((200_000, true), (b.SizeBytes, b.WrittenUtc > DateTime.UtcNow.AddHours(-1))));
        BlobFolder top = store.List(container + "/", recurse: false);
        Assert.Equal(["a.bak", "deeper.bak"], top.Blobs.Select(b => ServerPath.NameOf(b.Url)));
        Assert.Equal(1, top.FoldersLeftOut);
        Assert.Equal(["b 1.bak", "x.trn", "ö+%25&'x#.bak"], store.List(container + "/deep", recurse: false).Blobs.Select(b => ServerPath.NameOf(b.Url)).Order(StringComparer.Ordinal));
        Assert.Empty(store.List(container + "/nothing", recurse: true).Blobs);

        using var stream = (BlobStream)store.Open($"{container}/deep/ö+%25&'x#.bak");
        Assert.Equal(200_000, stream.Length);
        byte[] buffer = new byte[40_000];
        foreach (long at in (long[])[0, 100_000, 199_990, 100_010, 3])
        {
            stream.Position = at;
            int read = stream.ReadAtLeast(buffer, (int)Math.Min(buffer.Length, stream.Length - at), throwOnEndOfStream: false);
            Assert.Equal(Enumerable.Range((int)at, read).Select(i => (byte)(i * 7 % 251)), buffer.Take(read));
        }

        // The last two reads began within what earlier ones had fetched.
        Assert.Equal(0, stream.Seek(0, SeekOrigin.End) - stream.Length);
        Assert.Equal(0, stream.Read(buffer, 0, 10));
        Assert.InRange(stream.Requests, 4, 7);

        await azurite.PutBlobAsync(container, "deep/ö+%25&'x#.bak", new byte[100_000]);
        stream.Position = 60_000;
        Assert.Equal(RecoveryError.BackupFileInUse, Assert.Throws<RecoveryException>(() => stream.Read(buffer, 0, 10)).Code);
        await azurite.PutBlobAsync(container, "empty.bak", []);
        Refused.With(RecoveryError.BackupFileEmpty, () => store.Open(container + "/empty.bak"));
    }

    [AzuriteFact]
    public async Task Names_what_is_refused_and_never_the_signature()
    {
        await using Azurite azurite = await Azurite.StartAsync();
        string container = await azurite.ContainerAsync("backups");
        await azurite.PutBlobAsync(container, "a.bak", [1, 2, 3]);
        string good = azurite.Sign("rl");
        string damaged = good.Replace("sig=", "sig=AAAA", StringComparison.Ordinal);
        RecoveryException[] errors =
        [
            Refused.With(RecoveryError.BlobNotFound, () => Store(good).List($"{azurite.Address}/elsewhere", true)),
            Refused.With(RecoveryError.BlobNotFound, () => Store(good).Open(container + "/b.bak")),
            Refused.With(RecoveryError.BlobAccessDenied, () => Store(damaged).List(container, true)),
            Refused.With(RecoveryError.BlobAccessDenied, () => Store(azurite.Sign("r")).List(container, true)),
            Refused.With(RecoveryError.BlobSignatureExpired, () => Store(azurite.Sign("rl", "2020-01-01T00:00:00Z")).List(container, true)),
            Refused.With(RecoveryError.BackupPathInvalid, () => Store(good).List($"{container}?{good}", true)),
            Refused.With(RecoveryError.BackupPathInvalid, () => Store(good).Open(container)),
        ];
        Assert.Contains("2020-01-01 00:00:00 UTC", errors[4].Message, StringComparison.Ordinal);
        Assert.All(errors, e => Assert.DoesNotContain("sig=", $"{e} {e.Target} {e.Hint}", StringComparison.OrdinalIgnoreCase));
        Assert.True(Assert.Throws<RecoveryException>(() => new BlobStore((System.Security.SecureString?)null).List(container, true)).Code is RecoveryError.BlobAccessDenied or RecoveryError.BlobNotFound);
        Refused.With(RecoveryError.OperationCancelled, () => Store(good).List(container, true, new CancellationToken(canceled: true)));
    }

    private static BlobStore Store(string token) => new(Secrets.Of(token));
}
