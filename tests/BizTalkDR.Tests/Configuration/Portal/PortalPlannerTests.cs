using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Portal;

public sealed class PortalPlannerTests
{
    private const string Hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DatabaseAddress s_primaryImport = new("LABSQL2", "BAMPrimaryImport");

    [Theory]
    [InlineData(false, "", "SpecificUser", AlertKind.None, "pool app:/BAM app:/BAM/Q config identity start check")]
    [InlineData(true, "", "SpecificUser", AlertKind.None, "app:/BAM app:/BAM/Q config identity start check")]
    [InlineData(true, "default web site/bam", "SpecificUser", AlertKind.None, "app:/BAM/Q config identity start check")]
    [InlineData(true, "Default Web Site/BAM Default Web Site/BAM/Q", "NetworkService", AlertKind.Service, "config identity! start alerts:Service check")]
    [InlineData(true, "Default Web Site/BAM Default Web Site/BAM/Q", "NetworkService", AlertKind.NotificationServices, "config identity! start alerts:NotificationServices check")]
    public void Makes_what_is_not_there(bool hasPool, string there, string identity, AlertKind alerts, string expected)
    {
        PortalApplication[] all = [new("Default Web Site", "/BAM/Q", @"C:\BAMPortal\Q"), new("Default Web Site", "/BAM", @"C:\BAMPortal")];
        PortalInventory kept = new(1, "OLD", new PortalPool("BAMAppPool", "v4.0", "Integrated", Is32Bit: true, identity, "LAB\\bam"), all, [new KeptWebConfig(@"C:\BAMPortal\Web.config", "portal/x/web1.config")], alerts);
        IReadOnlyList<string> found = all.Select(a => a.Name.ToUpperInvariant()).Where(n => there.Contains(n + " ", StringComparison.OrdinalIgnoreCase) || there.EndsWith(n, StringComparison.OrdinalIgnoreCase)).ToList();
        IReadOnlyList<PartStep> steps = PortalPlanner.Plan(kept, [new KeptFile("portal/x/web1.config", 0, Hash)], hasPool, found, s_primaryImport);
        Assert.Equal(expected, string.Join(' ', steps.Select(Describe)));
        Assert.Equal(steps.Select(s => s.Stage).OrderBy(s => s), steps.Select(s => s.Stage));
        Assert.All(steps, s => Assert.DoesNotContain("password", s.Command ?? string.Empty, StringComparison.OrdinalIgnoreCase));
    }

    private static string Describe(PartStep step) => step switch
    {
        AddPoolStep => "pool",
        AddApplicationStep s => "app:" + s.Application.Path,
        WebConfigStep => "config",
        PoolIdentityStep s => s.Command is null ? "identity" : "identity!",
        StartPoolStep => "start",
        AlertsStep s => "alerts:" + s.Kind,
        _ => "check",
    };
}
