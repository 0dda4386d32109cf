using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>One logged-in session and its state between requests.</summary>
internal sealed partial class SqlSession : ISqlSession
{
    private readonly object _request = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly LabDatabase _loginDatabase;
    private readonly List<LabTable> _drops = [];
    private volatile bool _killed;
    private bool _disposed;

    public SqlSession(LabSqlServer server, int sessionId, LoginRecord login, LabDatabase database)
    {
        Server = server;
        SessionId = sessionId;
        OriginalLogin = login;
        CurrentDatabase = database;
        _loginDatabase = database;
        Transaction = new SessionTransaction(server.Instance);
        Interpreter = new Interpreter(this);
        Links = new LinkedConnections(this);
        StatementTime = server.Instance.Now;
        Settings.Language = "us_english";
    }

    public LabSqlServer Server { get; }

    public int SessionId { get; }

    public string Database => CurrentDatabase.Name;

    /// <summary>Raised when the session was ended by KILL or ROLLBACK IMMEDIATE: the connection should close.</summary>
    public event Action? Ended;

    public bool IsEnded => _killed;

    public string HostName { get; init; } = string.Empty;

    public string ApplicationName { get; init; } = string.Empty;

    public int ClientProcessId { get; init; }

    /// <summary>Whether another instance of the lab opened it through a linked server.</summary>
    public bool IsLink { get; init; }

    public DateTime LoginTime { get; init; }

    public DateTime LastRequestTime { get; private set; }

    public LoginRecord OriginalLogin { get; }

    /// <summary>Logins of EXECUTE AS, innermost last.</summary>
    public Stack<(LoginRecord Login, string? DatabaseUser)> Impersonations { get; } = new();

    public LoginRecord Login => Impersonations.Count > 0 ? Impersonations.Peek().Login : OriginalLogin;

    public LabDatabase CurrentDatabase { get; set; }

    public SessionSettings Settings { get; set; } = new();

    public SessionTransaction Transaction { get; }

    /// <summary>The running statement's own transaction in autocommit mode.</summary>
    public StatementScope? Statement { get; set; }

    public Interpreter Interpreter { get; }

    public LinkedConnections Links { get; }

    public CancellationToken Cancellation { get; private set; }

    public DateTime StatementTime { get; set; }

