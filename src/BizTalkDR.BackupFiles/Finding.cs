using System.Globalization;

namespace BizTalkDR.BackupFiles;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Information,

    /// <summary>Something to look at before relying on the file.</summary>
    Warning,

    /// <summary>The file is damaged or incomplete.</summary>
    Damage,
}

/// <summary>What was found.</summary>
public enum FindingKind
{
    /// <summary>The file ends in the middle of a structure, or before the end of its last set.</summary>
    Truncated,

    /// <summary>A block or stream header does not match its checksum.</summary>
    HeaderChecksum,

    /// <summary>A compressed record does not match its checksum or cannot be decompressed.</summary>
    RecordDamaged,

    /// <summary>A structure says something impossible about itself.</summary>
    Malformed,

    /// <summary>Nothing but zeros where a structure must begin: never written, or wiped.</summary>
    Zeroed,

    /// <summary>Blocks follow each other in an order no backup has.</summary>
    OutOfOrder,

    /// <summary>The set was not finished: its closing header is missing.</summary>
    Unfinished,

    /// <summary>Two places that must tell the same do not.</summary>
    Disagreement,

    /// <summary>Bytes behind the end of the last set.</summary>
    TrailingBytes,

    /// <summary>A structure this reader does not know was passed over.</summary>
    UnknownStructure,

    /// <summary>The medium or a set is protected by a password.</summary>
    PasswordProtected,

    /// <summary>The file is one stripe of several.</summary>
    StripeOfSeveral,

    /// <summary>The server noted in the header that it met damage while it wrote the backup.</summary>
    DamagedAtSource,

    /// <summary>The name of the file says something else than its header.</summary>
    NameDisagrees,

    /// <summary>The file grew or changed while it was read.</summary>
    ChangedWhileRead,

    /// <summary>A limit of the reader was reached; the rest was not read.</summary>
    LimitReached,

    /// <summary>A log block does not match its checksum or its place.</summary>
    LogBlockDamaged,
}

/// <summary>One thing worth saying about a file, beside its contents.</summary>
public sealed class Finding
{
    internal Finding(FindingKind kind, FindingSeverity severity, string message, long? offset = null, int? position = null)
    {
        Kind = kind;
        Severity = severity;
        Message = message;
        Offset = offset;
        Position = position;
    }

    /// <summary>What was found.</summary>
    public FindingKind Kind { get; }

    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity { get; }

    /// <summary>A sentence for the operator.</summary>
    public string Message { get; }

    /// <summary>Where in the file, in bytes from its start, if one place can be named.</summary>
    public long? Offset { get; }

    /// <summary>The backup set it concerns, by position on the medium from 1.</summary>
    public int? Position { get; }

    /// <summary>Severity, place and message in one line.</summary>
    public override string ToString() =>
        Offset is long at
            ? string.Format(CultureInfo.InvariantCulture, "{0}: {1} (at byte {2})", Severity, Message, at)
            : string.Format(CultureInfo.InvariantCulture, "{0}: {1}", Severity, Message);
}
