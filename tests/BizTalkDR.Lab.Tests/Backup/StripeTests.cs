using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Striped and compressed media (facts: backup-file-format.md §3.2, §7; numbers: "Database engine events and errors 3000 to 3999").</summary>
public sealed class StripeTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Restores_from_all_stripes_in_any_order(int count, bool compressed)
    {
        LabDatabase source = NewDatabase();
        string[] files = [.. Enumerable.Range(1, count).Select(i => $"s{i}.bak")];
        Assert.True(Backup(BackupKind.Database, files, compressed).Succeeded);
        BackupFixture.Insert(source, 1001, "BTS_1");
        Fill(source, 500, 3000);
        Assert.True(Backup(BackupKind.Differential, files, compressed).Succeeded);
        BackupFixture.Insert(source, 1002);
        Fill(source, 500, 4000);
        Assert.True(Backup(BackupKind.Log, files, compressed).Succeeded);
        Assert.All(files, f => Assert.True(new FileInfo(_lab.File(f)).Length > 5_000));

        Assert.Equal([3262], BackupFixture.Run(s => _lab.Engine.VerifyOnly([.. files.Reverse().Select(_lab.File)], 3, true, false, s, default)).Numbers);
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        string[] shuffled = [.. files.Reverse()];
        Messages full = _lab.RestoreFrom(target, "Copy", shuffled);
        Assert.True(full.Succeeded, full.ToString());
        Messages diff = _lab.RestoreFrom(target, "Copy", shuffled, 2);
        Assert.True(diff.Succeeded, diff.ToString());
        Messages log = _lab.RestoreFrom(target, "Copy", shuffled, 3, RestoreKind.Log, RecoveryOption.Recovery);
        Assert.True(log.Succeeded, log.ToString());
        Assert.Equal(BackupFixture.Numbers(source), BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Says_which_family_each_file_is()
    {
        NewDatabase();
        Backup(BackupKind.Database, ["a.bak", "b.bak"], false);
        ResultTable[] labels = [_lab.Engine.LabelOnly([_lab.File("a.bak")]), _lab.Engine.LabelOnly([_lab.File("b.bak")])];
        Assert.Equal([(2, 1), (2, 2)], labels.Select(l => ((int)l.Rows[0][2]!, (int)l.Rows[0][3]!)));
        Assert.Equal(labels[0].Rows[0][1], labels[1].Rows[0][1]);

        // Headers and file list can be read from one stripe.
        Assert.Equal(_lab.Engine.HeaderOnly([_lab.File("a.bak")], null).Rows[0], _lab.Engine.HeaderOnly([_lab.File("b.bak")], null).Rows[0]);
        LabTable families = _lab.Source.Find("msdb")!.FindTable("dbo", "backupmediafamily")!;
        Assert.Equal([_lab.File("a.bak"), _lab.File("b.bak")], families.Scan(null).Select(r => (string)r.Values[families.Def.Columns.FindIndex(c => c.Name == "physical_device_name")]!));
    }

    [Fact]
    public void Refuses_missing_foreign_and_doubled_stripes()
    {
        LabDatabase source = NewDatabase();
        Backup(BackupKind.Database, ["a.bak", "b.bak"], false);
        Backup(BackupKind.Database, ["c.bak", "d.bak"], false);
        _lab.Full(source, "one.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages missing = _lab.RestoreFrom(target, "Copy", ["a.bak"]);
        Assert.Equal([3132, 3013], missing.Errors);
        Assert.Equal("The media set has 2 media families but only 1 are provided. All members must be provided.", missing[3132]);
        Assert.Equal([3258, 3013], _lab.RestoreFrom(target, "Copy", ["a.bak", "d.bak"]).Errors);
        Assert.Equal([3227, 3013], _lab.RestoreFrom(target, "Copy", ["a.bak", "a.bak"]).Errors);
        Messages many = _lab.RestoreFrom(target, "Copy", ["one.bak", "one.bak"]);
        Assert.Equal([3231, 3013], many.Errors);
        Assert.Equal($"The media loaded on \"{_lab.File("one.bak")}\" is formatted to support 1 media families, but 2 media families are expected according to the backup device specification.", many[3231]);
        Assert.Null(target.Instance.Find("Copy"));

        Messages append = _lab.Full(source, "a.bak");
        Assert.Equal([3231, 3013], append.Errors);
        Assert.Equal([3231, 3013], _lab.Full(source, "a.bak", init: true).Errors);
        Assert.True(_lab.Backup(new BackupRequest { Database = "Orders", Disks = [_lab.File("a.bak")], Format = true }).Succeeded);
        Assert.Equal([3258, 3013], Backup(BackupKind.Database, ["c.bak", "b.bak"], false).Errors);
        Assert.Equal([3205, 3013], _lab.Backup(new BackupRequest { Database = "Orders", Disks = [.. Enumerable.Range(0, 65).Select(i => _lab.File($"x{i}.bak"))] }).Errors);
    }

    [Fact]
    public void Compresses_and_says_so()
    {
        LabDatabase source = NewDatabase();
        Fill(source, 3000, 5000);
        Backup(BackupKind.Database, ["plain.bak"], false);
        Backup(BackupKind.Database, ["small.bak"], true);
        BackupFixture.Insert(source, 1001);
        Backup(BackupKind.Log, ["small.bak"], null);
        Assert.True(File.ReadAllBytes(_lab.File("small.bak")).AsSpan().StartsWith("MSSQLBAK"u8));
        Assert.True(new FileInfo(_lab.File("small.bak")).Length * 3 < new FileInfo(_lab.File("plain.bak")).Length);
        ResultTable header = _lab.Engine.HeaderOnly([_lab.File("small.bak")], null);
        int At(string name) => header.Columns.ToList().FindIndex(c => c.Name == name);
        Assert.Equal([(byte)1, (byte)1], header.Rows.Select(r => (byte)r[At("Compressed")]!));
        Assert.True((long)header.Rows[0][At("CompressedBackupSize")]! * 3 < (decimal)header.Rows[0][At("BackupSize")]!);
        Assert.Equal(true, _lab.Engine.LabelOnly([_lab.File("small.bak")]).Rows[0][12]);
        Assert.Equal((byte)0, _lab.Engine.HeaderOnly([_lab.File("plain.bak")], null).Rows[0][4]);

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Assert.True(_lab.RestoreFrom(target, "Copy", ["small.bak"]).Succeeded);
        Assert.True(_lab.RestoreFrom(target, "Copy", ["small.bak"], 2, RestoreKind.Log, RecoveryOption.Recovery).Succeeded);
        Assert.Equal(BackupFixture.Numbers(source), BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Does_not_mix_plain_and_compressed_sets_on_one_medium()
    {
        NewDatabase();
        Backup(BackupKind.Database, ["plain.bak"], false);
        Backup(BackupKind.Database, ["small.bak"], true);
        Messages refused = Backup(BackupKind.Database, ["plain.bak"], true);
        Assert.Equal([3098, 3013], refused.Errors);
        Assert.StartsWith("The backup cannot be performed because 'COMPRESSION' was requested after the media was formatted with an incompatible structure.", refused[3098], StringComparison.Ordinal);
        Assert.Equal([3098, 3013], Backup(BackupKind.Database, ["small.bak"], false).Errors);
        Assert.True(_lab.Backup(new BackupRequest { Database = "Orders", Disks = [_lab.File("plain.bak")], Compression = true, Format = true }).Succeeded);
    }

    [Fact]
    public void Notices_a_flipped_bit_in_compressed_data()
    {
        NewDatabase();
        Backup(BackupKind.Database, ["small.bak"], true);
        byte[] bytes = File.ReadAllBytes(_lab.File("small.bak"));
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Random random = new(5);
        int noticed = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = (byte[])bytes.Clone();
            damaged[random.Next(0x1E0, bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_lab.File("bad.bak"), damaged);
            Messages verify = BackupFixture.Run(s => target.VerifyOnly([_lab.File("bad.bak")], 1, false, false, s, default));
            noticed += verify.Numbers.SequenceEqual([3262]) ? 0 : 1;
            Assert.True(verify.Numbers.SequenceEqual([3262]) || verify.Errors.Last() == 3013, verify.ToString());
        }

        Assert.True(noticed > 35, $"{noticed} of 60");
        File.WriteAllBytes(_lab.File("bad.bak"), bytes[..(bytes.Length / 2)]);
        Assert.Equal([3203, 3013], BackupFixture.Run(s => target.Restore(new RestoreRequest { Database = "Copy", Disks = [_lab.File("bad.bak")] }, s, default)).Errors);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(2, 60)]
    [InlineData(3, 32768)]
    [InlineData(4, 32768)]
    public void Xpress_gives_back_what_was_encoded(int kind, int size)
    {
        XpressEncoder encoder = new();
        XpressDecoder decoder = new();
        byte[] packed = new byte[XpressEncoder.LargestOutput];
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            byte[] data = new byte[kind < 3 ? random.Next(1, size) : size];
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = kind switch
                {
                    0 => 0,
                    1 => (byte)random.Next(256),
                    2 => (byte)random.Next(2),
                    3 => (byte)(random.Next(100) == 0 ? random.Next(256) : i % 7),
                    _ => (byte)(random.NextDouble() * random.NextDouble() * random.NextDouble() * 256),
                };
            }

            int length = encoder.Encode(data, packed);
            byte[] result = new byte[data.Length];
            Assert.True(decoder.TryDecode(packed.AsSpan(0, length), result));
            Assert.Equal(data, result);
        }
    }

    private LabDatabase NewDatabase()
    {
        LabDatabase database = BackupFixture.NewDatabase(_lab.Source, "Orders");
        Fill(database, 2000, 0);
        return database;
    }

    private static void Fill(LabDatabase database, int count, int from)
    {
        LabTransaction transaction = database.Instance.Begin();
        LabTable table = database.FindTable("dbo", "Numbers")!;
        for (int i = 0; i < count; i++)
        {
            table.Insert(transaction, [from + i]);
        }

        database.Instance.Commit(transaction);
        database.Checkpoint();
    }

    private Messages Backup(BackupKind kind, string[] files, bool? compressed) =>
        _lab.Backup(new BackupRequest { Database = "Orders", Kind = kind, Disks = [.. files.Select(_lab.File)], Compression = compressed, Checksum = true });
}
