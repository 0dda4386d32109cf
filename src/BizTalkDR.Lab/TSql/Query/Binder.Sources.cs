using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// VALUES lists and table-valued functions.
internal sealed partial class Binder
{
    private LeafNode BindValues(InlineDerivedTable values, bool applied)
    {
        (Expr[][] rows, List<ResultColumn> columns) = In(applied ? _scope : _scope!.Parent, () => BindRowValues(values.RowValues));
        string name = values.Alias.Value;
        List<ResultColumn> named = NamedColumns(columns, values.Columns, name);
        ScopeSource added = _scope!.Add(new ScopeSource { Name = name, Offset = _scope.Width, Columns = named });
        return new LeafNode(_scope, added, new ValuesProvider(rows, applied));
    }

    /// <summary>Binds the rows of a VALUES list with one type for each column; throws 10709 when rows differ in length.</summary>
    public (Expr[][] Rows, List<ResultColumn> Columns) BindRowValues(IList<RowValue> values)
    {
        List<List<Expr>> rows = values.Select(r => r.ColumnValues.Select(Bind).ToList()).ToList();
        int count = rows[0].Count;
        if (rows.Exists(r => r.Count != count))
        {
            throw SqlErrors.Make(10709, 16, 1, "The number of columns for each row in a table value constructor must be the same.");
        }

        List<ResultColumn> columns = [];
        for (int i = 0; i < count; i++)
        {
            int column = i;
            SqlType type = Exprs.CommonType(rows.Select(r => r[column]));
            columns.Add(new ResultColumn(string.Empty, type, rows.Exists(r => r[column].Nullable)));
            foreach (List<Expr> row in rows)
            {
                row[column] = Alternative(row[column], type);
            }
        }

        return (rows.Select(r => r.ToArray()).ToArray(), columns);
    }

    private LeafNode BindTableFunction(SchemaObjectFunctionTableReference function, bool applied)
    {
        SchemaObjectName name = function.SchemaObject;
        string alias = function.Alias?.Value ?? name.BaseIdentifier.Value;
        if (name.Count == 1 && TableFunctions.Find(name.BaseIdentifier.Value) is not null)
        {
            return BindBuiltInFunction(name.BaseIdentifier, function.Parameters, alias, applied);
        }

        Expr[] arguments = BindArguments(function.Parameters, applied);
        return FunctionLeaf(alias, arguments, function.Columns, applied, (context, values) => context.ResolveTableFunction(name, values));
    }

    private LeafNode BindGlobalFunction(GlobalFunctionTableReference function, bool applied) =>
        BindBuiltInFunction(function.Name, function.Parameters, function.Alias?.Value, applied);

    private LeafNode BindBuiltInFunction(Identifier name, IList<ScalarExpression> parameters, string? alias, bool applied)
    {
        Expr[] arguments = BindArguments(parameters, applied);
        if (TableFunctions.Find(name.Value) is { } known)
        {
            return FunctionLeaf(alias ?? name.Value, arguments, [], applied, (_, values) => known(values));
        }

        SchemaObjectName system = new();
        system.Identifiers.Add(new Identifier { Value = "sys" });
        system.Identifiers.Add(name);
        return FunctionLeaf(alias ?? name.Value, arguments, [], applied, (context, values) => context.ResolveTableFunction(system, values));
    }

    private Expr[] BindArguments(IList<ScalarExpression> parameters, bool applied) =>
        In(applied ? _scope : _scope!.Parent, () => parameters.Select(p => p is DefaultLiteral ? Exprs.Null : Bind(p)).ToArray());

    // The columns must be known before any row is there: an applied function is asked for them with NULLs.
    private LeafNode FunctionLeaf(string alias, Expr[] arguments, IList<Identifier> names, bool applied, Func<IExecutionContext, (SqlType, object?)[], IRowSource> resolve)
    {
        bool constant = Array.TrueForAll(arguments, a => a is ConstExpr);
        Frame none = new(Context, null);
        (SqlType, object?)[] samples = Array.ConvertAll(arguments, a => (a.Type, constant || (!applied && _scope!.Parent is null) ? a.Eval(none) : null));
        IRowSource sample = resolve(Context, samples);
        List<ResultColumn> columns = names.Count > 0 ? NamedColumns(sample.Columns, names, alias) : [.. sample.Columns];
        ScopeSource added = _scope!.Add(new ScopeSource { Name = alias, Offset = _scope.Width, Columns = columns });
        return new LeafNode(_scope, added, constant || (!applied && _scope.Parent is null) ? new SourceProvider(sample, Context.DefaultReadMode) : new FunctionProvider(resolve, arguments, applied));
    }
}
