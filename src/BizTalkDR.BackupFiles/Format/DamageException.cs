using System;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>Carries the reason why a walk through a file cannot go on; caught where the walk was begun, never seen outside.</summary>
internal sealed class DamageException : Exception
{
    public DamageException(FindingKind kind, long offset, string message)
        : base(message)
    {
        Kind = kind;
        Offset = offset;
    }

    public FindingKind Kind { get; }

    public long Offset { get; }

    public Finding ToFinding(int? position) => new(Kind, FindingSeverity.Damage, Message, Offset, position);
}
