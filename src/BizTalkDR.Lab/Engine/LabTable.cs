using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>A table: rows under row ids, unique indexes enforced, row locks held to the end of the transaction.</summary>
public sealed class LabTable
{
    public TableDef Def => throw new NotImplementedException();

    public LabDatabase Database => throw new NotImplementedException();

    /// <summary>Committed and own rows, in row-id order. Safe against changes during the scan.</summary>
    public IEnumerable<LabRow> Scan(LabTransaction? transaction, ReadMode mode = ReadMode.Committed) => throw new NotImplementedException();

    /// <summary>Rows whose index key starts with the given values (all key columns given for a unique index). Null when no such index can serve.</summary>
    public IEnumerable<LabRow>? Seek(LabTransaction? transaction, IReadOnlyList<string> columns, object?[] key, ReadMode mode = ReadMode.Committed) => throw new NotImplementedException();

    public long RowCount => throw new NotImplementedException();

    /// <summary>Inserts a complete row (one value per column in order, of the column's CLR type). Throws 2601/2627 on duplicates, 515 on NULL in a NOT NULL column.</summary>
    public long Insert(LabTransaction transaction, object?[] values) => throw new NotImplementedException();

    public void Update(LabTransaction transaction, long rowId, object?[] values) => throw new NotImplementedException();

    public void Delete(LabTransaction transaction, long rowId) => throw new NotImplementedException();

    /// <summary>Takes the next identity value (gaps after a rollback, as in SQL Server).</summary>
    public long NextIdentity() => throw new NotImplementedException();

    /// <summary>Last identity value handed out, or null.</summary>
    public long? CurrentIdentity => throw new NotImplementedException();

    /// <summary>Sets the identity (RESEED, or an explicit insert beyond it).</summary>
    public void SetIdentity(long value) => throw new NotImplementedException();
}
