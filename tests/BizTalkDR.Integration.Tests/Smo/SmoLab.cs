using System;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.RealClients;

/// <summary>One instance of the lab for real clients.</summary>
public sealed class SmoLab : IAsyncLifetime, IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private LabEnvironment _environment = null!;

    public string ConnectionString { get; private set; } = null!;

    public string Folder => _scratch.Path;

    public async Task InitializeAsync()
    {
        _environment = await LabEnvironment.StartAsync(LabFolder.Create(_scratch["lab"], ["SMOSQL1"], 1, null), new LabEnvironmentOptions());
        ConnectionString = _environment.ConnectionStrings["SMOSQL1"];
        using SqlConnection connection = Open();
        Execute(connection, "CREATE DATABASE practice;");
        Execute(connection, "USE practice; CREATE TABLE dbo.t (Id int NOT NULL PRIMARY KEY, Name nvarchar(40) NULL); INSERT INTO dbo.t VALUES (1, N'one');");
        Execute(connection, "USE practice; EXEC('CREATE PROCEDURE dbo.p @a int AS RETURN @a;');");
    }

    public async Task DisposeAsync()
    {
        SqlConnection.ClearAllPools();
        await _environment.DisposeAsync();
    }

    public void Dispose() => _scratch.Dispose();

    public SqlConnection Open(string database = "master")
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(ConnectionString) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public static void Execute(SqlConnection connection, string text)
    {
        using SqlCommand command = new(text, connection);
        command.ExecuteNonQuery();
    }
}

[CollectionDefinition("smo")]
public sealed class SmoCollection : ICollectionFixture<SmoLab>;
