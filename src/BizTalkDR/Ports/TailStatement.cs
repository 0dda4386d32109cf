namespace BizTalkDR.Ports;

/// <summary>A backup of the tail of a database's log, before the database is overwritten.</summary>
/// <param name="Database">The database.</param>
/// <param name="Path">File to write, as its server sees it; never an existing one.</param>
/// <remarks>
/// "Tail-Log Backups (SQL Server)": WITH NORECOVERY before a restore, which leaves the database RESTORING, so that nothing can come after the
/// backup; WITH NO_TRUNCATE when the database is damaged, which takes what can be read and leaves its state alone.
/// </remarks>
public sealed record TailStatement(string Database, string Path)
{
    /// <summary>Whether the database cannot be opened (NO_TRUNCATE instead of NORECOVERY).</summary>
    public bool IsDamaged { get; init; }
}
