namespace BizTalkDR.Lab.Engine;

/// <summary>Holds one row in memory: what everybody sees, and what one transaction makes of it.</summary>
internal sealed class RowSlot(long id)
{
    public long Id { get; } = id;

    /// <summary>Last committed values; null when the row does not exist for others.</summary>
    public object?[]? Committed { get; set; }

    /// <summary>The lock: who holds the row, and the values it gave it. Null when nobody does.</summary>
    public RowChange? Change { get; set; }

    /// <summary>Data page that held the row at the last checkpoint; 0 = none.</summary>
    public int Page { get; set; }

    /// <summary>Bytes the row takes on that page.</summary>
    public int Size { get; set; }

    /// <summary>Values as the owner of the row sees them.</summary>
    public object?[]? Newest => Change is { } change ? change.Values : Committed;
}

/// <summary>Holds a row's lock and its uncommitted values.</summary>
internal sealed class RowChange(LabTransaction owner, object?[]? values)
{
    public LabTransaction Owner { get; } = owner;

    /// <summary>New values; null = deleted.</summary>
    public object?[]? Values { get; set; } = values;

    /// <summary>False while the row is only locked (UPDLOCK), so that plain readers need not wait.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Whether the commit record is in the log: <see cref="RowSlot.Committed"/> holds the new values, the lock stays until they are durable.</summary>
    public bool IsPromoted { get; set; }

    /// <summary>Committed values before the promotion, still registered in the indexes.</summary>
    public object?[]? Previous { get; set; }
}
