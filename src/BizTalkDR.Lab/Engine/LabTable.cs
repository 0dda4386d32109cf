using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>A table: rows under row ids, unique indexes enforced, row locks held to the end of the transaction.</summary>
/// <remarks>All state is guarded by the database's gate, which is never held while waiting for a lock or yielding a row.</remarks>
public sealed partial class LabTable
{
    private RowMap _rows;
    private List<HashIndex>? _indexes;
    private long _nextRowId = 1;
    private long? _identity;
    private int _identityOrdinal;
    private int _versionOrdinal;

    internal LabTable(LabDatabase database, TableDef definition)
    {
        Database = database;
        _rows = new RowMap(database.Store);
        Def = definition;
        SetDefinition(definition);
    }

    public TableDef Def { get; private set; }

    public LabDatabase Database { get; }

    /// <summary>Rows there are, those of open transactions included.</summary>
    public long RowCount { get; private set; }

    /// <summary>Last identity value handed out, or null.</summary>
    public long? CurrentIdentity
    {
        get
        {
            lock (Database.Gate)
            {
                return _identity;
            }
        }
    }

    /// <summary>Whether it is one of the tables that hold the catalogue itself.</summary>
    internal bool IsCatalogue => Def.ObjectId <= CatalogueTables.LastId;

    internal bool IsDropped { get; set; }

    /// <summary>The transaction that created, altered or dropped the table and has not ended: nobody else may use it.</summary>
    internal LabTransaction? RedefinedBy { get; set; }

    /// <summary>Transactions that hold rows of the table: nobody else may change its definition.</summary>
    internal HashSet<LabTransaction> Users { get; } = [];

    internal RowMap Rows => _rows;

    /// <summary>Data pages of the table.</summary>
    internal TablePages Pages { get; set; } = new();

    /// <summary>Whether a page of it could not be read: any use fails with 824.</summary>
    public bool IsDamaged => Damage is not null;

    /// <summary>Pages its rows stand on.</summary>
    public int PageCount => Pages.Count;

    internal bool IdentityChanged { get; set; }

    /// <summary>A page of the table that could not be read; null when all could.</summary>
    internal DamagedPage? Damage { get; set; }

    /// <summary>Takes the next identity value (gaps after a rollback, as in SQL Server).</summary>
    /// <exception cref="InvalidOperationException">The table has no identity column.</exception>
    public long NextIdentity()
    {
        lock (Database.Gate)
        {
            ColumnDef column = IdentityColumn ?? throw new InvalidOperationException($"The table {Def.Name} has no identity column.");
            long next = _identity is { } last ? checked(last + column.IdentityIncrement) : column.IdentitySeed;
            _identity = next;
            IdentityChanged = true;
            return next;
        }
    }

    /// <summary>Sets the identity (RESEED, or an explicit insert beyond it).</summary>
    /// <remarks>Not part of any transaction; durable with the next commit in the database.</remarks>
    public void SetIdentity(long value)
    {
        lock (Database.Gate)
        {
            _identity = value;
            IdentityChanged = true;
            Database.LogIdentity(Def.ObjectId, value);
        }
    }

    internal void RestoreIdentity(long value) => _identity = value;

    /// <summary>Learns identity and rowversion values from a row of the log, so that none is handed out twice.</summary>
    /// <param name="values">The row.</param>
    /// <param name="isInsert">An updated row says nothing of identities: RESEED may have gone below it.</param>
    internal void Learn(object?[] values, bool isInsert)
    {
        if (isInsert && _identityOrdinal >= 0 && _identityOrdinal < values.Length && values[_identityOrdinal] is { } value && IdentityColumn is { } column)
        {
            long number = Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
            bool isBeyond = _identity is not { } last || (column.IdentityIncrement < 0 ? number < last : number > last);
            if (isBeyond)
            {
                _identity = number;
                IdentityChanged = true;
            }
        }

        if (_versionOrdinal >= 0 && _versionOrdinal < values.Length && values[_versionOrdinal] is byte[] { Length: 8 } version)
        {
            Database.LearnRowVersion(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(version));
        }
    }

    internal void SetDefinition(TableDef definition)
    {
        Def = definition;
        _identityOrdinal = definition.Columns.FindIndex(c => c.IsIdentity);
        _versionOrdinal = definition.Columns.FindIndex(c => c.Type.Kind == SqlKind.RowVersion);
        _indexes = null;
    }

    /// <summary>Forgets the indexes: they are made again, over all rows, when next needed.</summary>
    internal void DropIndexes() => _indexes = null;

    private ColumnDef? IdentityColumn => _identityOrdinal < 0 ? null : Def.Columns[_identityOrdinal];

    /// <summary>Gives the indexes, building them first after a load or a change of the definition.</summary>
    private List<HashIndex> Indexes => _indexes ??= BuildIndexes();

    private List<HashIndex> BuildIndexes()
    {
        KeyComparer comparer = KeyComparer.Of(Database.Collation);
        List<HashIndex> indexes = [];
        foreach (IndexDef index in Def.Indexes)
        {
            int[] ordinals = [.. index.Columns.Select(c => OrdinalOf(c.Column))];
            if (ordinals.Length > 0 && !ordinals.Contains(-1))
            {
                HashIndex hash = new(ordinals, comparer, index);
                FillIndex(hash);
                indexes.Add(hash);
            }
        }

        return indexes;
    }

    private void FillIndex(HashIndex index)
    {
        foreach (RowSlot slot in _rows.From(0))
        {
            object?[]? committed = CommittedKey(slot);
            if (committed is not null)
            {
                index.Add(committed, slot);
            }

            index.Replace(slot, committed, null, slot.Newest);
        }
    }

    /// <summary>
    /// Gives the committed values an index registers beside the new ones. While the definition is being changed, the rows have two shapes;
    /// nobody else can look, so the new one is enough.
    /// </summary>
    private object?[]? CommittedKey(RowSlot slot)
    {
        if (RedefinedBy is not null)
        {
            return null;
        }

        return slot.Change is { IsPromoted: true } change ? change.Previous : slot.Committed;
    }

    private int OrdinalOf(string column) => Def.Columns.FindIndex(c => string.Equals(c.Name, column, StringComparison.OrdinalIgnoreCase));
}
