using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Holds what SET statements of a session have chosen. Procedures work on a copy, as in SQL Server.</summary>
internal sealed class SessionSettings
{
    public bool NoCount { get; set; }

    public bool XactAbort { get; set; }

    public bool ImplicitTransactions { get; set; }

    public bool QuotedIdentifier { get; set; } = true;

    public bool AnsiNulls { get; set; } = true;

    public bool AnsiPadding { get; set; } = true;

    public bool AnsiWarnings { get; set; } = true;

    public bool AnsiNullDefaultOn { get; set; } = true;

    public bool ArithAbort { get; set; }

    public bool ConcatNullYieldsNull { get; set; } = true;

    public bool NumericRoundAbort { get; set; }

    public bool CursorCloseOnCommit { get; set; }

    public bool FormatOnly { get; set; }

    public bool NoExec { get; set; }

    public bool ParseOnly { get; set; }

    public int LockTimeout { get; set; } = -1;

    public int TextSize { get; set; } = -1;

    public int DateFirst { get; set; } = 7;

    public string DateFormat { get; set; } = "mdy";

    public string Language { get; set; } = "us_english";

    public long RowCount { get; set; }

    public byte[]? ContextInfo { get; set; }

    /// <summary>1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot.</summary>
    public byte Isolation { get; set; } = 2;

    /// <summary>Table whose identity column takes explicit values: database id and object id; null = none.</summary>
    public (int Database, int Object)? IdentityInsert { get; set; }

    public ReadMode ReadMode => Isolation == 1 ? ReadMode.Uncommitted : ReadMode.Committed;

    /// <summary>@@OPTIONS.</summary>
    public int Bits =>
        (ImplicitTransactions ? 2 : 0) | (CursorCloseOnCommit ? 4 : 0) | (AnsiWarnings ? 8 : 0) | (AnsiPadding ? 16 : 0) | (AnsiNulls ? 32 : 0)
        | (ArithAbort ? 64 : 0) | (QuotedIdentifier ? 256 : 0) | (NoCount ? 512 : 0) | (AnsiNullDefaultOn ? 1024 : 0)
        | (ConcatNullYieldsNull ? 4096 : 0) | (NumericRoundAbort ? 8192 : 0) | (XactAbort ? 16384 : 0);

    public SessionSettings Copy() => (SessionSettings)MemberwiseClone();

    public TimeSpan LockWait => LockTimeout < 0 ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(LockTimeout);
}
