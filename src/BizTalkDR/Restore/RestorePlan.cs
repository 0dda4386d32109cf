using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Restore;

/// <summary>One step of one member, before the gate.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">What it does, for people.</param>
public sealed record RestoreStep(int Number, string Text)
{
    /// <summary>The statement; null for a change of access.</summary>
    public RestoreStatement? Statement { get; init; }

    /// <summary>Access to set on an existing database before it is replaced.</summary>
    public DatabaseAccess? Access { get; init; }

    /// <summary>The backup of the existing database's tail, before it is replaced.</summary>
    public TailStatement? Tail { get; init; }

    /// <summary>The name that the existing database is put under, so that its own is free; null when it is not.</summary>
    public string? KeepAs { get; init; }

    /// <summary>The backup the statement reads.</summary>
    public MediaBackup? Backup { get; init; }

    /// <summary>Whether this log holds the mark: the last step.</summary>
    public bool HoldsMark { get; init; }

    /// <summary>Whether roll-forward stops in this log at a mark of its own, because the chain leaves its recovery fork there.</summary>
    public bool LeavesFork { get; init; }

    /// <summary>Whether roll-forward must stop in this log.</summary>
    public bool MustStop => HoldsMark || LeavesFork;

    /// <summary>Leaves the sizes of transfers to the server: what ended the first run may have been the memory that its buffers took.</summary>
    internal RestoreStep InTheServersOwnSizes() => Statement is { Transfer: not null } statement ? this with { Statement = statement with { Transfer = null } } : this;
}

/// <summary>What is done for one member.</summary>
/// <param name="Chain">Its files.</param>
/// <param name="Role">What it is for the group; unknown when only files are known.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="DestinationServer">Real name of that instance.</param>
/// <param name="MarkPosition">Where the mark stands in its log; of a quiesced point, the end of its full backup.</param>
/// <param name="Steps">To the point, in order.</param>
public sealed record MemberPlan(
    MemberChain Chain, MemberRole Role, SqlInstanceAddress Destination, string DestinationServer, MarkPosition MarkPosition, IReadOnlyList<RestoreStep> Steps)
{
    /// <summary>Database name at the destination; the name at the source unless the request gives it another.</summary>
    public string Database { get; init; } = Chain.Member.Database;

    /// <summary>The database that is replaced; null when there is none.</summary>
    public DatabaseFacts? Replaces { get; init; }

    /// <summary>The database that is kept under another name; null when there is none.</summary>
    public KeptDatabase? Keeps { get; init; }

    /// <summary>The database that is in the way, whatever becomes of it; null when there is none.</summary>
    public DatabaseFacts? Existing => Replaces ?? Keeps?.Database;

    /// <summary>Whether the operator chose that the database is replaced without a backup of its tail.</summary>
    public bool WithoutTail { get; init; }

    /// <summary>The backup of the tail of the database that is replaced; null when none is taken.</summary>
    public TailStatement? Tail => Steps.FirstOrDefault(s => s.Tail is not null)?.Tail;

    /// <summary>Steps on the existing database: done for every member before the first restore of any.</summary>
    public IEnumerable<RestoreStep> TailSteps => Tail is null && Keeps is null ? [] : Steps.TakeWhile(s => s.Statement is null);

    /// <summary>How the database that is replaced leaves its availability group and comes back; null when it is in none.</summary>
    public AvailabilityPlan? Availability { get; init; }

    /// <summary>Volumes its files will lie on, each with its computer; empty when the instance does not tell.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Bytes of its log files, which RESTORE fills with zeros ("Database Instant File Initialization").</summary>
    public long LogFileBytes { get; init; }

    /// <summary>What its restore has to do, for saying which takes longest: bytes of all its backups, and of its log files.</summary>
    public long WorkBytes => Chain.SizeBytes + LogFileBytes;

    /// <summary>Undo file for the look at MarkLog; null when there can be no such look.</summary>
    public string? StandbyFile { get; init; }

    /// <summary>Why there can be no look at MarkLog before recovery; null when there can.</summary>
    public string? NoStandbyReason { get; init; }

    /// <summary>The mark with the latest stamp that MarkLog can hold when the member stands at the mark: one that was placed before it, by a clock that was set back since; null for the mark itself.</summary>
    public string? LaterStamp { get; init; }

    /// <summary>The newest mark in MarkLog when the full set of a quiesced point was written, by its manifest; null for none, and for a mark.</summary>
    public string? NewestMark { get; init; }

    /// <summary>Gives database and destination.</summary>
    public override string ToString() => $"{Database} on {DestinationServer}";
}

