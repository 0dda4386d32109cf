using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public DatabaseUpkeep? ReadDatabaseUpkeep(string database, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DatabaseFacts> found = ReadDatabases([database], cancellationToken);
        if (found.Count == 0)
        {
            return null;
        }

        DatabaseUpkeep upkeep = Query(
            "Reading a database's owner and history",
            UpkeepText.Database,
            r => new DatabaseUpkeep(found[0], Text(r, 0), r.IsDBNull(1) ? null : r.GetString(1))
            {
                RestoredLocal = r.IsDBNull(2) ? null : r.GetDateTime(2),
                FullBackupLocal = r.IsDBNull(3) ? null : r.GetDateTime(3),
            },
            cancellationToken,
            ("@name", database)).Single();
        if (!found[0].IsOnline)
        {
            return upkeep;
        }

        int[] counts = Query("Reading a database's roles", UpkeepText.Roles(database), r => new[] { r.GetInt32(0), r.GetInt32(1), r.GetInt32(2) }, cancellationToken, ("@name", database)).Single();
        return upkeep with
        {
            DboIsOwner = counts[0] > 0,
            HasBackupRole = counts[1] > 0,
            BackupRoleMembers = counts[2],
            Users = Query("Reading users and their logins", UpkeepText.MappedUsers(database), r => new MappedUser(Text(r, 0), Text(r, 1), r.GetInt32(2) > 0), cancellationToken),
            OrphanedUsers = Query(
                "Looking for users without a login",
                UpkeepText.OrphanedUsers(database),
                r => new OrphanedUser(Text(r, 0), Text(r, 1).Trim() == "S", r.GetInt32(2) > 0),
                cancellationToken),
        };
    }

    /// <inheritdoc/>
    public InstanceUpkeep ReadInstanceUpkeep(CancellationToken cancellationToken = default)
    {
        List<LinkedServer> links = Query("Reading linked servers", UpkeepText.LinkedServers, r => new LinkedServer(Text(r, 0), r.GetBoolean(1)), cancellationToken);
        ILookup<string, AgentJobStep> steps = Query(
            "Reading the steps of Agent jobs",
            UpkeepText.JobSteps,
            r => (Job: Text(r, 0), Step: new AgentJobStep(r.GetInt32(1), Text(r, 2)) { Database = Text(r, 3) }),
            cancellationToken).ToLookup(s => s.Job, s => s.Step, StringComparer.Ordinal);
        List<AgentJob> jobs = Query(
            "Reading Agent jobs",
            UpkeepText.Jobs,
            r => new AgentJob(Text(r, 0), Convert.ToInt32(r.GetValue(1), CultureInfo.InvariantCulture) != 0, steps[Text(r, 0)].ToList()),
            cancellationToken);
        return new InstanceUpkeep(links, jobs);
    }

    /// <inheritdoc/>
    public bool ReadForcedFull(string managementDatabase, CancellationToken cancellationToken = default) =>
        InDatabase(managementDatabase, () => Query("Reading whether a full is forced", UpkeepText.ForcedFull, r => r.GetInt32(0) > 0, cancellationToken).Single(), cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome Mend(UpkeepStatement statement, CancellationToken cancellationToken = default) => statement.Action switch
    {
        UpkeepAction.ForceFullBackup => RunProcedure(new GroupProcedureCall(statement.Name, GroupProcedure.ForceFullBackup), null, cancellationToken),
        UpkeepAction.MapUser or UpkeepAction.CreateUser or UpkeepAction.AddBackupUser => InDatabase(statement.Database!, () => Execute(UpkeepText.Mend(statement), null, cancellationToken), cancellationToken),
        UpkeepAction.SetOwner => Execute(UpkeepText.Mend(statement), null, cancellationToken),
        UpkeepAction.SetJobStep => Execute(UpkeepText.Mend(statement), null, cancellationToken, ("@name", statement.Name), ("@step", statement.Step), ("@text", statement.Text)),
        _ => Execute(UpkeepText.Mend(statement), null, cancellationToken, ("@name", statement.Name)),
    };
}
