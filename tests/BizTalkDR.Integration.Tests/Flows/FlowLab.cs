using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>What the cmdlets do, on a practice group: four members on two instances.</summary>
internal sealed class FlowLab : IAsyncDisposable
{
    private FlowLab(PracticeLab lab) => Lab = lab;

    public PracticeLab Lab { get; }

    public string Backups => Lab.Backups;

    public static async Task<FlowLab> StartAsync() => new(await PracticeLab.StartAsync(PracticeLab.Small()));

    public static RecoveryPorts Ports(IRecoveryLog? log = null) => SqlServerPorts.Create(log ?? NullRecoveryLog.Instance);

    public static SqlInstanceAddress At(string connectionString, string? password = null)
    {
        SqlConnectionStringBuilder builder = new(connectionString);
        var secret = new SecureString();
        foreach (char c in password ?? builder.Password)
            secret.AppendChar(c);
        return new SqlInstanceAddress(builder.DataSource) { Login = new SqlLogin(builder.UserID, secret), TrustServerCertificate = builder.TrustServerCertificate, ConnectTimeoutSeconds = 10 };
    }

    public SqlInstanceAddress Address(string name) => At(Lab.Environment.ConnectionStrings[name]);

    public BizTalkGroup Discover(string database = "BizTalkMgmtDb")
    {
        using ISqlInstance management = Ports().Sql.Open(Address("LABSQL1"));
        return GroupDiscovery.Read(management, database);
    }

    public IReadOnlyList<BackupSet> BackUp(BackupType type, string? folder = null, Func<BackupRequest, BackupRequest>? change = null)
    {
        var request = new BackupRequest(type, folder ?? Backups);
        return BackUp(Discover(), change?.Invoke(request) ?? request);
    }

    public IReadOnlyList<BackupSet> BackUp(BizTalkGroup group, BackupRequest request, IRecoveryLog? log = null)
    {
        Dictionary<string, SqlInstanceAddress> known = Lab.Environment.ConnectionStrings.ToDictionary(c => c.Key, c => At(c.Value), StringComparer.OrdinalIgnoreCase);
        return new BackupRunner(Ports(log), new InstanceDirectory(Address("LABSQL1"), known)).Run(BackupPlanner.Plan(group, request));
    }

    /// <summary>Everything an operation that was refused must have left as it was.</summary>
    public string State(string? folder = null)
    {
        List<string> lines = [.. Databases(Lab.Environment)];
        using SqlConnection management = new(new SqlConnectionStringBuilder(Lab.Environment.ConnectionStrings["LABSQL1"]) { InitialCatalog = "BizTalkMgmtDb", Pooling = false }.ConnectionString);
        management.Open();
        lines.AddRange(PracticeLab.Rows(management, "SELECT BackupSetId, DatabaseName, BackupFileName, BackupType, SetComplete FROM dbo.adm_BackupHistory ORDER BY BackupId;").Select(Line));
        lines.AddRange(PracticeLab.Rows(management, "SELECT NextBackupSetId FROM dbo.adm_BackupSetId;").Select(Line));
        lines.AddRange(PracticeLab.Rows(management, "SELECT ForceFull, UseCompression FROM dbo.adm_BackupSettings;").Select(Line));
        lines.AddRange(Files(folder ?? Backups));
        return string.Join('\n', lines);
    }

    public static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f} {new FileInfo(f).Length}")) : [];

    public static IEnumerable<string> Databases(LabEnvironment environment)
    {
        foreach (string connection in environment.ConnectionStrings.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Value))
        {
            using SqlConnection open = new(connection + ";Pooling=false");
            open.Open();
            foreach (object?[] row in PracticeLab.Rows(open, "SELECT @@SERVERNAME, name, state_desc, user_access_desc, is_in_standby, create_date FROM sys.databases ORDER BY name;"))
                yield return Line(row);
        }
    }

    public async ValueTask DisposeAsync() => await Lab.DisposeAsync();

    private static string Line(object?[] row) => string.Join('|', row.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)));
}

