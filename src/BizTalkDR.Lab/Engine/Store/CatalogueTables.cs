using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Names the hidden tables that hold a database's catalogue: their rows are logged, backed up and restored like data.</summary>
internal static class CatalogueTables
{
    /// <summary>Row id = object id; one value: the encoded <see cref="TableDef"/>.</summary>
    public const int Tables = 1;

    /// <summary>Row id = object id; one value: the encoded <see cref="ModuleDef"/>.</summary>
    public const int Modules = 2;

    /// <summary>One value: the name.</summary>
    public const int Schemas = 3;

    /// <summary>Row id = object id of a table; one value: its last identity. Not part of transactions.</summary>
    public const int Counters = 4;

    public const int LastId = 4;

    /// <summary>First object id given to a user's object.</summary>
    public const int FirstUserObjectId = 100_001;

    public static TableDef Definition(int id) => new()
    {
        ObjectId = id,
        Schema = "sys",
        Name = id switch
        {
            Tables => "lab_tables",
            Modules => "lab_modules",
            Schemas => "lab_schemas",
            _ => "lab_counters",
        },
        IsSystem = true,
        Columns = new List<ColumnDef> { new() { Name = "value", Type = SqlType.VarBinaryMax, ColumnId = 1 } },
    };
}
