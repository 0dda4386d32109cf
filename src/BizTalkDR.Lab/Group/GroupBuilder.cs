using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Group;

/// <summary>Builds a practice group on running instances with nothing but T-SQL: on the lab and on a real SQL Server alike.</summary>
/// <remarks>The instances must be able to reach each other by the network names of the definition, and must not hold databases of these names yet.
/// When a batch fails the databases made so far stay: drop them and start again.</remarks>
public sealed class GroupBuilder
{
    private readonly GroupDefinition _group;
    private readonly IReadOnlyDictionary<string, string> _connectionStrings;
    private readonly int _seed;
    private readonly Action<string>? _progress;

    /// <param name="group">What to build.</param>
    /// <param name="connectionStrings">Connection string by network name, with rights to create databases, logins and jobs.</param>
    /// <param name="seed">Seed of the generated content.</param>
    /// <param name="progress">Is told what is being built, one line at a time.</param>
    public GroupBuilder(GroupDefinition group, IReadOnlyDictionary<string, string> connectionStrings, int seed = 1, Action<string>? progress = null)
    {
        group.Validate();
        _group = group;
        _connectionStrings = connectionStrings;
        _seed = seed;
        _progress = progress;
    }

    /// <summary>Builds all members, the linked servers and the job.</summary>
    /// <exception cref="GroupBuildException">A server refused a batch.</exception>
    public async Task BuildAsync(CancellationToken cancellation = default)
    {
        foreach (MemberDefinition member in _group.Members)
            await BuildMemberAsync(member, cancellation).ConfigureAwait(false);

        _progress?.Invoke("Group");
        await BuildManagementAsync(cancellation).ConfigureAwait(false);
        await LinkServersAsync(cancellation).ConfigureAwait(false);
        await RunAsync(_group.Servers[0], "msdb", ["management-job"], cancellation).ConfigureAwait(false);
    }

    private async Task BuildMemberAsync(MemberDefinition member, CancellationToken cancellation)
    {
        _progress?.Invoke($"{member.Database} on {member.Server}");
        await RunAsync(member.Server, "master", ["create-database"], cancellation, ("DatabaseName", member.Database)).ConfigureAwait(false);
        await RunAsync(member.Server, member.Database, ["member-tables", "member-procedures", "workload"], cancellation).ConfigureAwait(false);
        if (VersionName(member.Role) is { } versionName)
            await RunAsync(member.Server, member.Database, ["database-version"], cancellation, ("VersionName", versionName)).ConfigureAwait(false);
        await RunAsync(member.Server, member.Database, ScriptsOf(member.Role), cancellation).ConfigureAwait(false);
        await FillAsync(member, cancellation).ConfigureAwait(false);
    }

    private async Task BuildManagementAsync(CancellationToken cancellation)
    {
        MemberDefinition management = _group.Management;
        string[] scripts = ["management-tables", "management-applications", "management-support", "management-mark", "management-full", "management-history", "management-data"];
        await RunAsync(management.Server, management.Database, scripts, cancellation).ConfigureAwait(false);
        bool master = true;
        foreach (MemberDefinition member in _group.Members)
        {
            (string, string)[] location = [("MemberServer", member.Server), ("MemberDatabase", member.Database)];
            if (member.Role == MemberRole.MessageBox)
            {
                await RunAsync(management.Server, management.Database, ["management-message-box"], cancellation, [.. location, ("IsMaster", master ? "1" : "0")]).ConfigureAwait(false);
                master = false;
            }
            else if (member.Role is MemberRole.Sso or MemberRole.Custom)
            {
                string name = member.Role == MemberRole.Sso ? "SSO" : member.Database;
                await RunAsync(management.Server, management.Database, ["management-other-database"], cancellation, [.. location, ("DefaultName", name)]).ConfigureAwait(false);
            }
        }
    }

    private async Task LinkServersAsync(CancellationToken cancellation)
    {
        MemberDefinition management = _group.Management;
        foreach (string from in _group.Servers)
        {
            foreach (string to in _group.Servers.Where(to => !string.Equals(to, from, StringComparison.OrdinalIgnoreCase)))
            {
                // The group's own procedure makes the link from the Management server, as the job would; RPC Out comes after it.
                if (string.Equals(from, management.Server, StringComparison.OrdinalIgnoreCase))
                    await AddLinkedServerAsync(to, cancellation).ConfigureAwait(false);
                await RunAsync(from, "master", ["linked-server"], cancellation, ("LinkedServer", to)).ConfigureAwait(false);
            }
        }
    }

