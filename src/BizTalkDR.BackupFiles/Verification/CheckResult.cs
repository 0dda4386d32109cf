namespace BizTalkDR.BackupFiles;

/// <summary>One question that verification asks.</summary>
public enum BackupCheck
{
    /// <summary>Can the file be opened, and is it a backup?</summary>
    Readable,

    /// <summary>Do all blocks and streams follow each other, each matching its checksum and standing in its place?</summary>
    Structure,

    /// <summary>Is every set there to its end?</summary>
    Completeness,

    /// <summary>Did the file stay as it was while it was read?</summary>
    Unchanged,

    /// <summary>Are all stripes of the medium at hand, and do they belong together?</summary>
    Stripes,

    /// <summary>Does the set map list the sets that are there?</summary>
    SetMap,

    /// <summary>Does the header written at the start of a set agree with the one written at its end?</summary>
    HeaderCopies,

    /// <summary>Do the places that repeat a set's LSNs and times agree?</summary>
    LsnConsistency,

    /// <summary>Do compressed records match their checksums and decompress to the size they promise?</summary>
    RecordChecksums,

    /// <summary>Do the data streams match the checksums of WITH CHECKSUM?</summary>
    BackupChecksum,

    /// <summary>Are the log blocks whole, in their places and equal to their checksums?</summary>
    LogBlocks,

    /// <summary>Do allocated pages match their page checksums?</summary>
    PageChecksums,

    /// <summary>Is the file's SHA-256 the expected one?</summary>
    Hash,

    /// <summary>Is the filling between the structures of a plain file zero, as in every backup seen?</summary>
    Filling,
}

/// <summary>What came of a check.</summary>
public enum CheckOutcome
{
    /// <summary>Looked at, and found good.</summary>
    Passed,

    /// <summary>Not looked at, or nothing there that could prove it good; the message says why.</summary>
    NotChecked,

    /// <summary>Looked at, and found bad.</summary>
    Failed,
}

/// <summary>The answer to one check.</summary>
public sealed class CheckResult
{
    internal CheckResult(BackupCheck check, CheckOutcome outcome, string message, long examined = 0, long failed = 0, long notChecked = 0, long? offset = null)
    {
        Check = check;
        Outcome = outcome;
        Message = message;
        Examined = examined;
        Failed = failed;
        NotChecked = notChecked;
        Offset = offset;
    }

    /// <summary>The question.</summary>
    public BackupCheck Check { get; }

    /// <summary>The answer.</summary>
    public CheckOutcome Outcome { get; }

    /// <summary>What was found, or why it was not checked.</summary>
    public string Message { get; }

    /// <summary>Number of things examined: blocks, records, streams, pages.</summary>
    public long Examined { get; }

    /// <summary>Number of them found bad.</summary>
    public long Failed { get; }

    /// <summary>Number of things that could not be examined.</summary>
    public long NotChecked { get; }

    /// <summary>Where the first bad thing is, in bytes from the start of the file.</summary>
    public long? Offset { get; }

    public override string ToString() => $"{Check}: {Outcome} ({Message})";
}
