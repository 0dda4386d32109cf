using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>One scope of execution: a batch, a procedure, a function, a trigger, or dynamic SQL. It is what expressions and queries see of the session.</summary>
internal sealed partial class ExecutionFrame : IExecutionContext
{
    private readonly Dictionary<string, Variable> _variables = new(StringComparer.OrdinalIgnoreCase);

    public ExecutionFrame(SqlSession session, ExecutionFrame? caller, LabDatabase database, IResultSink sink)
    {
        Session = session;
        Caller = caller;
        Database = database;
        Sink = sink;
    }

    public SqlSession Session { get; }

    /// <summary>The frame that called this one; null at the top.</summary>
    public ExecutionFrame? Caller { get; }

    public LabDatabase Database { get; set; }

    public IResultSink Sink { get; set; }

    /// <summary>The module that runs here; null in ad-hoc and dynamic batches.</summary>
    public ModuleDef? Module { get; init; }

    /// <summary>@@NESTLEVEL: 0 in the client's batch.</summary>
    public int NestLevel { get; init; }

    /// <summary>Triggers around this frame.</summary>
    public int TriggerLevel { get; init; }

    /// <summary>Text of the batch that runs here.</summary>
    public string BatchText { get; set; } = string.Empty;

    /// <summary>Result type of the scalar function that runs here.</summary>
    public SqlType? FunctionResult { get; init; }

    public string? ProcedureName => Module?.Name;

    public Dictionary<string, LabTable> TableVariables { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, LabTable> TempTables { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, SqlCursor> Cursors { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Cursor variables: name with @ → cursor, null when unassigned.</summary>
    public Dictionary<string, SqlCursor?> CursorVariables { get; } = new(StringComparer.OrdinalIgnoreCase);

    public TriggerRows? Trigger { get; init; }

    /// <summary>Value of RETURN.</summary>
    public int ReturnStatus { get; set; }

    /// <summary>Result of a scalar function.</summary>
    public object? ReturnValue { get; set; }

    public decimal? ScopeIdentity { get; set; }

    /// <summary>Permission the statement needs on the object it changes; null while it only reads.</summary>
    public PermissionTarget? Target { get; set; }

    /// <summary>Whether the owner chain spares permission checks (inside a module, in its own database).</summary>
    public bool IsChained => Module is not null;

    public bool InFunction { get; init; }

    public IReadOnlyDictionary<string, Variable> Variables => _variables;

    public LabInstance Instance => Session.Server.Instance;

    public LabTransaction? Transaction => Session.Transaction.Current ?? Session.Statement?.Open();

    public ReadMode DefaultReadMode => Session.Settings.ReadMode;

    public CancellationToken Cancellation => Session.Cancellation;

    public DateTime StatementTime => Session.StatementTime;

    public FunctionRegistry Functions => Session.Server.Functions;

    public void Declare(string name, SqlType type, object? value = null) => _variables[name] = new Variable(type, value);

    public bool IsDeclared(string name) => _variables.ContainsKey(name);

    public (SqlType Type, object? Value) GetVariable(string name) =>
        _variables.TryGetValue(name, out Variable? variable) ? (variable.Type, variable.Value) : throw ServerErrors.UndeclaredVariable(name);

    public void SetVariable(string name, SqlType type, object? value)
    {
        if (!_variables.TryGetValue(name, out Variable? variable))
        {
            throw ServerErrors.UndeclaredVariable(name);
        }

        variable.Value = Session.Server.Queries.Convert(value, type, variable.Type);
    }

    public IRowSource ResolveTableVariable(string name)
    {
        if (TableVariables.TryGetValue(name, out LabTable? table) || SharedTables.TryGetValue(name, out table))
        {
            return new TableRowSource(table);
        }

        throw ServerErrors.UndeclaredTable(name);
    }

    public IRowSource ResolvePassThrough(string server, string query) => Session.Links.PassThrough(server, query, this);

    public bool AllowsAdHocQueries => Session.Server.Configuration.InUse("Ad Hoc Distributed Queries") == 1;

    public void IdentityInserted(decimal value)
    {
        ScopeIdentity = value;
        Session.LastIdentity = value;
    }

    public bool IdentityInsertOn(LabTable table) =>
        Session.Settings.IdentityInsert == (table.Database.Id, table.Def.ObjectId);

    public void Inform(SqlMessage message) => Session.Send(this, message with { Procedure = message.Procedure ?? ProcedureName });
}

/// <summary>Names the object a DML statement changes and the permission it needs.</summary>
internal sealed record PermissionTarget(Microsoft.SqlServer.TransactSql.ScriptDom.SchemaObjectName Name, string Permission);

/// <summary>Holds what a trigger sees: inserted, deleted and the columns named by UPDATE.</summary>
internal sealed record TriggerRows(VirtualRows Inserted, VirtualRows Deleted, IReadOnlySet<string> UpdatedColumns, LabTable Table);
