using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>The T-SQL face of one instance: logs clients in and runs their sessions.</summary>
public sealed class LabSqlServer : ISqlServer, IDisposable
{
    /// <summary>Prefix of the login name one instance of the lab uses towards another.</summary>
    public const string LinkPrefix = "##lab_link##";

    private readonly ConcurrentDictionary<int, SqlSession> _sessions = new();
    private int _nextSessionId = 50;

    /// <summary>Starts the T-SQL layer over a running instance.</summary>
    /// <param name="instance">The instance; it stays owned by the caller.</param>
    /// <param name="directory">Knows the other instances of the lab.</param>
    /// <param name="adminLogin">Login made a sysadmin when the instance has no logins yet.</param>
    /// <param name="adminPassword">Its password; only a salted hash is kept.</param>
    /// <param name="queries">The query engine; null = the lab's own.</param>
    public LabSqlServer(LabInstance instance, ILabDirectory directory, string adminLogin, string adminPassword, IQueryEngine? queries = null)
    {
        Instance = instance;
        Directory = directory;
        Queries = queries ?? new QueryEngine();
        StartTime = instance.Now;
        Functions = new FunctionRegistry();
        Queries.RegisterFunctions(Functions);
        MetadataFunctions.Register(Functions);
        Backups = new BackupEngine(instance) { Certificates = thumbprint => CertificateStore.Find(instance, thumbprint) };
        Logins = new LoginStore(instance);
        Configuration = new ServerConfiguration(instance);
        LinkedServers = new LinkedServerStore(instance, directory);
        Locks = new ApplicationLocks();
        Distributed = new DistributedBranches(this);
        Agent = new AgentRunner(this);
        Schedules = new AgentScheduler(this);
        Logins.EnsureAdministrator(adminLogin, adminPassword);
        SystemObjects.Ensure(this);
    }

    public string ServerName => Instance.Options.ServerName;

    public string Collation => Instance.Options.Collation;

    public LabInstance Instance { get; }

    public ILabDirectory Directory { get; }

    /// <summary>Runs the steps of Agent jobs.</summary>
    public AgentRunner Agent { get; }

    /// <summary>Starts Agent jobs when they are due; does so by itself only after <see cref="AgentScheduler.Start"/>.</summary>
    public AgentScheduler Schedules { get; }

    internal IQueryEngine Queries { get; }

    internal FunctionRegistry Functions { get; }

    internal BackupEngine Backups { get; }

    internal LoginStore Logins { get; }

    internal ServerConfiguration Configuration { get; }

    internal LinkedServerStore LinkedServers { get; }

    internal ApplicationLocks Locks { get; }

    internal DistributedBranches Distributed { get; }

    internal ScriptParser Parser { get; } = new();

    internal ConcurrentDictionary<string, LabTable> GlobalTempTables { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal DateTime StartTime { get; }

    internal IReadOnlyCollection<SqlSession> Sessions => [.. _sessions.Values.OrderBy(s => s.SessionId)];

    public ISqlSession Login(LoginRequest request)
    {
        LoginRecord login = Authenticate(request);
        string wanted = request.Database.Length > 0 ? request.Database : login.DefaultDatabase;
        LabDatabase? database = Instance.Find(wanted);
        if (database is null || database.State != DatabaseState.Online || !DatabaseAccess.MayUse(this, login, database) || DatabaseAccess.IsTaken(this, login, database))
        {
            throw new LabSqlException(4060, 11, 1, $"Cannot open database \"{wanted}\" requested by the login. The login failed.");
        }

        return Open(login, database, request.HostName, request.ApplicationName, request.ClientProcessId, request.UserName.StartsWith(LinkPrefix, StringComparison.Ordinal));
    }

    /// <summary>Opens a session for work of the server itself (start-up scripts, Agent jobs).</summary>
    internal SqlSession OpenInternal(string loginName, LabDatabase database, string application)
    {
        LoginRecord login = Logins.Find(loginName) ?? LoginRecord.BuiltInAdministrator;
        return Open(login, database, Instance.Options.ServerName, application, Environment.ProcessId, isLink: false);
    }

    internal void Remove(SqlSession session) => _sessions.TryRemove(session.SessionId, out _);

    internal SqlSession? FindSession(int id) => _sessions.GetValueOrDefault(id);

    /// <summary>Asks the coordinators of transactions in doubt for their outcome and ends those that have one.</summary>
    /// <returns>How many transactions were ended.</returns>
    public int ResolveInDoubt() => Distributed.Resolve();

    public void Dispose()
    {
        Schedules.Dispose();
        foreach (SqlSession session in Sessions)
        {
            session.Dispose();
        }

        Agent.Dispose();
    }

    private SqlSession Open(LoginRecord login, LabDatabase database, string host, string application, int process, bool isLink)
    {
        int id = Interlocked.Increment(ref _nextSessionId);
        var session = new SqlSession(this, id, login, database)
        {
            HostName = host,
            ApplicationName = application,
            ClientProcessId = process,
            IsLink = isLink,
            LoginTime = Instance.Now,
        };
        _sessions[id] = session;
        return session;
    }

    private LoginRecord Authenticate(LoginRequest request)
    {
        if (request.IntegratedSecurity)
        {
            throw LoginFailed(request.UserName);
        }

        if (request.UserName.StartsWith(LinkPrefix, StringComparison.Ordinal))
        {
            string name = request.UserName[LinkPrefix.Length..];
            if (!PasswordHash.SecretsEqual(request.Password, Directory.LinkSecret))
            {
                throw LoginFailed(name);
            }

            // Without a name: the other instance itself, for the commit protocol.
            return name.Length == 0 ? LoginRecord.BuiltInAdministrator : Logins.Find(name) is { IsDisabled: false } mapped ? mapped : throw LoginFailed(name);
        }

        LoginRecord? login = Logins.Find(request.UserName);
        if (login is null || !LoginStore.Verify(login, request.Password))
        {
            throw LoginFailed(request.UserName);
        }

        return login.IsDisabled ? throw new LabSqlException(18470, 14, 1, $"Login failed for user '{request.UserName}'. Reason: The account is disabled.") : login;
    }

    private static LabSqlException LoginFailed(string name) => new(18456, 14, 1, $"Login failed for user '{name}'.");
}
