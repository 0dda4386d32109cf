using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>How a database leaves its availability group and comes back, from facts alone.</summary>
public sealed class AvailabilityPlannerTests
{
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly Guid Fork = Guid.NewGuid();
    private static readonly DateTime Created = new(2026, 1, 2, 3, 4, 5);
    private static readonly AvailabilityReplicaFacts Primary = new("SQL1", true, true, true, "SYNCHRONIZED");
    private static readonly AvailabilityReplicaFacts Secondary = new("SQL2", false, true, true, "SYNCHRONIZED");
    private static readonly DatabaseFacts Database = new("Db", "ONLINE") { AvailabilityGroup = "AG", RecoveryForkGuid = Fork };

    private static readonly AvailabilityCopy Copy = new(
        new SqlInstanceAddress("sql2,1433"), "SQL2", new DatabaseFacts("Db", "ONLINE") { AvailabilityGroup = "AG", CreatedLocal = Created }, Id, [new RedoFile(1, false, "data", "/d/db.mdf", "ONLINE", null, null), new RedoFile(2, true, "log", "/l/db.ldf", "ONLINE", null, null)]);

    [Fact]
    public void A_database_leaves_its_group_and_comes_back()
    {
        AvailabilityPlan plan = Plan()!;
        Assert.Equal(("AG", Id, "/tails/SQL1_Db_Seed_2026_05_06_07_08_09_010.bak", "/tails/SQL1_Db_Seed_2026_05_06_07_08_09_010.trn"), (plan.Group, plan.GroupDatabaseId, plan.FullPath, plan.LogPath));
        SecondaryPlan secondary = Assert.Single(plan.Secondaries);
        Assert.Equal(("SQL2", "sql2,1433", true, true, (DateTime?)Created), (secondary.Server, secondary.Address.Name, secondary.IsSynchronous, secondary.SeedsAutomatically, secondary.CreatedLocal));
        Assert.Equal([new FileMove("data", "/d/db.mdf"), new FileMove("log", "/l/db.ldf")], secondary.Moves);
        Assert.Equal("take Db out of the availability group 'AG'; its copies on SQL2 stay until the restore is proven", plan.LeaveText("Db"));
        Assert.Equal(
            ["on SQL2: drop the old copy of Db, when it is RESTORING and the very one of now", $"full and log backup of Db to {plan.FullPath} and {plan.LogPath}", "add Db to the availability group 'AG'", "on SQL2: let the group create databases; it seeds Db by itself", "wait until Db is in step on SQL2"],
            plan.ReturnTexts("Db"));
    }

    [Fact]
    public void A_replica_that_does_not_seed_restores_and_joins()
    {
        AvailabilityPlan plan = Plan(m => m with { Replicas = [Primary, Secondary with { SeedsAutomatically = false, IsSynchronous = false }] }, c => c with { Database = null, GroupDatabaseId = null, Files = [] }, r => r with { SeedFolder = @"\\nas\seed" })!;
        Assert.StartsWith(@"\\nas\seed\SQL1_Db_Seed_", plan.FullPath, StringComparison.Ordinal);
        Assert.Equal(
            [$"full and log backup of Db to {plan.FullPath} and {plan.LogPath}", "add Db to the availability group 'AG'", "on SQL2: restore both backups WITH NORECOVERY and join Db to the group", "wait until Db is in step on SQL2"],
            plan.ReturnTexts("Db"));
        Assert.Null(plan.Secondaries[0].CreatedLocal);
    }

    [Fact]
    public void Nothing_is_planned_where_nobody_asked_or_there_is_no_group()
    {
        Assert.Null(Plan(request: r => r with { RemoveFromAvailabilityGroup = false }));
        Assert.Null(AvailabilityPlanner.Of(Database with { AvailabilityGroup = null }, Destination(null), Input(r => r)));
        Assert.Null(AvailabilityPlanner.Of(null, Destination(null), Input(r => r)));
    }

    [Fact]
    public void What_cannot_be_taken_out_is_refused()
    {
        RecoveryException error = Refused(RecoveryError.MemberInAvailabilityGroup, () => Plan(m => m with { IsPrimary = false }));
        Assert.Contains("secondary replica", error.Message, StringComparison.Ordinal);
        Refused(RecoveryError.MemberInAvailabilityGroup, () => AvailabilityPlanner.Of(Database, Destination(null), Input(r => r)));
        foreach (AvailabilityCopy strange in (AvailabilityCopy[])[Copy with { GroupDatabaseId = null }, Copy with { GroupDatabaseId = Guid.NewGuid() }, Copy with { GroupDatabaseId = Guid.Empty }])
        {
            error = Refused(RecoveryError.DestinationChanged, () => Plan(copy: _ => strange));
            Assert.Equal("Db on SQL2", error.Target);
        }
    }

