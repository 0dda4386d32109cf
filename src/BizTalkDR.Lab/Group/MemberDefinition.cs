namespace BizTalkDR.Lab.Group;

/// <summary>Says what a database is for the group.</summary>
public enum MemberRole : byte
{
    Management = 1, MessageBox, Tracking, Sso, RuleEngine, BamPrimaryImport, Custom,
}

/// <summary>Describes one database of the practice group.</summary>
/// <param name="Role">What it is for the group.</param>
/// <param name="Database">Name of the database.</param>
/// <param name="Server">Network name of its instance.</param>
/// <param name="FillerBytes">Generated content besides the tables of the role, in bytes.</param>
public sealed record MemberDefinition(MemberRole Role, string Database, string Server, long FillerBytes = MemberDefinition.DefaultFillerBytes)
{
    public const long DefaultFillerBytes = 256 * 1024;

    /// <summary>Name of the member in the ledger: stays the same wherever the database lives later.</summary>
    public string Key => Server + "/" + Database;
}
