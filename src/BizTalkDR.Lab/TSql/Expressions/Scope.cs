using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>One source in a FROM clause: where its columns are in the query's row and by which names it is known.</summary>
internal sealed class ScopeSource
{
    public required string? Name { get; init; }

    /// <summary>Schema and database the table was named with; null when it has an alias or is no table.</summary>
    public string? Schema { get; init; }

    public string? Database { get; init; }

    public required int Offset { get; init; }

    public required IReadOnlyList<ResultColumn> Columns { get; init; }

    /// <summary>Slots after the columns: the stored row of a DML target.</summary>
    public int HiddenSlots { get; init; }

    public LabTable? Table { get; init; }

    /// <summary>Whether an outer join may put NULL in place of its rows.</summary>
    public bool IsOptional { get; set; }

    public int Width => Columns.Count + HiddenSlots;

    public int Find(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name.Equals(column, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    public bool Matches(IReadOnlyList<string> qualifier)
    {
        bool Same(string? a, string b) => a is not null && a.Equals(b, StringComparison.OrdinalIgnoreCase);
        int last = qualifier.Count - 1;
        return Same(Name, qualifier[last])
               && (qualifier.Count < 2 || Same(Schema, qualifier[last - 1]))
               && (qualifier.Count < 3 || Database is null || Same(Database, qualifier[last - 2]));
    }
}

/// <summary>The names one query can see, and the queries around it.</summary>
internal sealed class Scope(Scope? parent)
{
    public Scope? Parent { get; } = parent;

    public int Level { get; } = parent is null ? 0 : parent.Level + 1;

    public List<ScopeSource> Sources { get; } = [];

    public int Width { get; set; }

    /// <summary>Set while the select list, HAVING and ORDER BY of a grouped query are bound.</summary>
    public GroupBinding? Grouping { get; set; }

    /// <summary>Collects window functions; null where they may not appear.</summary>
    public List<WindowFunction>? Windows { get; set; }

    /// <summary>Collects the slots of this scope a condition reads, to place it in the join tree.</summary>
    public List<int>? Reads { get; set; }

    public ScopeSource Add(ScopeSource source)
    {
        Sources.Add(source);
        Width = Math.Max(Width, source.Offset + source.Width);
        return source;
    }

    /// <summary>Finds a column by its name parts in this scope alone. Throws 209 when two sources have it.</summary>
    /// <param name="qualifier">Parts before the column name; none for a bare name.</param>
    /// <param name="column">The column name.</param>
    /// <param name="sourceFound">Whether a qualifier named a source of this scope.</param>
    public (ScopeSource Source, int Column)? Find(IReadOnlyList<string> qualifier, string column, out bool sourceFound)
    {
        (ScopeSource, int)? found = null;
        sourceFound = false;
        foreach (ScopeSource source in Sources)
        {
            if (qualifier.Count > 0 && !source.Matches(qualifier))
            {
                continue;
            }

            sourceFound = true;
            int at = source.Find(column);
            if (at < 0)
            {
                continue;
            }

            if (found is not null)
            {
                throw SqlErrors.AmbiguousColumn(column);
            }

            found = (source, at);
        }

        return found;
    }
}

/// <summary>How expressions of a grouped query map to the grouped row: keys first, then aggregates.</summary>
internal sealed class GroupBinding
{
    public List<GroupKey> Keys { get; } = [];

    public List<Aggregate> Aggregates { get; } = [];

    /// <summary>Whether an aggregate's argument is being bound: columns are those of the source again.</summary>
    public bool InAggregate { get; set; }

    /// <summary>Which message a column outside of the groups gets: 8120 select list, 8121 HAVING, 8127 ORDER BY.</summary>
    public int ErrorNumber { get; set; } = 8120;
}

/// <summary>One GROUP BY expression: its text, and its slot when it is a plain column.</summary>
internal sealed record GroupKey(Expr Expression, string Signature, int SourceSlot);