/// <summary>The ordered, reviewable steps from files to a recovered group at one point.</summary>
/// <param name="Mark">The mark every member goes to; of a quiesced point, which has none, the name that the files of its full set bear.</param>
/// <param name="MarkTimeUtc">Its time.</param>
/// <param name="Members">Every member, longest first.</param>
public sealed record RestorePlan(string Mark, DateTime MarkTimeUtc, IReadOnlyList<MemberPlan> Members)
{
    /// <summary>What makes the members fit together.</summary>
    public RecoveryPointKind Kind { get; init; }

    /// <summary>The point in words.</summary>
    public string Point => Kind == RecoveryPointKind.Mark ? $"mark {Mark}" : $"quiesced point {Mark}";

    /// <summary>The point in words, its name in quotes.</summary>
    internal string PointName => Kind == RecoveryPointKind.Mark ? $"mark '{Mark}'" : $"quiesced point '{Mark}'";

    /// <summary>What to call the place where every member has to stand.</summary>
    internal string PlaceName => Kind == RecoveryPointKind.Mark ? "the mark" : "the end of its full backup";

    /// <summary>What the operator should know.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Folder as the destinations see it to folder as the computer that planned sees it; null when the paths are the same.</summary>
    public IReadOnlyDictionary<string, string>? PathMap { get; init; }

    /// <summary>How many members are restored at once.</summary>
    public RestoreLimits Limits { get; init; } = RestoreLimits.Default;

    /// <summary>Target text for the question to the operator.</summary>
    public string Target => string.Join(", ", Members.Select(m => m.DestinationServer).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase));

    /// <summary>Action text for the question to the operator.</summary>
    public string Action
    {
        get
        {
            int replaced = Members.Count(m => m.Replaces is not null);
            int kept = Members.Count(m => m.Keeps is not null);
            int joined = Members.Count(m => m.Availability is not null);
            string leaving = joined == 0 ? string.Empty : $", {joined} of them in an availability group that they leave and come back to";
            return $"Restore {Members.Count} databases to {Point}{(replaced == 0 ? string.Empty : $", replacing {replaced} that exist{leaving}")}{(kept == 0 ? string.Empty : $", keeping {kept} that exist under other names")}";
        }
    }

    /// <summary>Gives the same plan with other addresses: those of a plan that was read from a file have no login.</summary>
    public RestorePlan At(Func<MemberPlan, SqlInstanceAddress> address) => this with { Members = Members.Select(m => m with { Destination = address(m) }).ToList() };

    /// <summary>Gives the same plan with other addresses of the secondary replicas.</summary>
    public RestorePlan AtReplicas(Func<SecondaryPlan, SqlInstanceAddress> address) => this with
    {
        Members = Members.Select(m => m.Availability is null ? m : m with { Availability = m.Availability with { Secondaries = m.Availability.Secondaries.Select(s => s with { Address = address(s) }).ToList() } }).ToList(),
    };

    /// <summary>Gives the plan for reading.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Action).Append(" on ").Append(Target).Append('\n');
        foreach (MemberPlan member in Members.Where(m => m.Availability is not null))
        {
            text.Append("  before all: ").Append(member.Availability!.LeaveText(member.Database)).Append('\n');
        }

        if (Members.Any(m => m.Tail is not null))
        {
            text.Append("  first, before anything is restored: the tails of the databases that are replaced, each read back\n");
        }

        text.AppendFormat(CultureInfo.InvariantCulture, "  at once, longest first: {0}{1}\n", Limits, Members.Any(m => m.Volumes.Count == 0) ? " where the volumes are known" : string.Empty);
        foreach (MemberPlan member in Members)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, "  {0}, from {1} ({2}){3}\n", member, string.Equals(member.Database, member.Chain.Member.Database, StringComparison.Ordinal) ? member.Chain.Member.Server : member.Chain.Member.ToString(), member.Role, member switch { { Replaces: not null } => ": REPLACES the existing database", { Keeps: { } kept } => $": keeps the existing database as {kept.As}", _ => string.Empty });
            foreach (RestoreStep step in member.Steps)
            {
                text.AppendFormat(CultureInfo.InvariantCulture, "    {0}. {1}{2}\n", step.Number, step.Text, step.Statement?.Transfer is { } transfer ? $", with {transfer}" : string.Empty);
            }

            text.AppendFormat(CultureInfo.InvariantCulture, Kind == RecoveryPointKind.Mark ? "    mark at LSN {0} ({1})\n" : "    stops at {1}\n", member.MarkPosition.Lsn, member.MarkPosition.Statement);
        }

        text.Append("  then, for all members together:\n");
        text.Append("    prove, still restoring, that each stands at ").Append(PlaceName).Append("; go no further if one does not\n");
        text.Append("    recover each in restricted access; prove again; open all to users last\n");
        foreach (string step in Members.Where(m => m.Availability is not null).SelectMany(m => m.Availability!.ReturnTexts(m.Database)))
        {
            text.Append("    after that: ").Append(step).Append('\n');
        }

        foreach (Finding finding in Findings)
        {
            text.Append("  ").Append(finding).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}
