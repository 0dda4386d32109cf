using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CONTRACT between the query engine (expressions, SELECT, DML) and the interpreter (sessions, statements, catalogue).

/// <summary>A source of rows: a table, a temp table or table variable, a system view, a remote table, an expanded view.</summary>
public interface IRowSource
{
    IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>The stored table behind it when there is one (DML target, index seeks); null otherwise.</summary>
    LabTable? Table { get; }

    IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode);

    /// <summary>Rows by equality on columns, when an index or the source itself can do it faster than a scan; null when not.</summary>
    IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode);
}

/// <summary>A source on another instance: DML is sent there as text, in the transaction (implemented by the linked-server layer).</summary>
public interface IRemoteRowSource : IRowSource
{
    /// <summary>Two-part or three-part name valid on the remote instance.</summary>
    string RemoteName { get; }

    /// <summary>Runs a statement there with parameters @p0, @p1 …; gives the number of rows.</summary>
    long Execute(IExecutionContext context, string text, IReadOnlyList<(SqlType Type, object? Value)> parameters);
}

/// <summary>What expressions and queries need of the session that runs them.</summary>
public interface IExecutionContext
{
    LabInstance Instance { get; }

    /// <summary>Current database.</summary>
    LabDatabase Database { get; }

    /// <summary>The transaction of the statement: the session's, or one made for this statement alone. Null only while reading constants.</summary>
    LabTransaction? Transaction { get; }

    /// <summary>From SET TRANSACTION ISOLATION LEVEL.</summary>
    ReadMode DefaultReadMode { get; }

    CancellationToken Cancellation { get; }

    /// <summary>GETDATE() of this statement (server local time).</summary>
    DateTime StatementTime { get; }

    FunctionRegistry Functions { get; }

    /// <summary>Type and value of @variable; throws 137 when it is not declared. Name includes the @.</summary>
    (SqlType Type, object? Value) GetVariable(string name);

    /// <summary>Assigns @variable, converting to its declared type.</summary>
    void SetVariable(string name, SqlType type, object? value);

    /// <summary>@@ROWCOUNT and the like; name with both @@. Throws 137 when unknown.</summary>
    (SqlType Type, object? Value) GetGlobal(string name);

    /// <summary>Resolves a table or view name of one to four parts; throws 208 (or 7202 for an unknown server).</summary>
    IRowSource ResolveTable(SchemaObjectName name);

    IRowSource ResolveTableVariable(string name);

    /// <summary>Runs a text on a linked server as it is (OPENQUERY); throws 7202 for an unknown server.</summary>
    IRowSource ResolvePassThrough(string server, string query) => throw ServerErrors.UnknownServer(server);

    /// <summary>Whether the server option 'Ad Hoc Distributed Queries' is on.</summary>
    bool AllowsAdHocQueries => false;

    /// <summary>Resolves a table-valued function (user-defined or sys.dm_…); throws 208.</summary>
    IRowSource ResolveTableFunction(SchemaObjectName name, IReadOnlyList<(SqlType Type, object? Value)> arguments);

    /// <summary>Calls a user-defined scalar function schema.name; throws 4121 when there is none.</summary>
    (SqlType Type, object? Value) CallUserFunction(string? database, string schema, string name, IReadOnlyList<(SqlType Type, object? Value)> arguments);

    /// <summary>Result type of a user-defined scalar function.</summary>
    SqlType UserFunctionType(string? database, string schema, string name);

    /// <summary>Runs a trigger-less side effect after DML: identity for SCOPE_IDENTITY / @@IDENTITY.</summary>
    void IdentityInserted(decimal value);

    /// <summary>Whether SET IDENTITY_INSERT is ON for the table.</summary>
    bool IdentityInsertOn(LabTable table);

    /// <summary>Sends a message of class 0 to 10 (for example 8153 NULL value eliminated).</summary>
    void Inform(SqlMessage message);
}

/// <summary>A built-in scalar function.</summary>
/// <param name="MinArgs">Fewest arguments; outside the range: 174 or 189.</param>
/// <param name="MaxArgs">Most arguments; -1 = any number.</param>
/// <param name="ResultType">Result type from the argument types.</param>
/// <param name="Evaluate">Computes the value from the argument types and values.</param>
public sealed record ScalarFunction(
    int MinArgs,
    int MaxArgs,
    Func<IReadOnlyList<SqlType>, SqlType> ResultType,
    Func<IExecutionContext, IReadOnlyList<SqlType>, object?[], object?> Evaluate);

/// <summary>Names → built-in scalar functions, case-insensitive. The query engine adds the pure ones, the interpreter those that ask the session or the instance.</summary>
public sealed class FunctionRegistry
{
    private readonly Dictionary<string, ScalarFunction> _functions = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string name, ScalarFunction function) => _functions[name] = function;

    public ScalarFunction? Find(string name) => _functions.GetValueOrDefault(name);
}

/// <summary>The rows of a query, produced while they are read.</summary>
public sealed record QueryResult(IReadOnlyList<ResultColumn> Columns, IEnumerable<object?[]> Rows);

/// <summary>The face of the query engine.</summary>
public interface IQueryEngine
{
    /// <summary>Registers LEN, SUBSTRING, CONVERT helpers, DATEADD, ISNULL … (everything that needs no session).</summary>
    void RegisterFunctions(FunctionRegistry registry);

    /// <summary>Evaluates a scalar expression outside a query (SET, IF, arguments).</summary>
    (SqlType Type, object? Value) Evaluate(ScalarExpression expression, IExecutionContext context);

    /// <summary>Evaluates a condition: true only when it is known to be true.</summary>
    bool EvaluateCondition(BooleanExpression condition, IExecutionContext context);

    /// <summary>Runs a SELECT; SELECT @v = … assigns: no columns, and an empty row for each row assigned from (read them through to assign and to count); INTO is handled by the interpreter.</summary>
    QueryResult Select(SelectStatement statement, IExecutionContext context);

    /// <summary>Runs a query expression (views, INSERT … SELECT, cursors, subqueries).</summary>
    QueryResult Query(QueryExpression query, WithCtesAndXmlNamespaces? ctes, IExecutionContext context);

    /// <summary>Makes a row source of a view's query; column names may be given.</summary>
    IRowSource View(QueryExpression query, WithCtesAndXmlNamespaces? ctes, IReadOnlyList<string>? columnNames, IExecutionContext context);

    /// <summary>Runs INSERT, UPDATE, DELETE, MERGE. <paramref name="executeSource"/> runs INSERT … EXEC and yields its rows. Gives the row count and the OUTPUT rows, if any.</summary>
    (long RowCount, QueryResult? Output) Modify(DataModificationStatement statement, IExecutionContext context, Func<ExecuteSpecification, QueryResult>? executeSource);

    /// <summary>Converts a value as CAST does; throws 245, 8114, 241, 242, 8152/2628, 220, 8115 as SQL Server would.</summary>
    object? Convert(object? value, SqlType from, SqlType to, int style = 0);

    /// <summary>Maps a parsed data type; throws 2715 for unknown names. <c>sysname</c> is nvarchar(128).</summary>
    SqlType ToSqlType(DataTypeReference type);
}
