using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Repair;

/// <summary>Judges a restored group by what was read, and says what would mend it. Pure.</summary>
public static class RepairPlanner
{
    private const string Sql33009 = "procedures that run as owner fail with 33009";

    /// <summary>Makes every check; those that failed and can be mended here carry their fix.</summary>
    public static IReadOnlyList<RepairItem> Plan(RepairFacts facts, RepairRequest request)
    {
        var items = new List<RepairItem>();
        foreach (RepairMember member in facts.Members)
        {
            items.AddRange(OfMember(member, request));
        }

        items.AddRange(LinkedServers(facts));
        items.AddRange(BackupJob(facts, request));
        items.AddRange(FullBackups(facts));
        items.Add(new RepairItem(new RepairResult(RepairCheck.Consistency, facts.Group.Name, RepairOutcome.NotChecked, "reading every page takes long and is left to you")
        {
            Remedy = "Run DBCC CHECKDB on every member when there is time.",
        }));
        items.Add(new RepairItem(new RepairResult(RepairCheck.Computers, facts.Group.Name, RepairOutcome.NotChecked, "the BizTalk computers cannot be seen from here")
        {
            Remedy = "On every BizTalk computer restart the service winmgmt (WMI holds the old group's connection), then ENTSSO, the rule engine update service, IIS and the host instances, in this order.",
        }));
        return items;
    }

    private static IEnumerable<RepairItem> OfMember(RepairMember member, RepairRequest request)
    {
        string subject = member.Member.Database;
        if (member.Homes.Count != 1)
        {
            string where = member.Homes.Count == 0 ? "on none of the instances given" : "on several of the instances given: " + string.Join(", ", member.Homes.Select(h => h.Instance.Server));
            yield return Failed(RepairCheck.State, subject, where, "Pass the instance that holds the restored member, and no other that has a database of this name.");
            yield break;
        }

        MemberHome home = member.Homes[0];
        subject = $"{home.Database.State.Name} on {home.Instance.Server}";
        DatabaseFacts state = home.Database.State;
        if (!state.IsOnline || state.IsInStandby)
        {
            yield return Failed(RepairCheck.State, subject, $"{state.State}{(state.IsInStandby ? " (standby)" : string.Empty)} instead of ONLINE; nothing else about it was checked", "Finish the restore of the whole group first.");
            yield break;
        }

        yield return state.Access == DatabaseAccess.MultiUser
            ? Passed(RepairCheck.State, subject, "ONLINE and open to users")
            : Failed(RepairCheck.State, subject, $"only {state.Access} may connect", "If the restore proved the group, run ALTER DATABASE … SET MULTI_USER; otherwise restore again.");
        yield return string.Equals(home.Database.RecoveryModel, "FULL", StringComparison.OrdinalIgnoreCase)
            ? Passed(RepairCheck.RecoveryModel, subject, "FULL")
            : Failed(RepairCheck.RecoveryModel, subject, $"{home.Database.RecoveryModel}; a BizTalk group must use FULL", "Run ALTER DATABASE … SET RECOVERY FULL, then take a full backup.");
        foreach (RepairItem item in Users(home, subject))
        {
            yield return item;
        }

        yield return Owner(home, subject, request.Owner);
        yield return BackupRole(home, subject, request.BackupUser);
        yield return Reference(member, home, subject);
        foreach (RepairItem item in MemberJobCheck.Of(member.Member.Role, home, subject))
        {
            yield return item;
        }
    }

    private static IEnumerable<RepairItem> Users(MemberHome home, string subject)
    {
        if (home.Database.OrphanedUsers.Count == 0)
        {
            yield return Passed(RepairCheck.Users, subject, "every user has its login");
        }

        foreach (OrphanedUser user in home.Database.OrphanedUsers)
        {
            string who = $"{user.Name} in {subject}";
            if (user is { IsSqlUser: true, HasNamesake: true })
            {
                var statement = new UpkeepStatement(UpkeepAction.MapUser, user.Name) { Database = home.Database.State.Name };
                yield return Failed(RepairCheck.Users, who, "the login of this name has another SID", "Let this cmdlet map the user to the login of the same name.", new RepairFix(home.Instance, $"Map the user {user.Name} to the login of the same name", [statement]));
            }
            else
            {
                yield return Failed(RepairCheck.Users, who, "the instance has no login for this user", $"Create the login {user.Name}{(user.IsSqlUser ? " with its old SID" : " FROM WINDOWS")}; then check again.");
            }
        }
    }

