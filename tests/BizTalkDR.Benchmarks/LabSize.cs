using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks;

/// <summary>Backs up and restores one big database of an instance that has a process of its own; looks at clock and memory from outside.</summary>
internal static class LabSize
{
    private const long MostBytes = 512L << 20;
    private const double LeastOfCopy = 0.5;
    private const int Connections = 200;
    private const int SeedRows = 1024;
    private const int RowBytes = 7800;
    private const string Server = "LABSQL1";
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--size-gb", "--size-mb", "--json", "--folder"], []);
        long megabytes = line.Has("--size-mb") ? line.Number("--size-mb", 64, 1, 1 << 20) : line.Number("--size-gb", 5, 1, 64) * 1024L;
        string parent = line.Value("--folder") ?? Path.GetTempPath();
        string path = Directory.CreateDirectory(Path.Combine(parent, "biztalkdr-size-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).FullName;
        try
        {
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), [Server], 1, null);
            LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true });
            await using (environment)
            {
                Run run = new(environment, folder, output);
                Figures figures = await run.MeasureAsync(megabytes);
                if (line.Value("--json") is { } file)
                    await File.WriteAllTextAsync(file, JsonSerializer.Serialize(figures, s_indented));
                return figures.IsIdentical ? 0 : 1;
            }
        }
        finally
        {
            SqlConnection.ClearAllPools();
            Directory.Delete(path, recursive: true);
        }
    }

    private sealed record Figures(
        long DataBytes, long BackupBytes, double BackupSeconds, double CopySeconds, double SyncedCopySeconds, double RestoreSeconds, double RestartSeconds,
        long PeakBytes, long PeakAfterRestartBytes, int Connections, bool IsIdentical)
    {
        public double OfCopy => CopySeconds / BackupSeconds;

        public bool IsKept => Math.Max(PeakBytes, PeakAfterRestartBytes) < MostBytes && OfCopy >= LeastOfCopy && Connections == LabSize.Connections && IsIdentical;
    }

    private sealed class Run(LabEnvironment environment, LabFolder folder, TextWriter output)
    {
        private string Address => environment.ConnectionStrings[Server];

        public async Task<Figures> MeasureAsync(long megabytes)
        {
            double fill = await TimeAsync(() => FillAsync(megabytes));
            long data = Directory.EnumerateFiles(folder.InstanceFolder(Server), "Big.mdf", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
            await SayAsync($"{data / 1048576.0:0} MB of pages, filled in {fill:0.0} s, peak {Peak() / 1048576.0:0} MB");
            string file = Path.Combine(folder.BackupFolder, "Big.bak");
            using CancellationTokenSource stop = new();
            SqlConnection[] open = await OpenAllAsync();
            Task<int> crowd = AskAsync(open, stop.Token);
            double backup = await TimeAsync(() => ExecuteAsync($"BACKUP DATABASE Big TO DISK = N'{file}' WITH CHECKSUM;"));
            await stop.CancelAsync();
            int connections = await crowd;
            long bytes = new FileInfo(file).Length;
            await SayAsync($"backup  {backup:0.0} s, {bytes / 1048576.0 / backup:0} MB/s with {connections} other connections asking, peak {Peak() / 1048576.0:0} MB");
            double copy = await TimeAsync(() => StartAsync("cp", file, file + ".copy"));
            double synced = copy + await TimeAsync(() => StartAsync("sync", file + ".copy"));
            File.Delete(file + ".copy");
            await SayAsync($"cp      {copy:0.0} s, {bytes / 1048576.0 / copy:0} MB/s; with sync, which the backup has done too, {synced:0.0} s");
            double restore = await TimeAsync(() => ExecuteAsync(
                $"RESTORE DATABASE Again FROM DISK = N'{file}' WITH MOVE N'Big' TO N'{Path.Combine(folder.FullPath, "Again.mdf")}', MOVE N'Big_log' TO N'{Path.Combine(folder.FullPath, "Again.ldf")}', CHECKSUM;"));
            long peak = Peak();
            await SayAsync($"restore {restore:0.0} s, {bytes / 1048576.0 / restore:0} MB/s, peak {peak / 1048576.0:0} MB");
            double restart = await TimeAsync(RestartAsync);
            bool same = await SumAsync("Big") is { } one && one == await SumAsync("Again");
            long second = Peak();
            await SayAsync($"start   {restart:0.0} s after SIGKILL; all rows of both read and compared: {(same ? "the same" : "DIFFERENT")}, peak {second / 1048576.0:0} MB");
            Figures figures = new(data, bytes, backup, copy, synced, restore, restart, peak, second, connections, same);
            await SayAsync($"Promise: < {MostBytes >> 20} MB, backup >= {LeastOfCopy} of cp ({figures.OfCopy:0.00}), {Connections} connections ({connections}). {(figures.IsKept ? "Kept." : "NOT KEPT.")}");
            return figures;
        }

        private Task SayAsync(FormattableString text) => output.WriteLineAsync(text.ToString(CultureInfo.InvariantCulture));

        private long Peak()
        {
            using Process process = Process.GetProcessById(environment.Child(Server).ProcessId);
            return ProcessMemory.PeakOf(process) ?? 0;
        }

        private static async Task<double> TimeAsync(Func<Task> work)
        {
            long began = Stopwatch.GetTimestamp();
            await work();
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        private static async Task StartAsync(string program, params string[] arguments)
        {
            using Process process = Process.Start(program, arguments);
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} failed.");
        }

        private async Task ExecuteAsync(string text, byte[]? content = null)
        {
            await using SqlConnection connection = new(Address);
            await connection.OpenAsync();
            await using SqlCommand command = new(text, connection) { CommandTimeout = 0 };
            if (content is not null)
                command.Parameters.Add("@c", System.Data.SqlDbType.VarBinary, RowBytes).Value = content;
            await command.ExecuteNonQueryAsync();
        }

        /// <summary>Some rows from here, the rest made of them there, a few megabytes in each transaction.</summary>
        private async Task FillAsync(long megabytes)
        {
            await ExecuteAsync("CREATE DATABASE Big;");
            await ExecuteAsync("CREATE TABLE Big.dbo.Seed (Id bigint NOT NULL, Content varbinary(7800) NOT NULL);");
            await ExecuteAsync("CREATE TABLE Big.dbo.Content (Id bigint NOT NULL PRIMARY KEY, Content varbinary(7800) NOT NULL);");
            Random random = new(1);
            byte[] content = new byte[RowBytes];
            for (int i = 0; i < SeedRows; i++)
            {
                random.NextBytes(content);
                await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO Big.dbo.Seed VALUES ({i}, @c);"), content);
            }

            long rounds = Math.Max(1, megabytes * 1048576 / 8192 / SeedRows);
            for (long round = 0; round < rounds; round++)
                await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO Big.dbo.Content SELECT Id + {round * SeedRows}, Content FROM Big.dbo.Seed;"));
        }

        private async Task<SqlConnection[]> OpenAllAsync()
        {
            SqlConnectionStringBuilder settings = new(Address) { MaxPoolSize = Connections + 10, ConnectTimeout = 60 };
            SqlConnection[] open = [.. Enumerable.Range(0, Connections).Select(_ => new SqlConnection(settings.ConnectionString))];
            await Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (connection, _) => await connection.OpenAsync(CancellationToken.None));
            return open;
        }

        /// <summary>Lets every connection ask for a row, one after the other, again and again.</summary>
        /// <returns>Connections that got their answer in the last round.</returns>
        private static async Task<int> AskAsync(SqlConnection[] open, CancellationToken stop)
        {
            int answered;
            do
            {
                answered = 0;
                foreach (SqlConnection connection in open)
                {
                    await using SqlCommand command = new("SELECT COUNT(*) FROM Big.dbo.Content WHERE Id = 7;", connection);
                    answered += (int)(await command.ExecuteScalarAsync(CancellationToken.None))!;
                    await Task.Delay(5, CancellationToken.None);
                }
            }
            while (!stop.IsCancellationRequested);
            foreach (SqlConnection connection in open)
                await connection.DisposeAsync();
            return answered;
        }

        private async Task RestartAsync()
        {
            SqlConnection.ClearAllPools();
            await environment.Child(Server).KillAsync();
            await environment.StartInstanceAsync(Server);
        }

        private async Task<string?> SumAsync(string database)
        {
            await using SqlConnection connection = new(Address);
            await connection.OpenAsync();
            await using SqlCommand command = new($"SELECT Id, Content FROM {database}.dbo.Content;", connection) { CommandTimeout = 0 };
            await using SqlDataReader reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess);
            using System.Security.Cryptography.IncrementalHash hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
            byte[] content = new byte[RowBytes];
            long rows = 0;
            while (await reader.ReadAsync())
            {
                hash.AppendData(BitConverter.GetBytes(reader.GetInt64(0)));
                hash.AppendData(content.AsSpan(0, (int)reader.GetBytes(1, 0, content, 0, content.Length)));
                rows++;
            }

            return rows == 0 ? null : Convert.ToHexString(hash.GetHashAndReset());
        }
    }
}
