using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Puts rows into a table: columns in the order of the statement, the rest from identity, defaults and NULL.</summary>
internal sealed class RowWriter
{
    private readonly IExecutionContext _context;
    private readonly ChangeTarget _target;
    private readonly int[] _given;
    private readonly int _identity;
    private readonly bool _identityGiven;
    private readonly List<object?[]> _written = [];
    private decimal? _lastIdentity;

    /// <param name="context">The session.</param>
    /// <param name="target">Where the rows go.</param>
    /// <param name="columns">Column names of the statement; empty = all that can be given.</param>
    /// <param name="valueCount">How many values each row has; -1 = not known yet.</param>
    /// <param name="statement">Word for messages: INSERT or MERGE.</param>
    public RowWriter(IExecutionContext context, ChangeTarget target, IReadOnlyList<string> columns, int valueCount, string statement)
    {
        _context = context;
        _target = target;
        Rules = new TableRules(context, target, statement);
        TableDef table = target.Definition;
        _identity = table.Columns.FindIndex(c => c.IsIdentity);
        bool identityOn = _identity >= 0 && context.IdentityInsertOn(target.Table);
        _given = columns.Count > 0 ? Named(columns) : Unnamed();
        _identityGiven = Array.IndexOf(_given, _identity) >= 0 && _identity >= 0;
        if (columns.Count == 0 && _identity >= 0 && valueCount == _given.Length + 1)
        {
            throw SqlErrors.Make(8101, 16, 1, $"An explicit value for the identity column in table '{table.Name}' can only be specified when a column list is used and IDENTITY_INSERT is ON.");
        }

        if (_identityGiven && !identityOn)
        {
            throw SqlErrors.Make(544, 16, 1, $"Cannot insert explicit value for identity column in table '{table.Name}' when IDENTITY_INSERT is set to OFF.");
        }

        if (identityOn && !_identityGiven)
        {
            throw SqlErrors.Make(545, 16, 1, $"Explicit value must be specified for identity column in table '{table.Name}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.");
        }
    }

    public TableRules Rules { get; }

    /// <summary>Places of the given columns in the table.</summary>
    public IReadOnlyList<int> Given => _given;

    public IReadOnlyList<object?[]> Written => _written;

    /// <summary>Converts and stores one row of values.</summary>
    public object?[] Write(object?[] values, IReadOnlyList<ResultColumn> types)
    {
        object?[] row = new object?[_given.Length];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = values[i] is null ? null : Rules.Store(values[i], types[i].Type, _given[i]);
        }

        return WriteConverted(row);
    }

    /// <summary>Stores one row of values already in the types of their columns.</summary>
    public object?[] WriteConverted(object?[] values)
    {
        TableDef table = _target.Definition;
        object?[] row = new object?[table.Columns.Count];
        bool[] set = new bool[row.Length];
        for (int i = 0; i < _given.Length; i++)
        {
            row[_given[i]] = values[i];
            set[_given[i]] = true;
        }

        for (int i = 0; i < row.Length; i++)
        {
            if (!set[i] && i != _identity)
            {
                row[i] = Rules.Default(i);
            }
        }

        if (_identity >= 0)
        {
            TakeIdentity(row, table.Columns[_identity]);
        }

        Rules.Complete(row);
        _target.Insert(_context, row);
        _written.Add(row);
        return row;
    }

    /// <summary>Ends the statement: foreign keys, and the identity for SCOPE_IDENTITY().</summary>
    public void Finish()
    {
        ForeignKeys.CheckNew(_context, _target.Table, _written, "INSERT");
        if (_lastIdentity is { } last)
        {
            _context.IdentityInserted(last);
        }
    }

    private void TakeIdentity(object?[] row, ColumnDef column)
    {
        if (_identityGiven)
        {
            object value = row[_identity] ?? throw SqlErrors.NotNull(column.Name, _target.FullName, "INSERT");
            _lastIdentity = value is decimal d ? d : SqlConversion.AsLong(value);
            long number = (long)_lastIdentity;
            long? current = _target.Table.CurrentIdentity;
            if (current is null || (column.IdentityIncrement > 0 ? number > current : number < current))
            {
                _target.Table.SetIdentity(number);
            }
        }
        else
        {
            long next = _target.Table.NextIdentity();
            try
            {
                row[_identity] = SqlConversion.Convert(next, SqlType.BigInt, column.Type);
            }
            catch (LabSqlException)
            {
                throw SqlErrors.Make(8115, 16, 1, $"Arithmetic overflow error converting IDENTITY to data type {TypeRules.Name(column.Type)}.");
            }

            _lastIdentity = next;
        }
    }

    private int[] Named(IReadOnlyList<string> columns)
    {
        int[] places = columns.Select(_target.ColumnIndex).ToArray();
        if (places.Distinct().Count() != places.Length)
        {
            string twice = columns.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).First(g => g.Count() > 1).Key;
            throw SqlErrors.Make(264, 16, 1, $"The column name '{twice}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.");
        }

        foreach (int place in places)
        {
            if (_target.Definition.Columns[place].Type.Kind != SqlKind.RowVersion)
            {
                Rules.RefuseAssignment(place, isInsert: true);
            }
        }

        return places;
    }

    private int[] Unnamed() => Enumerable.Range(0, _target.Definition.Columns.Count)
        .Where(i => !_target.Definition.Columns[i].IsIdentity && _target.Definition.Columns[i].ComputedText is null)
        .ToArray();
}
