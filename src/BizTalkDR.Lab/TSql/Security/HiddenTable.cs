using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>A hidden table of the lab's own, made when it is first written to.</summary>
internal sealed class HiddenTable
{
    private readonly LabDatabase _database;
    private readonly string _name;
    private readonly (string Name, SqlType Type)[] _columns;

    public HiddenTable(LabDatabase database, string name, params (string Name, SqlType Type)[] columns)
    {
        _database = database;
        _name = name;
        _columns = columns;
    }

    /// <summary>Rows, or none while the table does not exist or the database is not open.</summary>
    public IReadOnlyList<LabRow> Rows(LabTransaction? transaction = null)
    {
        if (_database.State != DatabaseState.Online)
        {
            return [];
        }

        LabTable? table = _database.FindTable("sys", _name);
        return table is null ? [] : [.. table.Scan(transaction, transaction is null ? ReadMode.Uncommitted : ReadMode.Committed)];
    }

    public void Insert(LabTransaction transaction, params object?[] values) => Open().Insert(transaction, values);

    public void Update(LabTransaction transaction, long rowId, object?[] values) => Open().Update(transaction, rowId, values);

    public int Delete(LabTransaction transaction, Func<LabRow, bool> which)
    {
        List<LabRow> gone = [.. Rows(transaction).Where(which)];
        foreach (LabRow row in gone)
        {
            Open().Delete(transaction, row.RowId);
        }

        return gone.Count;
    }

    /// <summary>Runs a change in a transaction of its own.</summary>
    public void Change(Action<LabTransaction> change)
    {
        Open();
        LabTransaction transaction = _database.Instance.Begin();
        try
        {
            change(transaction);
            _database.Instance.Commit(transaction);
        }
        catch
        {
            if (transaction.State == TransactionState.Active)
            {
                _database.Instance.Rollback(transaction);
            }

            throw;
        }
    }

    private LabTable Open() => _database.SystemTable(_name, () => new TableDef
    {
        Name = _name,
        Schema = "sys",
        IsSystem = true,
        Columns = [.. _columns.Select((c, i) => new ColumnDef { Name = c.Name, Type = c.Type, ColumnId = i + 1 })],
    });
}