    private async Task AddLinkedServerAsync(string server, CancellationToken cancellation)
    {
        using SqlConnection connection = await OpenAsync(_group.Management.Server, _group.Management.Database, cancellation).ConfigureAwait(false);
        using SqlCommand command = new("EXEC dbo.bts_SafeAddLinkedServer @server;", connection);
        command.Parameters.AddWithValue("@server", server);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync(string server, string database, IReadOnlyList<string> scripts, CancellationToken cancellation, params (string Name, string Value)[] more)
    {
        if (scripts.Count == 0)
            return;
        Dictionary<string, string> variables = Variables();
        foreach ((string name, string value) in more)
            variables[name] = value;

        using SqlConnection connection = await OpenAsync(server, database, cancellation).ConfigureAwait(false);
        foreach (SqlScript script in scripts.Select(SqlScript.Load))
        {
            int number = 0;
            foreach (string batch in script.Expand(variables))
            {
                number++;
                using SqlCommand command = new(batch, connection) { CommandTimeout = 120 };
                try
                {
                    await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                }
                catch (SqlException refused)
                {
                    throw new GroupBuildException(script.Name, number, server, database, refused);
                }
            }
        }
    }

    // Half of each row is noise, half repeats: compression has something to do and something to fail on.
    private async Task FillAsync(MemberDefinition member, CancellationToken cancellation)
    {
        const int RowBytes = 7800, RowsPerCommand = 8;
        int rows = (int)((member.FillerBytes + RowBytes - 1) / RowBytes);
        Random random = new(unchecked((_seed * 397) + _group.Members.ToList().IndexOf(member)));
        using SqlConnection connection = await OpenAsync(member.Server, member.Database, cancellation).ConfigureAwait(false);
        for (int row = 0; row < rows; row += RowsPerCommand)
        {
            int count = Math.Min(RowsPerCommand, rows - row);
            using SqlCommand command = new() { Connection = connection, CommandTimeout = 120 };
            for (int i = 0; i < count; i++)
            {
                byte[] content = new byte[RowBytes];
                random.NextBytes(content.AsSpan(0, RowBytes / 2));
                command.Parameters.Add("@c" + i.ToString(CultureInfo.InvariantCulture), System.Data.SqlDbType.VarBinary, RowBytes).Value = content;
            }

            command.CommandText = "INSERT INTO dbo.LabFiller (Id, Content) VALUES "
                + string.Join(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"({row + i + 1}, @c{i})"))) + ";";
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<SqlConnection> OpenAsync(string server, string database, CancellationToken cancellation)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(_connectionStrings[server]) { InitialCatalog = database, Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private Dictionary<string, string> Variables()
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal)
        {
            ["GroupName"] = _group.Name,
            ["ManagementDatabase"] = _group.Management.Database,
            ["BizTalkComputer"] = _group.BizTalkComputer,
            ["SecretServer"] = _group.BizTalkComputer,
            ["MarkName"] = _group.MarkName,
            ["BackupPath"] = _group.JobBackupPath,
        };
        // A feature that is not configured has empty names, not NULL (biztalk-databases.md §3).
        foreach ((string prefix, MemberRole role) in ((string, MemberRole)[])
            [("Master", MemberRole.MessageBox), ("Tracking", MemberRole.Tracking), ("Bam", MemberRole.BamPrimaryImport), ("RuleEngine", MemberRole.RuleEngine)])
        {
            variables[prefix + "Server"] = _group.Find(role)?.Server ?? string.Empty;
            variables[prefix + "Database"] = _group.Find(role)?.Database ?? string.Empty;
        }

        return variables;
    }

    private static string[] ScriptsOf(MemberRole role) => role switch
    {
        MemberRole.MessageBox => ["message-box"],
        MemberRole.Tracking => ["tracking"],
        MemberRole.Sso => ["sso"],
        MemberRole.RuleEngine => ["rule-engine"],
        MemberRole.BamPrimaryImport => ["bam-primary-import"],
        MemberRole.Custom => ["custom"],
        _ => [],
    };

    private static string? VersionName(MemberRole role) => role switch
    {
        MemberRole.Management => "Management DB",
        MemberRole.MessageBox => "MessageBox DB",
        MemberRole.Tracking => "Tracking DB",
        MemberRole.Sso => "SSO DB",
        MemberRole.RuleEngine => "Rule Engine DB",
        MemberRole.BamPrimaryImport => "BAM Primary Import DB",
        _ => null,
    };
}
