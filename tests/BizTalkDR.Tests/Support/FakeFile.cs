using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Tests.Support;

/// <summary>A mark in a fake log.</summary>
internal sealed record FakeMark(string Name, decimal Lsn, decimal NextLsn);

/// <summary>A backup file that every fake server sees.</summary>
internal sealed class FakeFile
{
    public required string Path { get; init; }

    public required BackupHeader Header { get; set; }

    public List<FakeMark> Marks { get; init; } = [];

    /// <summary>Whether a mark that is not in <see cref="Marks"/> may be there all the same.</summary>
    public bool AbsenceProvesNothing { get; set; }

    public MediaLabel? Label { get; init; }

    public long SizeBytes { get; set; } = 1000;

    /// <summary>Error number that reading gives instead.</summary>
    public int UnreadableWith { get; set; }
}
