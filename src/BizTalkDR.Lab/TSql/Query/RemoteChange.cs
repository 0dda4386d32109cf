using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>INSERT into a table of another instance: the rows are computed here and sent as parameters.</summary>
internal sealed class RemoteInsert(IRemoteRowSource remote, IExecutionContext context)
{
    private const int MostParameters = 2000;

    public long Run(List<string> columns, IEnumerable<object?[]> rows, IReadOnlyList<ResultColumn> types)
    {
        int perStatement = Math.Clamp(MostParameters / Math.Max(1, types.Count), 1, 100);
        string list = columns.Count == 0 ? string.Empty : " (" + string.Join(", ", columns.Select(Quote)) + ")";
        long count = 0;
        foreach (object?[][] chunk in rows.ToList().Chunk(perStatement))
        {
            StringBuilder text = new();
            List<(SqlType, object?)> parameters = [];
            text.Append("INSERT INTO ").Append(remote.RemoteName).Append(list).Append(" VALUES ");
            for (int r = 0; r < chunk.Length; r++)
            {
                text.Append(r == 0 ? "(" : ", (");
                for (int i = 0; i < types.Count; i++)
                {
                    text.Append(i == 0 ? "@p" : ", @p").Append(parameters.Count.ToString(CultureInfo.InvariantCulture));
                    parameters.Add((types[i].Type, chunk[r][i]));
                }

                text.Append(')');
            }

            count += remote.Execute(context, text.ToString(), parameters);
        }

        return count;
    }

    private static string Quote(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";
}

/// <summary>UPDATE and DELETE of a table of another instance: the statement is sent there as text, its variables as parameters.</summary>
internal static class RemoteChange
{
    /// <summary>Whether the statement's target is remote; then it has run when this returns.</summary>
    public static bool TryRun(TSqlStatement statement, UpdateDeleteSpecificationBase specification, IExecutionContext context, out long count)
    {
        count = 0;
        Finder finder = new();
        statement.Accept(finder);
        List<NamedTableReference> remoteNames = finder.Tables.FindAll(t => t.SchemaObject.ServerIdentifier is not null);
        NamedTableReference? target = TargetOf(specification, finder.Tables);
        if (target is null || target.SchemaObject.ServerIdentifier is null
            || context.ResolveTable(target.SchemaObject) is not IRemoteRowSource remote)
        {
            return false;
        }

        if (specification.OutputClause is not null || specification.OutputIntoClause is not null)
        {
            throw SqlErrors.Make(405, 16, 1, "A remote table cannot be used as a DML target in a statement which includes an OUTPUT clause or a nested DML statement.");
        }

        Dictionary<int, (int Last, string Text)> replacements = [];
        foreach (NamedTableReference table in remoteNames)
        {
            IRowSource source = ReferenceEquals(table, target) ? remote : context.ResolveTable(table.SchemaObject);
            if (source is IRemoteRowSource other)
            {
                replacements[table.SchemaObject.FirstTokenIndex] = (table.SchemaObject.LastTokenIndex, other.RemoteName);
            }
        }

        List<(SqlType, object?)> parameters = [];
        foreach (VariableReference variable in finder.Variables)
        {
            replacements[variable.FirstTokenIndex] = (variable.LastTokenIndex, "@p" + parameters.Count.ToString(CultureInfo.InvariantCulture));
            parameters.Add(context.GetVariable(variable.Name));
        }

        count = remote.Execute(context, Rewrite(statement, replacements), parameters);
        return true;
    }

    private static NamedTableReference? TargetOf(UpdateDeleteSpecificationBase specification, List<NamedTableReference> tables)
    {
        if (specification.Target is not NamedTableReference named)
        {
            return null;
        }

        // The target may be an alias of FROM.
        return named.SchemaObject.Count > 1
            ? named
            : tables.Find(t => t.Alias?.Value.Equals(named.SchemaObject.BaseIdentifier.Value, StringComparison.OrdinalIgnoreCase) == true) ?? named;
    }

    private static string Rewrite(TSqlStatement statement, Dictionary<int, (int Last, string Text)> replacements)
    {
        StringBuilder text = new();
        for (int i = statement.FirstTokenIndex; i <= statement.LastTokenIndex; i++)
        {
            if (replacements.TryGetValue(i, out (int Last, string Text) replacement))
            {
                text.Append(replacement.Text);
                i = replacement.Last;
            }
            else
            {
                text.Append(statement.ScriptTokenStream[i].Text);
            }
        }

        return text.ToString();
    }

    private sealed class Finder : TSqlConcreteFragmentVisitor
    {
        public List<NamedTableReference> Tables { get; } = [];

        public List<VariableReference> Variables { get; } = [];

        public override void Visit(NamedTableReference node) => Tables.Add(node);

        public override void Visit(VariableReference node) => Variables.Add(node);
    }
}
