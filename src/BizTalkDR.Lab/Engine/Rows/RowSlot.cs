namespace BizTalkDR.Lab.Engine;

/// <summary>Holds one row while it is looked at or changed: what everybody sees, and what one transaction makes of it.</summary>
/// <remarks>
/// A row nobody has changed is only on its data page: its slot is made when it is found, reads its values when they are asked for, and is
/// forgotten again. A slot is kept in the table (<see cref="RowMap.Keep"/>) while the page does not have the row, or somebody holds it.
/// </remarks>
internal sealed class RowSlot
{
    private readonly PageStore? _pages;
    private object?[]? _committed;
    private bool _isRead;

    /// <summary>A row no page has.</summary>
    public RowSlot(long id)
    {
        Id = id;
        _isRead = true;
    }

    /// <summary>A row as a page has it.</summary>
    public RowSlot(long id, int page, PageStore pages)
    {
        Id = id;
        Page = page;
        _pages = pages;
    }

    public long Id { get; }

    /// <summary>Last committed values; null when the row does not exist for others.</summary>
    public object?[]? Committed
    {
        get
        {
            if (!_isRead)
            {
                _committed = _pages!.Read(Page, Id);
                _isRead = true;
            }

            return _committed;
        }

        set
        {
            _committed = value;
            _isRead = true;
        }
    }

    /// <summary>Whether there are committed values. Does not read them.</summary>
    public bool IsCommitted => !_isRead || _committed is not null;

    /// <summary>The lock: who holds the row, and the values it gave it. Null when nobody does.</summary>
    public RowChange? Change { get; set; }

    /// <summary>Data page that holds the row since the last checkpoint; 0 = none.</summary>
    public int Page { get; set; }

    /// <summary>Whether the committed values are newer than the last checkpoint begun.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether a checkpoint is writing the committed values, or could not.</summary>
    public bool IsBeingWritten { get; set; }

    /// <summary>Whether the page says all there is to say.</summary>
    public bool CanBeForgotten => Change is null && !IsDirty && !IsBeingWritten && Page != 0 && IsCommitted;

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
