using System;
using System.Collections.Generic;
using System.Data;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>A lab with a practice group on two in-process instances, in a temporary folder.</summary>
internal sealed class PracticeLab : IAsyncDisposable
{
    private readonly List<SqlConnection> _connections = [];

    private PracticeLab(LabFolder folder, LabEnvironment environment, GroupDefinition group, List<Exception> faults)
    {
        Folder = folder;
        Environment = environment;
        Group = group;
        Faults = faults;
    }

    public LabFolder Folder { get; }

    public LabEnvironment Environment { get; }

    public GroupDefinition Group { get; }

    public List<Exception> Faults { get; }

    public string Backups => Folder.BackupFolder;

    /// <summary>Four members, two on each instance, without filler: quick to build.</summary>
    public static GroupDefinition Small(string first = "LABSQL1", string second = "LABSQL2") => new()
    {
        Servers = [first, second],
        Members =
        [
            new(MemberRole.Management, "BizTalkMgmtDb", first, 0),
            new(MemberRole.MessageBox, "BizTalkMsgBoxDb", first, 0),
            new(MemberRole.Tracking, "BizTalkDTADb", second, 0),
            new(MemberRole.Sso, "SSODB", second, 0),
        ],
    };

    public static async Task<PracticeLab> StartAsync(GroupDefinition group, LabEnvironmentOptions? options = null)
    {
        string path = Directory.CreateTempSubdirectory("practice").FullName;
        LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), group.Servers, 1, null);
        List<Exception> faults = [];
        LabEnvironment environment;
        try
        {
            environment = await LabEnvironment.StartAsync(folder, (options ?? new LabEnvironmentOptions()) with { Faulted = faults.Add });
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }

        PracticeLab lab = new(folder, environment, group, faults);
        try
        {
            await new GroupBuilder(group, environment.ConnectionStrings).BuildAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a connection that is closed with the lab.</summary>
    public SqlConnection Open(string server, string database)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(Environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        _connections.Add(connection);
        return connection;
    }

    public SqlConnection OpenManagement() => Open(Group.Management.Server, Group.Management.Database);

    /// <summary>Runs a procedure; gives its return code and the numbers of the errors it raised.</summary>
    public static (int Code, IReadOnlyList<SqlError> Errors) Call(SqlConnection connection, string procedure, params (string Name, object? Value)[] parameters)
    {
        using SqlCommand command = new(procedure, connection) { CommandType = CommandType.StoredProcedure, CommandTimeout = 60 };
        foreach ((string name, object? value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        SqlParameter code = command.Parameters.Add("@RETURN_VALUE", SqlDbType.Int);
        code.Direction = ParameterDirection.ReturnValue;
        List<SqlError> errors = [];
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqlException failure)
        {
            errors.AddRange(failure.Errors.Cast<SqlError>().Where(error => error.Class > 10));
        }

        return (code.Value is int number ? number : int.MinValue, errors);
    }

    public (int Code, IReadOnlyList<SqlError> Errors) Full(SqlConnection connection, string? path = null) =>
        Call(connection, "dbo.sp_BackupAllFull_Schedule", ("@Frequency", "d"), ("@MarkName", "BTS"), ("@BackupPath", path ?? Backups));

    public (int Code, IReadOnlyList<SqlError> Errors) Log(SqlConnection connection, string? path = null) =>
        Call(connection, "dbo.sp_MarkAll", ("@MarkName", "BTS"), ("@BackupPath", path ?? Backups));

    public static T Scalar<T>(SqlConnection connection, string text)
    {
        using SqlCommand command = new(text, connection);
        object? value = command.ExecuteScalar();
        return value is null or DBNull ? default! : (T)value;
    }

    public static void Execute(SqlConnection connection, string text)
    {
        using SqlCommand command = new(text, connection);
        command.ExecuteNonQuery();
    }

    public static List<object?[]> Rows(SqlConnection connection, string text)
    {
        using SqlCommand command = new(text, connection);
        using SqlDataReader reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
        {
            object?[] row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SqlConnection connection in _connections)
            await connection.DisposeAsync();
        await Environment.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Folder.FullPath)!, recursive: true);
    }
}
