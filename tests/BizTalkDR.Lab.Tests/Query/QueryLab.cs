using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.TSql;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>A real instance with one database, and the least of a session: variables, table names, one transaction per statement.</summary>
public sealed class QueryLab : IExecutionContext, IDisposable
{
    private readonly string _folder;
    private readonly Dictionary<string, (SqlType Type, object? Value)> _variables = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _views = new(StringComparer.OrdinalIgnoreCase);

    public QueryLab()
    {
        _folder = Directory.CreateTempSubdirectory("lab-query-").FullName;
        Instance = LabInstance.Create(new InstanceOptions { ServerName = "LAB1", Folder = Path.Combine(_folder, "i"), Clock = new FixedClock() });
        Database = Instance.CreateDatabase("db", "sa");
        Engine.RegisterFunctions(Functions);
    }

    private QueryLab(QueryLab other)
    {
        _folder = string.Empty;
        Instance = other.Instance;
        Database = other.Database;
        Functions = other.Functions;
    }

    public QueryEngine Engine { get; } = new();

    public LabInstance Instance { get; }

    public LabDatabase Database { get; }

    public LabTransaction? Transaction { get; set; }

    public ReadMode DefaultReadMode { get; set; }

    public CancellationToken Cancellation => CancellationToken.None;

    public DateTime StatementTime { get; } = new(2026, 3, 4, 5, 6, 7, 890);

    public FunctionRegistry Functions { get; } = new();

    public List<SqlMessage> Messages { get; } = [];

    public decimal? LastIdentity { get; private set; }

    public string? IdentityInsertTable { get; set; }

    public RemoteTable? Remote { get; set; }

    /// <summary>A second session on the same instance.</summary>
    public QueryLab Session() => new(this);

    public void Declare(string name, SqlType type, object? value = null) => _variables[name] = (type, value);

    public (SqlType Type, object? Value) GetVariable(string name) => _variables.TryGetValue(name, out (SqlType, object?) found)
        ? found
        : throw new LabSqlException(137, 15, 2, $"Must declare the scalar variable \"{name}\".");

    public void SetVariable(string name, SqlType type, object? value) =>
        _variables[name] = (GetVariable(name).Type, Engine.Convert(value, type, GetVariable(name).Type));

    public (SqlType Type, object? Value) GetGlobal(string name) => (SqlType.Int, 7);

    public IRowSource ResolveTable(SchemaObjectName name)
    {
        string table = name.BaseIdentifier.Value;
        if (name.ServerIdentifier is not null && Remote is not null)
        {
            return Remote;
        }

        if (_views.TryGetValue(table, out string? text))
        {
            SelectStatement select = (SelectStatement)Parse(text);
            return Engine.View(select.QueryExpression, select.WithCtesAndXmlNamespaces, null, this);
        }

        return Database.FindTable(name.SchemaIdentifier?.Value ?? "dbo", table) is { } found
            ? new StoredRows(found)
            : throw new LabSqlException(208, 16, 1, $"Invalid object name '{table}'.");
    }

    public IRowSource ResolveTableVariable(string name) => throw new LabSqlException(1087, 15, 2, $"Must declare the table variable \"{name}\".");

    public IRowSource ResolveTableFunction(SchemaObjectName name, IReadOnlyList<(SqlType Type, object? Value)> arguments) =>
        name.BaseIdentifier.Value == "numbers"
            ? new Counted((int?)Engine.Convert(arguments[0].Value, arguments[0].Type, SqlType.Int) ?? 0)
            : throw new LabSqlException(208, 16, 1, $"Invalid object name '{name.BaseIdentifier.Value}'.");

    public (SqlType Type, object? Value) CallUserFunction(string? database, string schema, string name, IReadOnlyList<(SqlType Type, object? Value)> arguments) =>
        (SqlType.Int, (int)arguments[0].Value! * 2);

    public SqlType UserFunctionType(string? database, string schema, string name) =>
        name == "twice" ? SqlType.Int : throw new LabSqlException(4121, 16, 1, $"Cannot find either column \"{schema}\" or the user-defined function or aggregate \"{schema}.{name}\", or the name is ambiguous.");

    public void IdentityInserted(decimal value) => LastIdentity = value;

    public bool IdentityInsertOn(LabTable table) => table.Def.Name == IdentityInsertTable;

