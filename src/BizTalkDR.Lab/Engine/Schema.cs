using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Describes a column. Texts of expressions are T-SQL, evaluated by the T-SQL layer.</summary>
public sealed class ColumnDef
{
    public required string Name { get; set; }

    public required SqlType Type { get; set; }

    /// <summary>1-based, never reused in a table.</summary>
    public int ColumnId { get; set; }

    public bool Nullable { get; set; } = true;

    public bool IsIdentity { get; set; }

    public long IdentitySeed { get; set; } = 1;

    public long IdentityIncrement { get; set; } = 1;

    public string? DefaultName { get; set; }

    public string? DefaultText { get; set; }

    public string? ComputedText { get; set; }
}

/// <summary>Describes an index; unique ones are enforced by the engine (2601 for an index, 2627 for a constraint).</summary>
public sealed class IndexDef
{
    public required string Name { get; set; }

    public int IndexId { get; set; }

    public int ObjectId { get; set; }

    public bool IsUnique { get; set; }

    public bool IsPrimaryKey { get; set; }

    public bool IsUniqueConstraint { get; set; }

    public bool IsClustered { get; set; }

    /// <summary>Column names with their direction, key columns only.</summary>
    public List<(string Column, bool Descending)> Columns { get; set; } = [];
}

public sealed class CheckDef
{
    public required string Name { get; set; }

    public required string Text { get; set; }
}

public sealed class ForeignKeyDef
{
    public required string Name { get; set; }

    public List<string> Columns { get; set; } = [];

    public required string ReferencedSchema { get; set; }

    public required string ReferencedTable { get; set; }

    public List<string> ReferencedColumns { get; set; } = [];
}

/// <summary>Describes a table as stored in the catalogue.</summary>
public sealed class TableDef
{
    public int ObjectId { get; set; }

    public string Schema { get; set; } = "dbo";

    public required string Name { get; set; }

    public DateTime CreateDate { get; set; }

    public DateTime ModifyDate { get; set; }

    /// <summary>Hidden tables of the lab's own (principals, permissions and so on): not listed in sys.tables.</summary>
    public bool IsSystem { get; set; }

    /// <summary>File group its pages come from; 1 = PRIMARY.</summary>
    public int FileGroupId { get; set; } = FileGroupEntry.Primary;

    public List<ColumnDef> Columns { get; set; } = [];

    public List<IndexDef> Indexes { get; set; } = [];

    public List<CheckDef> Checks { get; set; } = [];

    public List<ForeignKeyDef> ForeignKeys { get; set; } = [];
}

/// <summary>Lists the kinds of programmable objects.</summary>
public enum ModuleKind : byte
{
    Procedure = 1, View, ScalarFunction, InlineTableFunction, TableFunction, Trigger, Synonym, TableType,
}

/// <summary>Describes a procedure, view, function, trigger or synonym: its T-SQL text is its definition.</summary>
public sealed class ModuleDef
{
    public int ObjectId { get; set; }

    public string Schema { get; set; } = "dbo";

    public required string Name { get; set; }

    public ModuleKind Kind { get; set; }

    /// <summary>The whole CREATE statement; for a synonym the base object's name.</summary>
    public required string Text { get; set; }

    public bool QuotedIdentifiers { get; set; } = true;

    public bool AnsiNulls { get; set; } = true;

    /// <summary>The table of a trigger; 0 otherwise.</summary>
    public int ParentObjectId { get; set; }

    public DateTime CreateDate { get; set; }

    public DateTime ModifyDate { get; set; }
}
