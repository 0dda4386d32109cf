using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Faults;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Faults;

/// <summary>Each fault of the catalogue happens to a running lab, whose instances are processes; its check says so, and says no when nothing happened.</summary>
[Collection("Processes that are ended")]
public sealed class FaultCatalogueTests
{
    private const string First = "FAULT1";

    public static TheoryData<string> Names
    {
        get
        {
            TheoryData<string> names = [];
            foreach (LabFault fault in FaultCatalogue.All)
                names.Add(fault.Name);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_fault_takes_effect_and_its_check_notices_when_it_has_not(string name)
    {
        await RunAsync(async environment =>
        {
            LabFault fault = FaultCatalogue.Find(name)!;
            LabFault idle = fault with { InjectAsync = (t, _) => Task.FromResult(t.ChooseInstance() + t.ChooseBackup()) };
            using (FaultTarget spared = new(environment, 7))
                await Assert.ThrowsAsync<FaultException>(() => idle.ApplyAsync(spared));

            using FaultTarget target = new(environment, 7);
            string done = await fault.ApplyAsync(target);
            Assert.Contains(target.Instance.Length > 0 ? target.Instance : target.BackupFile, done, StringComparison.Ordinal);
            Assert.True(await fault.HasEffectAsync(target, default), "The fault did not last.");
        });
    }

    [Theory]
    [InlineData("truncate-backup")]
    [InlineData("remove-backup")]
    [InlineData("lock-backup")]
    [InlineData("damage-backup")]
    public async Task A_server_refuses_the_backup_file_that_a_fault_has_hit(string name)
    {
        await RunAsync(async environment =>
        {
            using FaultTarget target = new(environment, 3);
            await FaultCatalogue.Find(name)!.ApplyAsync(target);
            SqlException refused = await Assert.ThrowsAsync<SqlException>(() => ExecuteAsync(environment, $"RESTORE VERIFYONLY FROM DISK = N'{target.BackupFile}' WITH CHECKSUM;"));
            Assert.Contains(refused.Errors.Cast<SqlError>(), e => e.Number is 3013);
        });
    }

    [Theory]
    [InlineData("fill-disk")]
    [InlineData("change-clock")]
    public async Task A_restart_of_the_instance_ends_what_its_disk_or_clock_had(string name)
    {
        await RunAsync(async environment =>
        {
            LabFault fault = FaultCatalogue.Find(name)!;
            using FaultTarget target = new(environment, 1);
            await fault.ApplyAsync(target);
            await environment.StartInstanceAsync(target.Instance);
            Assert.False(await fault.HasEffectAsync(target, default));
            Assert.True(await ScalarAsync(environment, "SELECT COUNT(*) FROM Held.dbo.T;") == 500, "Rows are missing after the restart.");
        });
    }

    [Fact]
    public async Task The_same_seed_chooses_the_same_file_and_the_same_place()
    {
        await RunAsync(environment =>
        {
            using FaultTarget one = new(environment, 11);
            using FaultTarget other = new(environment, 11);
            Assert.Equal((one.ChooseInstance(), one.ChooseBackup(), one.Offset), (other.ChooseInstance(), other.ChooseBackup(), other.Offset));
            return Task.CompletedTask;
        });
    }

    private static async Task RunAsync(Func<LabEnvironment, Task> act)
    {
        string path = Directory.CreateTempSubdirectory("fault-").FullName;
        try
        {
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), [First, "FAULT2"], 1, null);
            await using LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true });
            await ExecuteAsync(environment, "CREATE DATABASE Held;");
            await ExecuteAsync(environment, "CREATE TABLE Held.dbo.T (Id INT IDENTITY PRIMARY KEY, Filler CHAR(2000) NOT NULL); DECLARE @i INT = 0; WHILE @i < 500 BEGIN INSERT INTO Held.dbo.T (Filler) VALUES (REPLICATE('x', 2000)); SET @i += 1; END");
            foreach (string file in (string[])["one", "two", "three"])
                await ExecuteAsync(environment, $"BACKUP DATABASE Held TO DISK = N'{Path.Combine(folder.BackupFolder, file)}.bak' WITH CHECKSUM;");
            await act(environment);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task ExecuteAsync(LabEnvironment environment, string text)
    {
        await using SqlConnection connection = new(environment.ConnectionStrings[First]);
        await connection.OpenAsync();
        await using SqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> ScalarAsync(LabEnvironment environment, string text)
    {
        await using SqlConnection connection = new(environment.ConnectionStrings[First]);
        await connection.OpenAsync();
        await using SqlCommand command = new(text, connection);
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