    public void Inform(SqlMessage message) => Messages.Add(message);

    public void View(string name, string select) => _views[name] = select;

    /// <summary>Runs statements; the rows of the last query come back as text, one string per row, columns separated by bars.</summary>
    public string[] Run(string sql)
    {
        string[] rows = [];
        foreach (TSqlStatement statement in ((TSqlScript)ParseScript(sql)).Batches.SelectMany(b => b.Statements))
        {
            rows = RunStatement(statement);
        }

        return rows;
    }

    public int Error(string sql) => Xunit.Assert.Throws<LabSqlException>(() => Run(sql)).Number;

    public string ErrorText(string sql) => Xunit.Assert.Throws<LabSqlException>(() => Run(sql)).Message;

    public long Count(string sql)
    {
        Transaction = Instance.Begin();
        (long count, QueryResult? output) = Engine.Modify((DataModificationStatement)Parse(sql), this, null);
        output?.Rows.Count();
        Instance.Commit(Transaction);
        Transaction = null;
        return count;
    }

    public QueryResult Query(string sql) => Engine.Select((SelectStatement)Parse(sql), this);

    public (SqlType Type, object? Value) Evaluate(string expression)
    {
        using StringReader reader = new(expression);
        ScalarExpression parsed = new TSql150Parser(true).ParseExpression(reader, out IList<ParseError> errors);
        Xunit.Assert.Empty(errors);
        return Engine.Evaluate(parsed, this);
    }

    public void Dispose()
    {
        if (_folder.Length == 0)
        {
            return;
        }

        Instance.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Writes a value so that tests can compare it: dates as ISO, binary as hex, numbers with their digits.</summary>
    public static string Show(object? value) => value switch
    {
        null => "NULL",
        bool b => b ? "1" : "0",
        byte[] bytes => "0x" + Convert.ToHexString(bytes),
        DateTime d => d.TimeOfDay == TimeSpan.Zero ? d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : d.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TimeSpan t => t.ToString("c", CultureInfo.InvariantCulture),
        DateTimeOffset o => o.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        decimal m => (m / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        Guid g => g.ToString().ToUpperInvariant(),
        SqlVariant v => Show(v.Value),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private string[] RunStatement(TSqlStatement statement)
    {
        bool own = Transaction is null;
        Transaction ??= Instance.Begin();
        try
        {
            string[] rows = statement switch
            {
                CreateTableStatement create => Create(create),
                SelectStatement select => Rows(Engine.Select(select, this)),
                DataModificationStatement change => Rows(Engine.Modify(change, this, null).Output),
                _ => throw new InvalidOperationException(statement.GetType().Name),
            };
            if (own)
            {
                Instance.Commit(Transaction);
            }

            return rows;
        }
        catch when (own)
        {
            Instance.Rollback(Transaction);
            throw;
        }
        finally
        {
            Transaction = own ? null : Transaction;
        }
    }

    private static string[] Rows(QueryResult? result) => result?.Rows.Select(r => string.Join('|', r.Select((value, i) =>
    {
        Assert.True(value is not null || result.Columns[i].Nullable, $"Column {i} was announced as NOT NULL and holds NULL.");
        return Show(value);
    }))).ToArray() ?? [];

    private static TSqlStatement Parse(string sql) => ((TSqlScript)ParseScript(sql)).Batches[0].Statements[0];

    private static TSqlFragment ParseScript(string sql)
    {
        using StringReader reader = new(sql);
        TSqlFragment script = new TSql150Parser(true).Parse(reader, out IList<ParseError> errors);
        Xunit.Assert.True(errors.Count == 0, errors.Count == 0 ? null : errors[0].Message + ": " + sql);
        return script;
    }

    private string[] Create(CreateTableStatement create)
    {
        TableDef table = new() { Name = create.SchemaObjectName.BaseIdentifier.Value, Schema = create.SchemaObjectName.SchemaIdentifier?.Value ?? "dbo" };
        foreach (ColumnDefinition column in create.Definition.ColumnDefinitions)
        {
            bool notNull = column.Constraints.OfType<NullableConstraintDefinition>().Any(c => !c.Nullable) || column.IdentityOptions is not null;
            table.Columns.Add(new ColumnDef
            {
                Name = column.ColumnIdentifier.Value,
                Type = column.DataType is null ? SqlType.Int : Engine.ToSqlType(column.DataType),
                Nullable = !notNull,
                IsIdentity = column.IdentityOptions is not null,
                IdentitySeed = Number(column.IdentityOptions?.IdentitySeed),
                IdentityIncrement = Number(column.IdentityOptions?.IdentityIncrement),
                DefaultText = Text(column.DefaultConstraint?.Expression),
                ComputedText = Text(column.ComputedColumnExpression),
                ColumnId = table.Columns.Count + 1,
            });
            foreach (ConstraintDefinition constraint in column.Constraints)
            {
                Add(table, constraint, column.ColumnIdentifier.Value);
            }
        }

        foreach (ConstraintDefinition constraint in create.Definition.TableConstraints)
        {
            Add(table, constraint, null);
        }

        Database.CreateTable(Transaction!, table);
        return [];
    }

    private static void Add(TableDef table, ConstraintDefinition constraint, string? column)
    {
        string name = constraint.ConstraintIdentifier?.Value ?? "C" + table.Name;
        switch (constraint)
        {
            case UniqueConstraintDefinition unique:
                List<(string, bool)> key = column is null ? unique.Columns.Select(c => (c.Column.MultiPartIdentifier[0].Value, false)).ToList() : [(column, false)];
                table.Indexes.Add(new IndexDef { Name = name, IsUnique = true, IsPrimaryKey = unique.IsPrimaryKey, IsUniqueConstraint = !unique.IsPrimaryKey, Columns = key });
                table.Columns.FindAll(c => unique.IsPrimaryKey && key.Any(k => k.Item1 == c.Name)).ForEach(c => c.Nullable = false);
                break;
            case CheckConstraintDefinition check:
                table.Checks.Add(new CheckDef { Name = name, Text = Text(check.CheckCondition)! });
                break;
            case ForeignKeyConstraintDefinition foreign:
                table.ForeignKeys.Add(new ForeignKeyDef
                {
                    Name = name,
                    Columns = column is null ? foreign.Columns.Select(c => c.Value).ToList() : [column],
                    ReferencedSchema = "dbo",
                    ReferencedTable = foreign.ReferenceTableName.BaseIdentifier.Value,
                    ReferencedColumns = foreign.ReferencedTableColumns.Select(c => c.Value).ToList(),
                });
                break;
            default:
                break;
        }
    }

    private static long Number(ScalarExpression? expression) => expression is Literal literal ? long.Parse(literal.Value, CultureInfo.InvariantCulture) : 1;

    private static string? Text(TSqlFragment? fragment) => fragment is null
        ? null
        : string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(t => t.Text));

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);
    }

