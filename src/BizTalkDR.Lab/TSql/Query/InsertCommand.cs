using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs INSERT.</summary>
internal sealed class InsertCommand(InsertStatement statement, IExecutionContext context, Func<ExecuteSpecification, QueryResult>? executeSource)
{
    private readonly InsertSpecification _insert = statement.InsertSpecification;

    public (long RowCount, QueryResult? Output) Run()
    {
        Binder binder = new(context);
        binder.AddCtes(statement.WithCtesAndXmlNamespaces, statement.OptimizerHints);
        IRowSource source = _insert.Target switch
        {
            VariableTableReference variable => context.ResolveTableVariable(variable.Variable.Name),
            NamedTableReference named => context.ResolveTable(named.SchemaObject),
            _ => throw SqlErrors.SyntaxNear("INSERT"),
        };
        List<string> columns = _insert.Columns.Select(c => c.MultiPartIdentifier[c.MultiPartIdentifier.Count - 1].Value).ToList();
        if (source is IRemoteRowSource remote)
        {
            return (new RemoteInsert(remote, context).Run(columns, SourceRows(binder, out IReadOnlyList<ResultColumn> remoteColumns), remoteColumns), null);
        }

        ChangeTarget target = TargetOf(source, binder);
        return DmlScope.Run(context, () =>
        {
            OutputRows output = new(binder, _insert, target, null, hasInserted: true, hasDeleted: false, hasAction: false);
            RowWriter writer = _insert.InsertSource is ValuesInsertSource values
                ? WriteValues(values, binder, target, columns, output)
                : WriteRows(binder, target, columns, output);
            writer.Finish();
            target.Table.CountUse(null);
            return (writer.Written.Count, output);
        });
    }

    private RowWriter WriteRows(Binder binder, ChangeTarget target, List<string> columns, OutputRows output)
    {
        // The rows are read through before the first is stored: the query may read the table itself.
        List<object?[]> rows = SourceRows(binder, out IReadOnlyList<ResultColumn> types).ToList();
        RowWriter writer = new(context, target, columns, types.Count, "INSERT");
        CheckSourceCount(columns.Count, types.Count, writer.Given.Count);
        for (int i = 0; i < types.Count; i++)
        {
            SqlConversion.Verify(types[i].Type, target.Definition.Columns[writer.Given[i]].Type, isExplicit: false);
            writer.Rules.RefuseAssignment(writer.Given[i], isInsert: true);
        }

        foreach (object?[] row in Limited(rows, binder))
        {
            output.Add(context, writer.Write(row, types), null, "INSERT", null);
        }

        return writer;
    }

    private ChangeTarget TargetOf(IRowSource source, Binder binder)
    {
        if (source is not ViewRowSource)
        {
            return ChangeTarget.Of(source, Binder.Signature(_insert.Target).Trim());
        }

        DmlTarget target = new() { Reference = _insert.Target };
        binder.In(new Scope(null), () => binder.BindFrom([_insert.Target], target));
        return target.Found!;
    }

    private IEnumerable<object?[]> Limited(List<object?[]> rows, Binder binder)
    {
        if (_insert.TopRowFilter is not { } top)
        {
            return rows;
        }

        (long count, double percent) = RowLimits.Top(binder.Bind(top.Expression), top.Percent, new Frame(context, null));
        return rows.Take((int)Math.Min(top.Percent ? (long)Math.Ceiling(rows.Count * percent / 100) : count, int.MaxValue));
    }

    private RowWriter WriteValues(ValuesInsertSource values, Binder binder, ChangeTarget target, List<string> columns, OutputRows output)
    {
        if (values.IsDefaultValues)
        {
            RowWriter empty = new(context, target, [], -1, "INSERT");
            object?[] given = empty.Given.Select(empty.Rules.Default).ToArray();
            output.Add(context, empty.WriteConverted(given), null, "INSERT", null);
            return empty;
        }

        int count = values.RowValues[0].ColumnValues.Count;
        RowWriter writer = new(context, target, columns, count, "INSERT");
        CheckValuesCount(columns.Count, values, writer.Given.Count);

        // All rows are computed before the first is stored: the values may read the table itself.
        Frame frame = new(context, null);
        List<object?[]> rows = [];
        foreach (RowValue value in values.RowValues)
        {
            object?[] row = new object?[writer.Given.Count];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = ValueOf(value.ColumnValues[i], binder, writer, writer.Given[i], frame);
            }

            rows.Add(row);
        }

        foreach (object?[] row in rows)
        {
            output.Add(context, writer.WriteConverted(row), null, "INSERT", null);
        }

        return writer;
    }

    private static object? ValueOf(ScalarExpression expression, Binder binder, RowWriter writer, int column, Frame frame)
    {
        if (expression is DefaultLiteral)
        {
            return writer.Rules.Default(column);
        }

        writer.Rules.RefuseAssignment(column, isInsert: true);
        return writer.Rules.Assign(binder.Bind(expression), column).Eval(frame);
    }

    private static void CheckValuesCount(int listed, ValuesInsertSource values, int wanted)
    {
        foreach (RowValue row in values.RowValues)
        {
            int count = row.ColumnValues.Count;
            if (count != values.RowValues[0].ColumnValues.Count)
            {
                throw SqlErrors.Make(10709, 16, 1, "The number of columns for each row in a table value constructor must be the same.");
            }

            if (listed > 0 && count < listed)
            {
                throw SqlErrors.Make(109, 15, 1, "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.");
            }

            if (listed > 0 && count > listed)
            {
                throw SqlErrors.Make(110, 15, 1, "There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.");
            }

            if (count != wanted)
            {
                throw WrongCount();
            }
        }
    }

    private static void CheckSourceCount(int listed, int given, int wanted)
    {
        if (listed > 0 && given < listed)
        {
            throw SqlErrors.Make(120, 15, 1, "The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.");
        }

        if (listed > 0 && given > listed)
        {
            throw SqlErrors.Make(121, 15, 1, "The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.");
        }

        if (given != wanted)
        {
            throw WrongCount();
        }
    }

    private static LabSqlException WrongCount() => SqlErrors.Make(213, 16, 1, "Column name or number of supplied values does not match table definition.");

    private IEnumerable<object?[]> SourceRows(Binder binder, out IReadOnlyList<ResultColumn> columns)
    {
        switch (_insert.InsertSource)
        {
            case SelectInsertSource select:
                QueryPlan plan = binder.BindQuery(select.Select, null);
                columns = plan.Columns;
                return plan.Run(context, null);
            case ExecuteInsertSource execute when executeSource is not null:
                QueryResult result = executeSource(execute.Execute);
                columns = result.Columns;
                return result.Rows;
            case ValuesInsertSource { IsDefaultValues: false } values:
                (Expr[][] rows, List<ResultColumn> types) = binder.BindRowValues(values.RowValues);
                columns = types;
                Frame frame = new(context, null);
                return rows.Select(r => Array.ConvertAll(r, e => e.Eval(frame)));
            default:
                throw SqlErrors.SyntaxNear("INSERT");
        }
    }
}
