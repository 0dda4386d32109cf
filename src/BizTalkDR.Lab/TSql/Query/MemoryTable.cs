using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>A table in memory outside of any transaction, as table variables are; one session uses it at a time.</summary>
public sealed class MemoryTable : IWritableRowSource
{
    private readonly SortedDictionary<long, object?[]> _rows = [];
    private readonly List<(IndexDef Index, int[] Columns, Dictionary<object?[], long> Keys)> _unique = [];
    private long _nextRow = 1;
    private long? _identity;

    public MemoryTable(TableDef definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        Columns = definition.Columns.ConvertAll(c => new ResultColumn(c.Name, c.Type, c.Nullable, c.IsIdentity));
        foreach (IndexDef index in definition.Indexes.Where(i => i.IsUnique))
        {
            int[] columns = index.Columns.Select(k => definition.Columns.FindIndex(c => c.Name.Equals(k.Column, StringComparison.OrdinalIgnoreCase))).ToArray();
            _unique.Add((index, columns, new Dictionary<object?[], long>(RowKeyComparer.Default)));
        }
    }

    public TableDef Definition { get; }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    public int RowCount => _rows.Count;

    public long NextIdentity()
    {
        ColumnDef? column = Definition.Columns.Find(c => c.IsIdentity);
        _identity = _identity is null ? column?.IdentitySeed ?? 1 : _identity + (column?.IdentityIncrement ?? 1);
        return _identity.Value;
    }

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) =>
        _rows.Select(r => new LabRow(r.Key, r.Value)).ToList();

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach ((IndexDef index, _, Dictionary<object?[], long> keys) in _unique)
        {
            if (index.Columns.Count == columns.Count && index.Columns.Select(c => c.Column).SequenceEqual(columns, StringComparer.OrdinalIgnoreCase))
            {
                return keys.TryGetValue(key, out long rowId) ? [new LabRow(rowId, _rows[rowId])] : [];
            }
        }

        return null;
    }

    public long Insert(object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckUnique(values, -1);
        long rowId = _nextRow++;
        Store(rowId, values);
        return rowId;
    }

    public void Update(long rowId, object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckUnique(values, rowId);
        Remove(rowId);
        Store(rowId, values);
    }

    public void Delete(long rowId) => Remove(rowId);

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        _rows.Clear();
        _unique.ForEach(u => u.Keys.Clear());
    }

    private static object?[] KeyOf(int[] columns, object?[] values) => Array.ConvertAll(columns, c => values[c]);

    private void CheckUnique(object?[] values, long rowId)
    {
        foreach ((IndexDef index, int[] columns, Dictionary<object?[], long> keys) in _unique)
        {
            object?[] key = KeyOf(columns, values);
            if (keys.TryGetValue(key, out long other) && other != rowId)
            {
                string text = string.Join(", ", key.Select(k => k ?? "<NULL>"));
                throw index.IsPrimaryKey || index.IsUniqueConstraint
                    ? new LabSqlException(2627, 14, 1, $"Violation of {(index.IsPrimaryKey ? "PRIMARY" : "UNIQUE")} KEY constraint '{index.Name}'. Cannot insert duplicate key in object 'dbo.{Definition.Name}'. The duplicate key value is ({text}).")
                    : new LabSqlException(2601, 14, 1, $"Cannot insert duplicate key row in object 'dbo.{Definition.Name}' with unique index '{index.Name}'. The duplicate key value is ({text}).");
            }
        }
    }

    private void Store(long rowId, object?[] values)
    {
        _rows[rowId] = values;
        foreach ((_, int[] columns, Dictionary<object?[], long> keys) in _unique)
        {
            keys[KeyOf(columns, values)] = rowId;
        }
    }

    private void Remove(long rowId)
    {
        if (_rows.Remove(rowId, out object?[]? values))
        {
            foreach ((_, int[] columns, Dictionary<object?[], long> keys) in _unique)
            {
                keys.Remove(KeyOf(columns, values));
            }
        }
    }
}
