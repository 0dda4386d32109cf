using System;
using System.Buffers.Binary;
using System.IO;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Backups of other versions of SQL Server: "Database engine events and errors" 3000 to 3999, numbers 3169 and 3180.</summary>
public sealed class VersionTests : IDisposable
{
    private const int OfServer2022 = 957;
    private readonly BackupFixture _lab = new();

    [Fact]
    public void A_backup_of_a_newer_version_is_refused_and_nothing_is_left()
    {
        BackupEngine target = Prepare(OfServer2022 + 1);
        Messages refused = _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.Equal([3169, 3013], refused.Errors);
        Assert.Matches(@"^The database was backed up on a server running version \d+\.\d\d\.\d{4}\. That version is incompatible with this server, which is running version \d+\.\d\d\.\d{4}\.", refused[3169]);
        Assert.Null(target.Instance.Find("Copy"));
    }

    [Fact]
    public void A_backup_of_an_older_version_cannot_be_looked_at_between_two_logs()
    {
        BackupEngine target = Prepare(OfServer2022 - 53);
        Messages refused = _lab.RestoreFull(target, "Copy", "full.bak", RecoveryOption.Standby, standby: _lab.File("undo"));
        Assert.Equal([3180, 3013], refused.Errors);
        Assert.Equal("This backup cannot be restored using WITH STANDBY because a database upgrade is needed. Reissue the RESTORE without WITH STANDBY.", refused[3180]);
        Assert.Null(target.Instance.Find("Copy"));

        Assert.True(_lab.RestoreFull(target, "Copy", "full.bak", RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    public void Dispose() => _lab.Dispose();

    /// <summary>Backs a database up and gives the file's header another version of the database.</summary>
    private BackupEngine Prepare(int version)
    {
        LabDatabase database = BackupFixture.NewDatabase(_lab.Source, "Orders");
        BackupFixture.Insert(database, 1);
        Assert.True(_lab.Full(database, "full.bak").Succeeded);
        byte[] file = File.ReadAllBytes(_lab.File("full.bak"));
        int changed = 0;
        for (int at = file.AsSpan().IndexOf("SCIN"u8); at >= 0;)
        {
            Span<byte> field = file.AsSpan(at + 0x5E, 2);
            Assert.Equal(OfServer2022, BinaryPrimitives.ReadUInt16LittleEndian(field));
            BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)version);
            changed++;
            int next = file.AsSpan(at + 4).IndexOf("SCIN"u8);
            at = next < 0 ? -1 : at + 4 + next;
        }

        Assert.NotEqual(0, changed);
        File.WriteAllBytes(_lab.File("full.bak"), file);
        return new BackupEngine(_lab.NewInstance("LABSQL2"));
    }
}