    private sealed class StoredRows(LabTable table) : IRowSource
    {
        public IReadOnlyList<ResultColumn> Columns { get; } = table.Def.Columns.ConvertAll(c => new ResultColumn(c.Name, c.Type, c.Nullable, c.IsIdentity));

        public LabTable? Table => table;

        public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => table.Scan(context.Transaction, mode);

        public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => table.Seek(context.Transaction, columns, key, mode);
    }

    private sealed class Counted(int count) : IRowSource
    {
        public IReadOnlyList<ResultColumn> Columns { get; } = [new ResultColumn("n", SqlType.Int)];

        public LabTable? Table => null;

        public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => Enumerable.Range(1, count).Select(i => new LabRow(i, [i]));

        public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;
    }
}

/// <summary>A table of another instance that only writes down what it is sent.</summary>
public sealed class RemoteTable : IRemoteRowSource
{
    public IReadOnlyList<ResultColumn> Columns { get; } = [new ResultColumn("Id", SqlType.Int), new ResultColumn("Name", SqlType.NVarChar(20))];

    public LabTable? Table => null;

    public string RemoteName => "[far].[dbo].[t]";

    public List<string> Sent { get; } = [];

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => [new LabRow(1, [1, "one"]), new LabRow(2, [2, "two"])];

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;

    public long Execute(IExecutionContext context, string text, IReadOnlyList<(SqlType Type, object? Value)> parameters)
    {
        Sent.Add(text + " <- " + string.Join(",", parameters.Select(p => QueryLab.Show(p.Value))));
        return parameters.Count;
    }
}