    private static RepairItem Owner(MemberHome home, string subject, string owner)
    {
        DatabaseUpkeep database = home.Database;
        if (database is { Owner: { } known, DboIsOwner: true })
        {
            return Passed(RepairCheck.Owner, subject, known);
        }

        string reason = database.Owner is null ? $"the instance does not know the owner; {Sql33009}" : $"{database.Owner} owns it, but dbo stands for another login; {Sql33009}";
        string login = database.Owner ?? owner;
        var statement = new UpkeepStatement(UpkeepAction.SetOwner, login) { Database = database.State.Name };
        return Failed(RepairCheck.Owner, subject, reason, $"Let this cmdlet make {login} the owner.", new RepairFix(home.Instance, $"Make {login} the owner of {database.State.Name}", [statement]));
    }

    private static RepairItem BackupRole(MemberHome home, string subject, string? login)
    {
        DatabaseUpkeep database = home.Database;
        if (!database.HasBackupRole)
        {
            return Failed(RepairCheck.BackupRole, subject, "the role BTS_BACKUP_USERS is not there", "Run Backup_Setup_All_Procs.sql of the BizTalk installation's Schema folder in this database.");
        }

        if (login is null)
        {
            return Passed(RepairCheck.BackupRole, subject, $"BTS_BACKUP_USERS is there, with {database.BackupRoleMembers} members");
        }

        List<MappedUser> users = database.Users.Where(u => Same(u.Login, login)).ToList();
        if (users.Exists(u => u.InBackupRole || Same(u.Name, "dbo")))
        {
            return Passed(RepairCheck.BackupRole, subject, $"{login} may back it up");
        }

        var statements = new List<UpkeepStatement>();
        if (users.Count == 0)
        {
            statements.Add(new UpkeepStatement(UpkeepAction.CreateUser, login) { Database = database.State.Name });
        }

        statements.Add(new UpkeepStatement(UpkeepAction.AddBackupUser, users.Count == 0 ? login : users[0].Name) { Database = database.State.Name });
        return Failed(
            RepairCheck.BackupRole,
            subject,
            $"{login} is not in BTS_BACKUP_USERS",
            $"Let this cmdlet add {login}; the instance must have the login.",
            new RepairFix(home.Instance, $"Let {login} back up {database.State.Name}", statements));
    }

    private static RepairItem Reference(RepairMember member, MemberHome home, string subject)
    {
        string configured = member.Member.ConfiguredServer;
        return IsReferred(member, home)
            ? Passed(RepairCheck.Reference, subject, $"the Management database calls its server {configured}")
            : Failed(RepairCheck.Reference, subject, $"the Management database still says {configured}{(member.Member.Server is null ? ", which does not answer" : string.Empty)}", "Update the references (Microsoft's UpdateDatabase.vbs once, UpdateRegistry.vbs on every BizTalk computer), then check again.");
    }

    // As configured, by its real name: an alias or a listener is not the instance's own name.
    private static bool IsReferred(RepairMember member, MemberHome home) => Same(member.Member.Server ?? member.Member.ConfiguredServer, home.Instance.Server);

    private static IEnumerable<RepairItem> LinkedServers(RepairFacts facts)
    {
        IEnumerable<string> names = facts.Members
            .Where(m => m.Homes.Count == 1 && !Same(m.Homes[0].Instance.Server, facts.Management.Server))
            .Select(m => IsReferred(m, m.Homes[0]) ? m.Member.ConfiguredServer : m.Homes[0].Instance.Server)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderBy(n => n, StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            string subject = $"{name} from {facts.Management.Server}";
            if (facts.Upkeep is not { } upkeep)
            {
                yield return NotChecked(RepairCheck.LinkedServer, subject, "this login may not look");
                continue;
            }

            LinkedServer? link = upkeep.LinkedServers.FirstOrDefault(l => Same(l.Name, name));
            if (link is { RpcOut: true })
            {
                yield return Passed(RepairCheck.LinkedServer, subject, "linked, with RPC Out");
                continue;
            }

            var statements = new List<UpkeepStatement>();
            if (link is null)
            {
                statements.Add(new UpkeepStatement(UpkeepAction.AddLinkedServer, name));
            }

            statements.Add(new UpkeepStatement(UpkeepAction.AllowRpcOut, name));
            yield return Failed(
                RepairCheck.LinkedServer,
                subject,
                link is null ? "there is no such linked server; backups and marks of its members fail" : "RPC Out is off; backups and marks of its members fail",
                "Let this cmdlet add the linked server and allow RPC Out; give it logins if Windows accounts do not reach it.",
                new RepairFix(facts.Management, link is null ? $"Add the linked server {name} and allow RPC Out" : $"Allow RPC Out on the linked server {name}", statements));
        }
    }

