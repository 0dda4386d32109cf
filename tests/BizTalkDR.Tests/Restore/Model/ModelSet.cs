using System;
using System.Collections.Generic;
using System.Globalization;

namespace BizTalkDR.Tests.Restore.Model;

/// <summary>Kind of a backup set.</summary>
internal enum ModelKind
{
    Full,
    Differential,
    Log,
}

/// <summary>A marked commit in a log.</summary>
/// <param name="Name">Name of the mark.</param>
/// <param name="Lsn">LSN of the commit.</param>
/// <param name="NextLsn">LSN of the record behind it: where roll-forward stands after a stop at the mark.</param>
/// <param name="Transaction">Which transaction it really was; two may bear one name when the clock was set back.</param>
internal sealed record ModelMark(string Name, long Lsn, long NextLsn, int Transaction);

/// <summary>What a backup set is, as the server that restores it sees it.</summary>
internal sealed record ModelSet(ModelKind Kind, Guid SetId)
{
    public Guid Family { get; init; }

    public long FirstLsn { get; init; }

    /// <summary>The LSN behind the last record.</summary>
    public long LastLsn { get; init; }

    public long CheckpointLsn { get; init; }

    /// <summary>Fork at the start of the set.</summary>
    public Guid FirstFork { get; init; }

    /// <summary>Fork at the end of the set.</summary>
    public Guid LastFork { get; init; }

    /// <summary>Where <see cref="FirstFork"/> was left for <see cref="LastFork"/>; zero when both are the same.</summary>
    public long ForkPoint { get; init; }

    /// <summary>Set id of the full backup that a differential builds on.</summary>
    public Guid BaseId { get; init; }

    /// <summary>CheckpointLSN of that full.</summary>
    public long BaseLsn { get; init; }

    public bool IsCopyOnly { get; init; }

    public bool IsBulkLogged { get; init; }

    /// <summary>Marked commits of a log, in log order.</summary>
    public IReadOnlyList<ModelMark> Marks { get; init; } = [];

    public bool ChangesFork => FirstFork != LastFork;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {FirstLsn}-{LastLsn}");
}

/// <summary>One file: the whole of a medium, or one stripe of it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="MediaSet">Id of the medium, the same in all its stripes.</param>
/// <param name="Stripes">How many files the medium has.</param>
/// <param name="Stripe">Which one this is, from 1.</param>
/// <param name="Sets">The sets in it, by position.</param>
internal sealed record ModelFile(string Path, Guid MediaSet, int Stripes, int Stripe, IReadOnlyList<ModelSet> Sets)
{
    /// <summary>False when the file is damaged, cut off or still being written.</summary>
    public bool IsReadable { get; init; } = true;
}
