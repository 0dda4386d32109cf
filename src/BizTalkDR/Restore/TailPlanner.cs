using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Says of which databases that are replaced the tail of the log is backed up first, and where to. Pure.</summary>
/// <remarks>
/// The newest work of a database that lives is in no backup until the tail of its log is ("Tail-Log Backups (SQL Server)"). A database that is
/// RESTORING or in standby holds nothing of its own only when its server proves that a restore left it so (<see cref="ClosedDatabase"/>).
/// </remarks>
internal static class TailPlanner
{
    /// <summary>Gives the backup of a database's tail; null when none is needed, wanted or possible.</summary>
    public static TailStatement? Of(string database, DatabaseFacts existing, DestinationFacts destination, RestorePlanInput input)
    {
        if (!HoldsWork(existing) || IsGivenUp(database, input.Request) || WhyNot(existing) is not null)
        {
            return null;
        }

        string folder = input.Request.TailFolder ?? destination.Identity.BackupPath
            ?? throw new RecoveryException(
                RecoveryError.DestinationInvalid,
                destination.Identity.ServerName,
                $"'{destination.Identity.ServerName}' does not say its default backup folder, and the tail of {database} on it has to go somewhere before it is replaced.",
                "Name a folder that the instance can write to with -TailFolder.");
        string name = string.Format(
            CultureInfo.InvariantCulture,
            "{0}_{1}_Tail_{2:yyyy_MM_dd_HH_mm_ss_fff}.trn",
            FileLayout.SafeName(destination.Identity.ServerName),
            FileLayout.SafeName(database),
            input.PlannedUtc);
        return new TailStatement(database, ServerPath.Join(folder, name)) { IsDamaged = IsDamaged(existing) };
    }

    /// <summary>Refuses a plan that would lose work without being told to, and names that tell it about no database.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.TailNotPossible"/>, <see cref="RecoveryError.DatabaseNotFound"/>.</exception>
    public static void RefuseLosses(IReadOnlyList<MemberPlan> members, RestoreRequest request)
    {
        string? unknown = request.WithoutTail.FirstOrDefault(n => !members.Any(m => m.Replaces is not null && Same(m.Database, n)));
        if (unknown is not null)
        {
            throw new RecoveryException(
                RecoveryError.DatabaseNotFound, unknown, $"No database '{unknown}' is replaced by this restore, so there is no tail of it to go without. Nothing was changed.", "Name with -WithoutTail only databases that exist at the destination and are replaced.");
        }

        List<MemberPlan> lost = members.Where(IsUnsaved).OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ToList();
        if (lost.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.TailNotPossible,
                lost[0].ToString(),
                $"{(lost.Count == 1 ? "One database" : $"{lost.Count} databases")} would be replaced without a backup of the newest work: {string.Join("; ", lost.Select(m => $"{m}: {WhyNot(m.Replaces!)!.TrimEnd('.')}"))}. Nothing was changed.",
                $"{HowToSave(lost)} Or, if the newest work of {(lost.Count == 1 ? "this database" : "these databases")} may be lost{(lost.Exists(IsClosed) ? ", or is safe in the backup that closed it" : string.Empty)}, say so with -WithoutTail {string.Join(", ", lost.Select(m => m.Database))}.{HowToKeep(lost)}");
        }
    }

    /// <summary>Whether a database whose newest work was given up has been written to since. Where a tail is taken, what came since is in it.</summary>
    /// <param name="member">The member.</param>
    /// <param name="known">Where its log ended when the restore was planned, or when the restore had closed it.</param>
    /// <param name="readLogEnd">Where its log ends now; asked only when that tells something.</param>
    public static bool WasWrittenTo(MemberPlan member, string? known, Func<string?> readLogEnd) => member.WithoutTail && known is not null && readLogEnd() is { } now && !Same(now, known);

    /// <summary>Whether a plan replaces work that it does not save, and that nobody gave up.</summary>
    public static bool IsUnsaved(MemberPlan member) => member is { Replaces: { } existing, WithoutTail: false, Tail: null } && HoldsWork(existing);

    /// <summary>The folder of a tail.</summary>
    public static string FolderOf(TailStatement tail) => ServerPath.FolderOf(tail.Path);

    /// <summary>Whether the operator said that a database's newest work may be lost.</summary>
    public static bool IsGivenUp(string database, RestoreRequest request) => request.WithoutTail.Any(n => Same(n, database));

    /// <summary>Names the backup that closed a database; nothing when its server knows none.</summary>
    public static string NameClosing(ClosedDatabase? closed) => closed?.ClosedBy is { } backup
        ? string.Format(CultureInfo.InvariantCulture, " The newest log backup that closed it is in {0} (of {1:yyyy-MM-dd HH:mm:ss}, the server's time), {2}.", backup.Path, backup.FinishedLocal, backup.IsThere ? "where its server can read it" : "where its server CANNOT read it")
        : string.Empty;

    private static bool HoldsWork(DatabaseFacts existing) => existing.Closed is not { HoldsNothing: true };

    private static bool IsClosed(MemberPlan member) => member.Replaces is { IsRestoring: true } or { IsInStandby: true };

    private static string HowToSave(List<MemberPlan> lost) => lost.Exists(IsClosed)
        ? $"{(lost.TrueForAll(IsClosed) ? string.Empty : "Remove the cause; of what is RESTORING or in standby: ")}Go on with the restore that closed it (Restore-BizTalkDatabases -Resume). Or, if a backup of its log closed it, open it as it was (RESTORE DATABASE … WITH RECOVERY) and plan again: its tail is then backed up."
        : "Remove the cause.";

    private static string HowToKeep(List<MemberPlan> lost) => lost.TrueForAll(m => KeepPlanner.WhyNot(m.Replaces!) is null)
        ? $" Or keep what is there under another name with -KeepExisting {string.Join(", ", lost.Select(m => m.Database))}."
        : string.Empty;

    private static bool IsDamaged(DatabaseFacts existing) => Same(existing.State, "SUSPECT") || Same(existing.State, "RECOVERY_PENDING");

    private static string? WhyNot(DatabaseFacts existing) => existing switch
    {
        { IsRestoring: true } or { IsInStandby: true } =>
            $"it is {(existing.IsInStandby ? "in standby" : "RESTORING")}, and its server does not prove that a restore left it so; a backup of its log does that too, and then its newest work may be in that backup alone.{NameClosing(existing.Closed)}",
        { IsOnline: true, NextLogBackupLsn: not null } => null,
        { IsOnline: true } when Same(existing.RecoveryModel, "SIMPLE") => "its recovery model is SIMPLE, in which no log can be backed up (to keep it: BACKUP DATABASE … WITH COPY_ONLY)",
        { IsOnline: true } => "it has no full backup yet, without which no log can be backed up (take one: BACKUP DATABASE)",
        _ when IsDamaged(existing) => null,
        _ when Same(existing.State, "OFFLINE") => "it is OFFLINE, so that its log cannot be backed up (ALTER DATABASE … SET ONLINE)",
        _ => $"it is {existing.State}, in which no log can be backed up",
    };

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
