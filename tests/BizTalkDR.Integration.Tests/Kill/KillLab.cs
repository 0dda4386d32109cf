using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>Two instances in processes of their own, two databases on each, linked both ways.</summary>
internal sealed class KillLab : IAsyncDisposable
{
    private static readonly string[] _servers = ["KILL1", "KILL2"];
    private readonly string _path;
    private readonly LabEnvironment _environment;

    private KillLab(string path, LabEnvironment environment)
    {
        _path = path;
        _environment = environment;
    }

    public static async Task<KillLab> StartAsync()
    {
        string path = Directory.CreateTempSubdirectory("kill-lab-").FullName;
        LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), _servers, 1, null);
        LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true, CanEndSuddenly = true });
        KillLab lab = new(path, environment);
        try
        {
            foreach (string server in _servers)
                await lab.BuildAsync(server);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public static string Server(bool second) => _servers[second ? 1 : 0];

    public static string[] Databases(string server) => [server + "_A", server + "_B"];

    public static IEnumerable<(string Server, string Database)> AllDatabases() => _servers.SelectMany(server => Databases(server).Select(database => (server, database)));

    public ChildInstance Child(string server) => _environment.Child(server);

    public async Task<SqlConnection> OpenAsync(string server, string database = "master")
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(_environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false, ConnectRetryCount = 0 }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Starts an instance that has ended; false when the new process ended at the given sync of its start.</summary>
    public async Task<bool> RestartAsync(string server, int endAfterSync)
    {
        try
        {
            await _environment.StartInstanceAsync(server, endAfterSync, CancellationToken.None);
            return await Child(server).EndAfterSyncAsync(0, CancellationToken.None) is not null;
        }
        catch (LabException) when (endAfterSync > 0)
        {
            return false;
        }
    }

    /// <summary>Ends a process from outside, wherever it is.</summary>
    public Task KillAsync(string server) => Child(server).KillAsync();

    public async Task<IReadOnlyList<int>> ReadAsync(string server, string database, int? id = null)
    {
        await using SqlConnection connection = await OpenAsync(server, database);
        await using SqlCommand command = new(id is null ? "SELECT Id FROM dbo.T;" : "SELECT Id FROM dbo.T WHERE Id = @id;", connection) { CommandTimeout = 20 };
        if (id is not null)
            command.Parameters.AddWithValue("@id", id);
        List<int> ids = [];
        await using SqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            ids.Add(reader.GetInt32(0));
        return ids;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _environment.DisposeAsync();
        }
        finally
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    private async Task BuildAsync(string server)
    {
        string other = _servers.Single(s => s != server);
        await using SqlConnection connection = await OpenAsync(server);
        await ExecuteAsync(connection, $"""
            EXEC sp_addlinkedserver @server = N'{other}', @srvproduct = N'SQL Server';
            EXEC sp_serveroption @server = N'{other}', @optname = 'rpc', @optvalue = 'true';
            EXEC sp_serveroption @server = N'{other}', @optname = 'rpc out', @optvalue = 'true';
            """);
        foreach (string database in Databases(server))
        {
            await ExecuteAsync(connection, $"CREATE DATABASE [{database}];");
            await ExecuteAsync(connection, $"ALTER DATABASE [{database}] SET RECOVERY FULL;");
            await ExecuteAsync(connection, $"USE [{database}];");
            await ExecuteAsync(connection, "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY, Content nvarchar(100) NOT NULL);");
            await ExecuteAsync(connection, """
                CREATE PROCEDURE dbo.WriteMarked @id int AS
                BEGIN
                    SET NOCOUNT ON;
                    BEGIN TRANSACTION M WITH MARK N'kill';
                    INSERT INTO dbo.T (Id, Content) VALUES (@id, N'marked');
                    COMMIT TRANSACTION M;
                END
                """);
        }
    }

    public static async Task ExecuteAsync(SqlConnection connection, string text, int? id = null)
    {
        await using SqlCommand command = new(text, connection) { CommandTimeout = 60 };
        if (id is not null)
            command.Parameters.AddWithValue("@id", id);
        await command.ExecuteNonQueryAsync();
    }
}