    private static IEnumerable<RepairItem> BackupJob(RepairFacts facts, RepairRequest request)
    {
        string name = $"Backup BizTalk Server ({facts.Group.ManagementDatabase})";
        string subject = $"{name} on {facts.Management.Server}";
        if (facts.Upkeep is not { } upkeep)
        {
            yield return NotChecked(RepairCheck.BackupJob, subject, "this login may not read msdb");
            yield break;
        }

        AgentJob? job = upkeep.Jobs.FirstOrDefault(j => Same(j.Name, name));
        if (job is null)
        {
            yield return Failed(RepairCheck.BackupJob, subject, "there is no such job: jobs are in msdb, which is in no backup of the group", "Create the job from its script, or let BizTalk's configuration create it; then check again.");
            yield break;
        }

        List<(AgentJobStep Step, string Path)> paths = job.Steps.Select(s => (Step: s, Path: BackupJobCommand.PathOf(s.Command)!)).Where(p => p.Path is not null).ToList();
        string? wanted = request.BackupPath;
        List<AgentJobStep> wrong = paths.Where(p => wanted is null ? string.Equals(p.Path, BackupJobCommand.NotConfigured, StringComparison.OrdinalIgnoreCase) : !string.Equals(p.Path, wanted, StringComparison.Ordinal)).Select(p => p.Step).ToList();
        string said = string.Join(", ", paths.Select(p => p.Path).Distinct(StringComparer.Ordinal));
        bool pathFits = paths.Count > 0 && wrong.Count == 0;
        yield return pathFits
            ? Passed(RepairCheck.BackupJob, subject + ": folder", said)
            : Failed(
                RepairCheck.BackupJob,
                subject + ": folder",
                paths.Count == 0 ? "no step names a backup folder" : said,
                wanted is null ? "Pass -BackupPath with the folder it is to write to." : "Let this cmdlet change the folder in the job's steps.",
                wanted is null || paths.Count == 0 ? null : new RepairFix(facts.Management, $"Let the backup job write to {wanted}", [.. wrong.Select(s => new UpkeepStatement(UpkeepAction.SetJobStep, job.Name) { Step = s.Number, Text = BackupJobCommand.WithPath(s.Command, wanted) })]));

        // Enabled before its folder is right, it would fail every quarter of an hour, or write where nobody looks.
        yield return job.IsEnabled
            ? Passed(RepairCheck.BackupJob, subject + ": schedule", "enabled")
            : Failed(
                RepairCheck.BackupJob,
                subject + ": schedule",
                "disabled: nothing is backed up, and the logs grow",
                pathFits ? "Let this cmdlet enable it." : "Put its folder right first; then let this cmdlet enable it.",
                pathFits ? new RepairFix(facts.Management, "Enable the backup job", [new UpkeepStatement(UpkeepAction.EnableJob, job.Name)]) : null);
    }

    private static IEnumerable<RepairItem> FullBackups(RepairFacts facts)
    {
        List<MemberHome> homes = facts.Members.Where(m => m.Homes.Count == 1).Select(m => m.Homes[0]).ToList();
        List<MemberHome> without = homes.Where(h => h.Database.FullBackupLocal is not { } full || full < h.Database.RestoredLocal).ToList();
        string subject = facts.Group.Name;
        if (without.Count == 0)
        {
            yield return Passed(RepairCheck.FullBackup, subject, "every member has a full backup that is newer than its restore");
        }
        else if (facts.FullIsForced)
        {
            yield return Passed(RepairCheck.FullBackup, subject, $"the next backup is a full; until then {without.Count} members have none of their own");
        }
        else
        {
            yield return Failed(
                RepairCheck.FullBackup,
                subject,
                $"{without.Count} members have no full backup since their restore ({string.Join(", ", without.Select(h => h.Database.State.Name))}); logs of the old chain and the new must not be mixed",
                "Let this cmdlet force a full, then run the backup job or Backup-BizTalkGroup -Type FullAndLog.",
                new RepairFix(facts.Management, "Make the next backup a full", [new UpkeepStatement(UpkeepAction.ForceFullBackup, facts.Group.ManagementDatabase)]));
        }
    }

    internal static RepairItem Passed(RepairCheck check, string subject, string reason) => new(new RepairResult(check, subject, RepairOutcome.Passed, reason));

    internal static RepairItem NotChecked(RepairCheck check, string subject, string reason, string remedy = "Run it with a login that may read msdb and sys.servers.") => new(new RepairResult(check, subject, RepairOutcome.NotChecked, reason) { Remedy = remedy });

    internal static RepairItem Failed(RepairCheck check, string subject, string reason, string remedy, RepairFix? fix = null) =>
        new(new RepairResult(check, subject, RepairOutcome.Failed, reason) { Remedy = remedy }, fix);

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