/// <summary>Empty instances somewhere else: where a group is restored to.</summary>
internal sealed class Destination : IAsyncDisposable
{
    private readonly ScratchFolder _scratch;

    private Destination(ScratchFolder scratch, LabEnvironment environment)
    {
        _scratch = scratch;
        Environment = environment;
    }

    public LabEnvironment Environment { get; }

    public string this[string file] => _scratch[file];

    public static Task<Destination> StartAsync(params string[] names) => StartAsync(new LabEnvironmentOptions(), names);

    public static async Task<Destination> StartAsync(LabEnvironmentOptions options, params string[] names)
    {
        var scratch = new ScratchFolder();
        return new Destination(scratch, await LabEnvironment.StartAsync(LabFolder.Create(scratch["lab"], names, 2, null), options));
    }

    public RestoreRequest Request(string folder) => new([folder], Environment.Folder.Instances.Select(n => FlowLab.At(Environment.ConnectionStrings[n])).ToList());

    public RestoreResult Restore(RestoreRequest request, IRecoveryLog? log = null, CancellationToken cancellation = default)
    {
        RecoveryPorts ports = FlowLab.Ports(log);
        RestorePlan plan = new RestorePreparer(ports).Prepare(request, cancellation);
        using var journal = new RestoreJournalFile(_scratch[Guid.NewGuid().ToString("N") + ".jsonl"], ports.Clock);
        return new RestoreRunner(ports).Run(plan, journal, cancellation);
    }

    public string State() => string.Join('\n', FlowLab.Databases(Environment));

    /// <summary>States of the user databases, by name.</summary>
    public Dictionary<string, string> States() =>
        FlowLab.Databases(Environment).Select(l => l.Split('|')).Where(l => l[1] is not ("master" or "model" or "msdb" or "tempdb")).ToDictionary(l => l[1], l => l[2] + " " + l[3], StringComparer.Ordinal);

    public SqlConnection Open(string server, string database)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(Environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        SqlConnection.ClearAllPools();
        await Environment.DisposeAsync();
        _scratch.Dispose();
    }
}

/// <summary>Acts at a moment the operation itself names.</summary>
internal sealed class Interrupter(Func<RecoveryLogEntry, bool> when, Action act) : IRecoveryLog
{
    private int _done;

    public void Write(RecoveryLogEntry entry)
    {
        if (when(entry) && Interlocked.Exchange(ref _done, 1) == 0)
            act();
    }
}

/// <summary>A group with a full and three log sets, which nobody changes.</summary>
public sealed class BackedUpGroup : IAsyncLifetime
{
    internal FlowLab Lab { get; private set; } = null!;

    internal IReadOnlyList<BackupSet> Sets { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Lab = await FlowLab.StartAsync();
        List<BackupSet> sets = [];
        sets.AddRange(Lab.BackUp(BackupType.FullAndLog));
        foreach (string value in (string[])["second", "third"])
        {
            PracticeLab.Execute(Lab.Lab.OpenManagement(), $"INSERT INTO dbo.bas_Properties (PropertyName, PropertyValue) VALUES (N'Flow-{value}', N'x');");
            sets.AddRange(Lab.BackUp(BackupType.Log));
        }

        Sets = sets;
    }

    public async Task DisposeAsync() => await Lab.DisposeAsync();
}

[CollectionDefinition("flows")]
public sealed class FlowCollection : ICollectionFixture<BackedUpGroup>;

internal static class Refused
{
    /// <summary>Runs what has to be refused and checks the error whole.</summary>
    public static RecoveryException With(RecoveryError code, Action act)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(act);
        Assert.True(error.Code == code, $"{error.Code} instead of {code}: {error.Message}");
        Assert.NotNull(error.Target);
        Assert.NotEmpty(error.Hint);
        Assert.NotEmpty(error.Message);
        return error;
    }
}
