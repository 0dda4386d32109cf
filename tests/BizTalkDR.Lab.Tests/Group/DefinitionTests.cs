using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Group;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

public sealed class DefinitionTests
{
    [Fact]
    public void The_usual_group_has_eight_members_on_two_instances()
    {
        GroupDefinition group = GroupDefinition.Default("S1", "S2");
        group.Validate();
        Assert.Equal(
            ["BizTalkMgmtDb", "BizTalkMsgBoxDb", "SSODB", "BizTalkRuleEngineDb", "BizTalkMsgBoxDb2", "BizTalkDTADb", "BAMPrimaryImport", "OrdersDb"],
            group.Members.Select(member => member.Database));
        Assert.Equal(2, group.Members.Select(member => member.Server).Distinct().Count());
        Assert.Equal("<destination path>", group.JobBackupPath);
    }

    [Fact]
    public void Refuses_groups_that_cannot_be()
    {
        GroupDefinition group = GroupDefinition.Default("S1", "S2");
        GroupDefinition[] wrong =
        [
            group with { Servers = ["S1"] },
            group with { Servers = ["S1", "s1"] },
            group with { Members = group.Members.Where(member => member.Role != MemberRole.Management).ToList() },
            group with { Members = group.Members.Where(member => member.Role != MemberRole.MessageBox).ToList() },
            group with { Members = [.. group.Members, group.Members[0]] },
            group with { Members = [.. group.Members, new(MemberRole.Custom, new string('x', 129), "S2")] },
        ];
        Assert.All(wrong, definition => Assert.Throws<ArgumentException>(definition.Validate));
    }

    [Fact]
    public void The_same_seed_gives_the_same_business_and_reaches_both_instances()
    {
        GroupDefinition group = GroupDefinition.Default("S1", "S2");
        WorkloadOptions options = new() { Seed = 7 };
        for (long id = 1; id <= 200; id++)
        {
            BusinessTransaction one = BusinessTransaction.Create(group, options, id, "S1");
            BusinessTransaction same = BusinessTransaction.Create(group, options, id, "S1");
            Assert.Equal(one.Statements, same.Statements);
            Assert.Equal(one.Payload, same.Payload);
            Assert.InRange(one.Payload.Length, 1, 400);
            Assert.Equal(2, one.Members.Select(member => member.Server).Distinct().Count());
            List<MemberDefinition> order = group.Members.ToList();
            Assert.Equal(one.Members.OrderBy(order.IndexOf), one.Members);
        }
    }
}
