using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Benchmarks.Files;

/// <summary>Backups as the lab's BACKUP statement writes them, of small and large databases with seeded contents.</summary>
internal static class LabBackups
{
    private const int LogsOfOneDatabase = 1680;
    private const int RowBytes = 7900;
    private static readonly string[] s_databases = ["BizTalkMsgBoxDb", "BizTalkMgmtDb", "BizTalkDTADb", "SSODB", "BizTalkRuleEngineDb", "BAMPrimaryImport", "BAMArchive", "BAMStarSchema"];

    /// <summary>Writes log backups, each with one marked transaction and named as BizTalk's job names them.</summary>
    /// <param name="folder">Gets the files.</param>
    /// <param name="count">How many.</param>
    /// <param name="written">Told of each file.</param>
    public static void WriteLogs(string folder, int count, Action? written = null)
    {
        string instances = Directory.CreateDirectory(Path.Combine(folder, "instances")).FullName;
        int databases = (count + LogsOfOneDatabase - 1) / LogsOfOneDatabase;
        Parallel.For(0, databases, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            int many = Math.Min(LogsOfOneDatabase, count - (i * LogsOfOneDatabase));
            string server = string.Create(CultureInfo.InvariantCulture, $"LABSQL{(i / s_databases.Length) + 1}");
            WriteLogsOf(folder, Path.Combine(instances, i.ToString(CultureInfo.InvariantCulture)), server, s_databases[i % s_databases.Length], many, new Random(i), written);
        });
        Directory.Delete(instances, recursive: true);
    }

    /// <summary>Writes the full backup of a database of about a size.</summary>
    public static void WriteFull(string folder, string path, long bytes, bool checksum)
    {
        using LabInstance instance = LabInstance.Create(new InstanceOptions { ServerName = "LABSQL1", Folder = folder });
        LabDatabase database = instance.CreateDatabase(s_databases[0], "sa");
        LabTable table = CreateTable(instance, database);
        Random random = new(1);
        const int batch = 512;
        for (long done = 0; done < bytes / 8192; done += batch)
        {
            LabTransaction transaction = instance.Begin();
            for (int i = 0; i < batch; i++)
            {
                byte[] content = new byte[RowBytes];
                random.NextBytes(content);
                table.Insert(transaction, [(int)(done + i), content]);
            }

            instance.Commit(transaction);
        }

        new BackupEngine(instance).Backup(new BackupRequest { Database = database.Name, Disks = [path], Checksum = checksum }, new Sink(), CancellationToken.None);
    }

    /// <summary>
    /// Writes what a group's databases leave behind in an hour: of each a full and six logs, half of them WITH CHECKSUM. Between them rows come and go,
    /// so that pages are freed and used again.
    /// </summary>
    public static void WriteMixed(string folder)
    {
        for (int i = 0; i < 4; i++)
        {
            string name = s_databases[i];
            bool checksum = i % 2 == 1;
            string instanceFolder = Path.Combine(folder, "instance");
            SetClock clock = new(new DateTime(2024, 5, 6, 8, 0, 0, DateTimeKind.Utc));
            using (LabInstance instance = LabInstance.Create(new InstanceOptions { ServerName = "LABSQL1", Folder = instanceFolder, Clock = clock }))
            {
                LabDatabase database = instance.CreateDatabase(name, "sa");
                LabTable table = CreateTable(instance, database);
                BackupEngine engine = new(instance);
                Sink sink = new();
                Random random = new(i);
                string Stamp() => instance.Now.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
                string PathOf(string kind) => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, $"{name}-{kind}")).FullName, $"LABSQL1_{name}_{kind}_{(kind == "Log" ? "BTS_" : string.Empty)}{Stamp()}.bak");
                for (int round = 0; round < 8; round++)
                {
                    clock.Advance(TimeSpan.FromMinutes(7.5));
                    string mark = "BTS_" + Stamp();
                    Work(instance, table, random, mark);
                    bool full = round is 0 or 4;
                    engine.Backup(new BackupRequest { Database = name, Kind = full ? BackupKind.Database : BackupKind.Log, Disks = [PathOf(full ? "Full" : "Log")], Checksum = checksum }, sink, CancellationToken.None);
                }
            }

            Directory.Delete(instanceFolder, recursive: true);
        }
    }

    /// <summary>Adds rows of all sizes and takes a third of the old ones away.</summary>
    private static void Work(LabInstance instance, LabTable table, Random random, string mark)
    {
        LabTransaction transaction = instance.Begin(mark);
        transaction.MarkName = mark;
        foreach (LabRow row in table.Scan(transaction).Where(_ => random.Next(3) == 0).ToArray())
            table.Delete(transaction, row.RowId);
        for (int i = 0; i < 120; i++)
        {
            byte[] content = new byte[random.Next(8) == 0 ? random.Next(60_000) : random.Next(2000)];
            random.NextBytes(content.AsSpan(content.Length / 3));
            table.Insert(transaction, [i, content]);
        }

        instance.Commit(transaction);
    }

    private static void WriteLogsOf(string folder, string instanceFolder, string server, string name, int count, Random random, Action? written)
    {
        SetClock clock = new(new DateTime(2024, 5, 6, 0, 0, 0, DateTimeKind.Utc));
        using (LabInstance instance = LabInstance.Create(new InstanceOptions { ServerName = server, Folder = instanceFolder, Clock = clock }))
        {
            LabDatabase database = instance.CreateDatabase(name, "sa");
            LabTable table = CreateTable(instance, database);
            BackupEngine engine = new(instance);
            Sink sink = new();
            engine.Backup(new BackupRequest { Database = name, Disks = [Path.Combine(instanceFolder, "full.bak")] }, sink, CancellationToken.None);
            for (int i = 0; i < count; i++)
            {
                clock.Advance(TimeSpan.FromMinutes(15));
                string mark = "BTS_" + instance.Now.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
                byte[] content = new byte[random.Next(16, 4000)];
                random.NextBytes(content);
                LabTransaction transaction = instance.Begin(mark);
                transaction.MarkName = mark;
                table.Insert(transaction, [i, content]);
                instance.Commit(transaction);
                string path = Path.Combine(folder, $"{server}_{name}_Log_{mark}.bak");
                engine.Backup(new BackupRequest { Database = name, Kind = BackupKind.Log, Disks = [path] }, sink, CancellationToken.None);
                written?.Invoke();
            }
        }

        Directory.Delete(instanceFolder, recursive: true);
    }

    private static LabTable CreateTable(LabInstance instance, LabDatabase database)
    {
        LabTransaction transaction = instance.Begin();
        LabTable table = database.CreateTable(transaction, new TableDef
        {
            ObjectId = database.NewObjectId(),
            Name = "Spool",
            Columns =
            [
                new ColumnDef { Name = "Id", Type = SqlType.Int, ColumnId = 1, Nullable = false },
                new ColumnDef { Name = "Content", Type = SqlType.VarBinaryMax, ColumnId = 2 },
            ],
        });
        instance.Commit(transaction);
        return table;
    }

    /// <summary>A clock that stands between backups: a file's name and its header must tell the same time.</summary>
    private sealed class SetClock(DateTime start) : TimeProvider
    {
        private DateTime _now = start;

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);
    }

    /// <summary>Takes the messages of statements; an error among them ends the statement by an exception anyway.</summary>
    private sealed class Sink : IMessageSink
    {
        public void Message(SqlMessage message)
        {
        }
    }
}
