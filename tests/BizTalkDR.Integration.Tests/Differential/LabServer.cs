using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Tests.Restore.Model;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>One instance of the lab, spoken to in plain T-SQL: nothing of the product is in the way.</summary>
internal sealed class LabServer : IDisposable
{
    private readonly SqlConnection _master;

    public LabServer(string connectionString)
    {
        _master = new SqlConnection(new SqlConnectionStringBuilder(connectionString) { InitialCatalog = "master", Pooling = false }.ConnectionString);
        _master.Open();
    }

    public static string Name(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";

    public static string Text(string text) => "N'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    public static string Disks(IEnumerable<string> paths) => string.Join(", ", paths.Select(p => "DISK = " + Text(p)));

    /// <summary>A statement of the model as SQL Server takes it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="statement">What the model was told.</param>
    /// <param name="more">Further options.</param>
    public static string Restore(string database, ModelStatement statement, string more = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"RESTORE {(statement.Action == ModelAction.RestoreLog ? "LOG" : "DATABASE")} {Name(database)} FROM {Disks(statement.Paths)} WITH FILE = {statement.Position}, NORECOVERY{(statement.StopAtMark is { } mark ? ", STOPATMARK = " + Text(mark) : string.Empty)}{more};");

    public void Run(string text)
    {
        using SqlCommand command = new(text, _master) { CommandTimeout = 300 };
        command.ExecuteNonQuery();
    }

    /// <summary>Runs what may be refused.</summary>
    /// <returns>The number of the error that says why; 0 when it succeeded.</returns>
    public int Try(string text)
    {
        try
        {
            Run(text);
            return 0;
        }
        catch (SqlException refused)
        {
            return refused.Errors.Cast<SqlError>().First(e => e.Class > 10 && e.Number is not (3013 or 3119)).Number;
        }
    }

    public List<object?[]> Rows(string text) => PracticeLab.Rows(_master, text);

    /// <summary>The last row of HEADERONLY.</summary>
    public Dictionary<string, object?> LastHeader(IReadOnlyList<string> paths)
    {
        using SqlCommand command = new($"RESTORE HEADERONLY FROM {Disks(paths)};", _master) { CommandTimeout = 300 };
        using SqlDataReader reader = command.ExecuteReader();
        Dictionary<string, object?> row = [];
        while (reader.Read())
        {
            for (int i = 0; i < reader.FieldCount; i++)
                row[reader.GetName(i)] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        }

        return row;
    }

    /// <summary>Where roll-forward stands, and on which fork; null when there is no such position.</summary>
    public (long Redo, Guid Fork)? RedoOf(string database) =>
        Rows($"SELECT redo_start_lsn, redo_start_fork_guid FROM sys.master_files WHERE database_id = DB_ID({Text(database)}) AND type = 0;") is [[decimal lsn, Guid fork]] ? ((long)lsn, fork) : null;

    /// <summary>Takes a database away, whatever state it is in.</summary>
    public void Drop(string database)
    {
        List<object?[]> states = Rows($"SELECT state_desc FROM sys.databases WHERE name = {Text(database)};");
        if (states.Count > 0)
            Run(((string)states[0][0]! == "ONLINE" ? $"ALTER DATABASE {Name(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; " : string.Empty) + $"DROP DATABASE {Name(database)};");
    }

    /// <summary>User databases and their states.</summary>
    public Dictionary<string, string> States() =>
        Rows("SELECT name, state_desc + ' ' + user_access_desc FROM sys.databases WHERE database_id > 4;").ToDictionary(r => (string)r[0]!, r => (string)r[1]!, StringComparer.Ordinal);

    public void Dispose() => _master.Dispose();
}