    public Dictionary<string, LabTable> TempTables { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, SqlCursor> GlobalCursors { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<int, PreparedStatement> Prepared { get; } = [];

    public int NextHandle { get; set; }

    public Stack<CaughtError> Caught { get; } = new();

    public int TryDepth { get; set; }

    public bool CapturingExec { get; set; }

    public int LastError { get; set; }

    public long LastRowCount { get; set; }

    public decimal? LastIdentity { get; set; }

    /// <summary>What sp_set_session_context keeps.</summary>
    public Dictionary<string, SessionValue> Context { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How far the running BACKUP or RESTORE has come, as its last message said.</summary>
    public float PercentComplete { get; private set; }

    /// <summary>Session that holds what this one waits for; 0 when it does not wait.</summary>
    public int BlockedBy
    {
        get
        {
            LabTransaction? waited = (Transaction.Current ?? Statement?.Transaction)?.WaitingFor;
            return waited is null ? 0 : Server.Sessions.FirstOrDefault(s => ReferenceEquals(s.Transaction.Current, waited) || ReferenceEquals(s.Statement?.Transaction, waited))?.SessionId ?? 0;
        }
    }

    public int FetchStatus { get; set; }

    public int CursorRows { get; set; }

    public bool IsRunning { get; private set; }

    public string LastText { get; private set; } = string.Empty;

    /// <summary>Databases this session has a lock on: its own, and those its transaction has used.</summary>
    public IEnumerable<LabDatabase> UsedDatabases()
    {
        LabTransaction? transaction = Transaction.Current;
        return transaction is null ? [CurrentDatabase] : transaction.Databases.Append(CurrentDatabase).Distinct();
    }

    public void Reset(bool keepTransaction)
    {
        lock (_request)
        {
            if (!keepTransaction)
            {
                Transaction.RollbackAll(null);
                Links.Close();
            }

            DropTempTables();
            GlobalCursors.Clear();
            Prepared.Clear();
            Impersonations.Clear();
            Context.Clear();
            Server.Locks.ReleaseSession(this);
            Settings = new SessionSettings();
            CurrentDatabase = Server.Instance.Find(_loginDatabase.Name) ?? Server.Instance.Find("master")!;
            LastError = 0;
            LastRowCount = 0;
            LastIdentity = null;
        }
    }

    /// <summary>Ends the session from another one: cancels what runs, rolls back, releases everything.</summary>
    public void Kill()
    {
        if (_killed)
        {
            return;
        }

        _killed = true;
        _kill.Cancel();
        lock (_request)
        {
            CleanUp();
        }

        Server.Remove(this);
        Ended?.Invoke();
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _killed = true;
        _kill.Cancel();
        lock (_request)
        {
            CleanUp();
        }

        Server.Remove(this);
        _kill.Dispose();
    }

    /// <summary>Sends a message; class 10 goes out as class 0, as SQL Server does for compatibility.</summary>
    public void Send(ExecutionFrame frame, SqlMessage message)
    {
        if (message.Number == 3211 && int.TryParse(message.Text.Split(' ')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int percent))
        {
            PercentComplete = percent;
        }

        // Inside TRY the client sees no errors; of several the last one is caught.
        if (!message.IsError || TryDepth == 0)
        {
            frame.Sink.Message(message.Class == 10 ? message with { Class = 0 } : message);
        }
    }

    /// <summary>Sends an error, and before it the one it follows from.</summary>
    public void Send(ExecutionFrame frame, LabSqlException error)
    {
        if (error.Data[ErrorMarks.Cause] is LabSqlException cause)
        {
            Send(frame, cause.Error with { Line = error.Error.Line, Procedure = error.Error.Procedure });
        }

        Send(frame, error.Error);
    }

    /// <summary>Drops a temp table; while a transaction runs that may hold locks on it, the drop waits for its end.</summary>
    public void DropTempTable(LabTable table)
    {
        _drops.Add(table);
        DropWaiting();
    }

    /// <summary>Drops what could not be dropped while a transaction ran.</summary>
    public void DropWaiting()
    {
        if (_drops.Count == 0 || Transaction.Current is not null || Statement?.Transaction is { State: TransactionState.Active })
        {
            return;
        }

        LabDatabase tempdb = Server.Instance.Find("tempdb")!;
        LabTransaction transaction = Server.Instance.Begin();
        try
        {
            foreach (LabTable table in _drops)
            {
                if (tempdb.FindTable(table.Def.Schema, table.Def.Name) is { } found)
                {
                    tempdb.DropTable(transaction, found);
                }
            }

            _drops.Clear();
            Server.Instance.Commit(transaction);
        }
        catch
        {
            Server.Instance.Rollback(transaction);
            throw;
        }
    }

    private void CleanUp()
    {
        Transaction.RollbackAll(null);
        Links.Close();
        Server.Locks.ReleaseSession(this);
        DropTempTables();
    }

    private void DropTempTables()
    {
        foreach (LabTable table in TempTables.Values)
        {
            DropTempTable(table);
        }

        TempTables.Clear();
        foreach (KeyValuePair<string, LabTable> global in Server.GlobalTempTables.Where(g => g.Value is not null && OwnsGlobal(g.Key)).ToList())
        {
            if (Server.GlobalTempTables.TryRemove(global.Key, out LabTable? table))
            {
                DropTempTable(table);
            }
        }
    }

    private bool OwnsGlobal(string name) => OwnedGlobals.Contains(name);

    public HashSet<string> OwnedGlobals { get; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A value of the session context.</summary>
internal sealed record SessionValue(object? Value, bool IsReadOnly);

/// <summary>A statement prepared by sp_prepare or sp_prepexec.</summary>
internal sealed record PreparedStatement(string Parameters, string Text);
