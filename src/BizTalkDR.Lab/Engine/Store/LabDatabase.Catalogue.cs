using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    private readonly Dictionary<int, LabTable> _tables = [];
    private readonly Dictionary<string, LabTable> _tableNames = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tables whose drop (or creation) is not decided yet: they may come back.</summary>
    private readonly Dictionary<int, LabTable> _detached = [];
    private readonly Dictionary<int, ModuleDef> _modules = [];
    private readonly Dictionary<string, ModuleDef> _moduleNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<long, string> _schemas = [];
    private readonly object _systemTableGate = new();
    private LabTable[] _catalogue = [];
    private int _nextObjectId = CatalogueTables.FirstUserObjectId;
    private ulong _rowVersion;

    /// <summary>All tables but those of the catalogue itself; empty while the database cannot be read.</summary>
    /// <remarks>A table another transaction has created is listed at once, one it has dropped is not; using either waits for that transaction.</remarks>
    public IReadOnlyCollection<LabTable> Tables => Read(() => _tables.Values.OrderBy(t => t.Def.ObjectId).ToArray(), []);

    public IReadOnlyCollection<ModuleDef> Modules => Read(() => _modules.Values.OrderBy(m => m.ObjectId).ToArray(), []);

    /// <summary>dbo and the schemas created in the database.</summary>
    public IReadOnlyCollection<string> Schemas => Read(() => _schemas.OrderBy(s => s.Key).Select(s => s.Value).Prepend("dbo").ToArray(), ["dbo"]);

    /// <summary>Finds a table by schema and name (case-insensitive); null when there is none.</summary>
    public LabTable? FindTable(string schema, string name) => Read(() => _tableNames.GetValueOrDefault(Key(schema, name)), null);

    public ModuleDef? FindModule(string schema, string name) => Read(() => _moduleNames.GetValueOrDefault(Key(schema, name)), null);

    public int NewObjectId()
    {
        lock (Gate)
        {
            return _nextObjectId++;
        }
    }

    /// <summary>Takes the next value for a rowversion column (big-endian, as @@DBTS shows it).</summary>
    public byte[] NewRowVersion()
    {
        lock (Gate)
        {
            byte[] bytes = new byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, ++_rowVersion);
            return bytes;
        }
    }

    /// <exception cref="LabSqlException">2714 when the name is taken.</exception>
    public LabTable CreateTable(LabTransaction transaction, TableDef definition)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(definition);
        Complete(definition);
        WaitForName(transaction, definition.Schema, definition.Name, 0);
        _catalogue[CatalogueTables.Tables].InsertAs(transaction, definition.ObjectId, [CatalogueCodec.Encode(definition)]);
        lock (Gate)
        {
            return _tables[definition.ObjectId];
        }
    }

    /// <summary>Replaces a table's definition (columns added or dropped: <paramref name="rewrite"/> maps each old row to a new one).</summary>
    /// <exception cref="LabSqlException">1505 when rows violate a new unique index, 2714 when the new name is taken.</exception>
    public void AlterTable(LabTransaction transaction, TableDef definition, Func<object?[], object?[]>? rewrite = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(definition);
        Complete(definition);
        LabTable table = Read(() => _tables.GetValueOrDefault(definition.ObjectId), null)
            ?? throw new LabSqlException(4902, 16, 1, $"Cannot find the object \"{definition.Name}\" because it does not exist or you do not have permissions.");
        WaitForName(transaction, definition.Schema, definition.Name, definition.ObjectId);
        object savepoint = transaction.CreateSavepoint();
        try
        {
            table.Retry(transaction, () => Redefine(transaction, table));
            if (rewrite is not null)
            {
                table.Retry(transaction, () =>
                {
                    table.DropIndexes();
                    foreach (RowSlot slot in table.Rows.From(0).Where(s => s.Newest is not null).ToList())
                    {
                        Change(transaction, table, slot, rewrite(slot.Newest!));
                    }

                    return null;
                });
            }

            _catalogue[CatalogueTables.Tables].InsertAs(transaction, definition.ObjectId, [CatalogueCodec.Encode(definition)]);
            lock (Gate)
            {
                table.CheckUnique();
            }
        }
        catch
        {
            transaction.RollbackTo(savepoint);
            throw;
        }
    }

    public void DropTable(LabTransaction transaction, LabTable table)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(table);
        table.Retry(transaction, () => Redefine(transaction, table));
        _catalogue[CatalogueTables.Tables].Delete(transaction, table.Def.ObjectId);
    }

    /// <summary>Creates or replaces (same object id) a module.</summary>
    public void PutModule(LabTransaction transaction, ModuleDef module)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(module);
        if (module.ObjectId == 0)
        {
            module.ObjectId = NewObjectId();
        }

        DateTime now = Instance.Now;
        module.CreateDate = module.CreateDate == default ? now : module.CreateDate;
        module.ModifyDate = module.ModifyDate == default ? now : module.ModifyDate;
        WaitForName(transaction, module.Schema, module.Name, module.ObjectId);
        _catalogue[CatalogueTables.Modules].InsertAs(transaction, module.ObjectId, [CatalogueCodec.Encode(module)]);
    }

    public void DropModule(LabTransaction transaction, ModuleDef module)
    {
        ArgumentNullException.ThrowIfNull(module);
        _catalogue[CatalogueTables.Modules].Delete(transaction, module.ObjectId);
    }

    /// <exception cref="LabSqlException">2714 when there is such a schema.</exception>
    public void CreateSchema(LabTransaction transaction, string name)
    {
        if (Schemas.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new LabSqlException(2714, 16, 6, $"There is already an object named '{name}' in the database.");
        }

        _catalogue[CatalogueTables.Schemas].Insert(transaction, [name]);
    }

    public void DropSchema(LabTransaction transaction, string name)
    {
        long row = Read(() => _schemas.FirstOrDefault(s => string.Equals(s.Value, name, StringComparison.OrdinalIgnoreCase)).Key, 0);
        if (row == 0 || !_catalogue[CatalogueTables.Schemas].Delete(transaction, row))
        {
            throw new LabSqlException(15151, 16, 1, $"Cannot drop the schema '{name}', because it does not exist or you do not have permission.");
        }
    }

    /// <summary>Gets a hidden system table by name, creating it when missing (principals, role members, permissions).</summary>
    /// <remarks>In a database that cannot be written an absent one is given as an empty table that is not kept.</remarks>
    public LabTable SystemTable(string name, Func<TableDef> definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ThrowIfUnreadable();
        lock (_systemTableGate)
        {
            if (FindTable("sys", name) is { } found)
            {
                return found;
            }

            TableDef made = definition();
            made.Schema = "sys";
            made.Name = name;
            made.IsSystem = true;
            if (IsReadOnly)
            {
                made.ObjectId = NewObjectId();
                return new LabTable(this, made);
            }

            LabTransaction transaction = Instance.Begin("CreateSystemTable");
            try
            {
                LabTable table = CreateTable(transaction, made);
                Instance.Commit(transaction);
                return table;
            }
            catch
            {
                Instance.Rollback(transaction);
                throw;
            }
        }
    }

    internal void LearnRowVersion(ulong version) => _rowVersion = Math.Max(_rowVersion, version);

    private T Read<T>(Func<T> read, T otherwise)
    {
        lock (Gate)
        {
            return State == DatabaseState.Online && !IsDropped ? read() : otherwise;
        }
    }

    private static string Key(string schema, string name) => schema + "\0" + name;
}