    [Fact]
    public void Only_the_very_copy_is_let_go()
    {
        SecondaryPlan plan = Plan()!.Secondaries[0];
        AvailabilityCopy left = Copy with { GroupDatabaseId = null, Database = new DatabaseFacts("Db", "RESTORING") { CreatedLocal = Created } };
        (AvailabilityCopy Now, Guid? Joined, string? Why)[] cases =
        [
            (Copy, Id, null),
            (left, null, null),
            (left, Id, null),
            (Copy with { Database = null, GroupDatabaseId = null }, null, null),
            (left with { Files = [new RedoFile(1, false, "data", "x", "RESTORING", new LogPosition(5), Fork)] }, null, null),
            (Copy, null, "it is in an availability group again"),
            (Copy, Guid.NewGuid(), "it is in an availability group again"),
            (left with { Database = left.Database! with { CreatedLocal = Created.AddSeconds(1) } }, null, "it was created at another time than the copy that was planned for"),
            (left with { Database = left.Database! with { State = "ONLINE" } }, null, "it is ONLINE, not RESTORING"),
            (left with { Files = [new RedoFile(1, false, "data", "x", "RESTORING", new LogPosition(5), Guid.NewGuid())] }, null, "it stands on another recovery fork than the database that was in the group"),
        ];
        Assert.All(cases, c => Assert.Equal(c.Why, AvailabilityPlanner.WhyNotThatCopy(plan, c.Now, c.Joined, Fork)));
        Assert.Equal("it was not there when the restore was planned", AvailabilityPlanner.WhyNotThatCopy(plan with { CreatedLocal = null }, left, null, Fork));
    }

    [Fact]
    public void Only_the_very_membership_is_ended()
    {
        AvailabilityPlan plan = Plan()!;
        AvailabilityMembership now = Membership;
        Assert.Null(AvailabilityPlanner.WhyNotThatGroup(plan, now));
        (AvailabilityMembership? Now, string Why)[] cases =
        [
            (null, "it is in none any more"),
            (now with { IsPrimary = false }, "its instance is not the primary replica of 'AG' any more"),
            (now with { GroupDatabaseId = Guid.NewGuid() }, "it left 'AG' and joined 'AG' since"),
            (now with { Replicas = [Primary] }, "the group has other replicas now"),
            (now with { Replicas = [Primary, Secondary with { Server = "SQL3" }] }, "the group has other replicas now"),
        ];
        Assert.All(cases, c => Assert.Equal(c.Why, AvailabilityPlanner.WhyNotThatGroup(plan, c.Now)));
    }

    [Theory]
    [InlineData(true, "SYNCHRONIZED", true)]
    [InlineData(true, "SYNCHRONIZING", false)]
    [InlineData(false, "SYNCHRONIZING", true)]
    [InlineData(false, "SYNCHRONIZED", true)]
    [InlineData(true, "NOT SYNCHRONIZING", false)]
    [InlineData(false, "INITIALIZING", false)]
    [InlineData(false, null, false)]
    public void In_step_is_as_far_as_a_replica_can_be(bool synchronous, string? state, bool inStep) => Assert.Equal(inStep, new AvailabilityReplicaFacts("S", false, synchronous, true, state).IsInStep);

    private static AvailabilityMembership Membership => new("AG", Id, true, [Primary, Secondary]);

    private static AvailabilityPlan? Plan(Func<AvailabilityMembership, AvailabilityMembership>? membership = null, Func<AvailabilityCopy, AvailabilityCopy>? copy = null, Func<RestoreRequest, RestoreRequest>? request = null)
    {
        AvailabilityMembership now = membership?.Invoke(Membership) ?? Membership;
        return AvailabilityPlanner.Of(Database, Destination(new AvailabilityFacts(now, now.IsPrimary ? [copy?.Invoke(Copy) ?? Copy] : [])), Input(request ?? (r => r)));
    }

    private static DestinationFacts Destination(AvailabilityFacts? facts) =>
        new(new SqlInstanceAddress("sql1"), new SqlInstanceIdentity("SQL1", new Version(16, 0), "Developer Edition", "/d", "/l", TimeSpan.Zero) { BackupPath = "/default" }, [Database])
        {
            Availability = facts is null ? new Dictionary<string, AvailabilityFacts>() : new Dictionary<string, AvailabilityFacts> { ["Db"] = facts },
        };

    private static RestorePlanInput Input(Func<RestoreRequest, RestoreRequest> request) =>
        new(null!, null!, request(new RestoreRequest(["/backups"], []) { RemoveFromAvailabilityGroup = true, TailFolder = "/tails" }), [], new Dictionary<MemberKey, MarkPosition>(), new Dictionary<MemberKey, IReadOnlyList<BackupDataFile>>()) { PlannedUtc = new DateTime(2026, 5, 6, 7, 8, 9, 10, DateTimeKind.Utc) };

    private static RecoveryException Refused(RecoveryError code, Action act)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(act);
        Assert.Equal(code, error.Code);
        return error;
    }
}
