using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Evaluates expressions and runs queries and DML over parsed T-SQL. It has no state of its own.</summary>
public sealed class QueryEngine : IQueryEngine
{
    public void RegisterFunctions(FunctionRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        StringFunctions.Register(registry);
        TextFunctions.Register(registry);
        MathFunctions.Register(registry);
        DateFunctions.Register(registry);
        ValueFunctions.Register(registry);
        JsonFunctions.Register(registry);
    }

    public (SqlType Type, object? Value) Evaluate(ScalarExpression expression, IExecutionContext context)
    {
        Expr bound = new Binder(context).Bind(expression);
        return (bound.Type, bound.Eval(new Frame(context, null)));
    }

    public bool EvaluateCondition(BooleanExpression condition, IExecutionContext context) =>
        new Binder(context).BindCondition(condition)(new Frame(context, null)) == true;

    public QueryResult Select(SelectStatement statement, IExecutionContext context)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (statement.ComputeClauses.Count > 0)
        {
            throw SqlErrors.Unsupported("COMPUTE");
        }

        Binder binder = new(context);
        binder.AddCtes(statement.WithCtesAndXmlNamespaces, statement.OptimizerHints);
        binder.AssignsVariables = statement.QueryExpression is QuerySpecification { SelectElements: [SelectSetVariable, ..] };
        QueryPlan plan = binder.BindQuery(statement.QueryExpression, null);
        return new QueryResult(plan.Columns, plan.Run(context, null));
    }

    public QueryResult Query(QueryExpression query, WithCtesAndXmlNamespaces? ctes, IExecutionContext context)
    {
        Binder binder = new(context);
        binder.AddCtes(ctes);
        QueryPlan plan = binder.BindQuery(query, null);
        return new QueryResult(plan.Columns, plan.Run(context, null));
    }

    public IRowSource View(QueryExpression query, WithCtesAndXmlNamespaces? ctes, IReadOnlyList<string>? columnNames, IExecutionContext context) =>
        new ViewRowSource(query, ctes, columnNames, context);

    public (long RowCount, QueryResult? Output) Modify(DataModificationStatement statement, IExecutionContext context, Func<ExecuteSpecification, QueryResult>? executeSource)
    {
        switch (statement)
        {
            case InsertStatement insert:
                return new InsertCommand(insert, context, executeSource).Run();
            case UpdateStatement update:
                return RemoteChange.TryRun(update, update.UpdateSpecification, context, out long updated)
                    ? (updated, null)
                    : new ChangeCommand(update, update.UpdateSpecification, context).Run();
            case DeleteStatement delete:
                return RemoteChange.TryRun(delete, delete.DeleteSpecification, context, out long deleted)
                    ? (deleted, null)
                    : new ChangeCommand(delete, delete.DeleteSpecification, context).Run();
            case MergeStatement merge:
                return new MergeCommand(merge, context).Run();
            default:
                throw SqlErrors.SyntaxNear("statement");
        }
    }

    public object? Convert(object? value, SqlType from, SqlType to, int style = 0) => SqlConversion.Convert(value, from, to, style);

    public SqlType ToSqlType(DataTypeReference type) => TypeRules.FromParsed(type, defaultLength: 1);
}
