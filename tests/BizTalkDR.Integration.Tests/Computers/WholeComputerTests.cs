using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.Portal;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>A computer is lost and comes back from its manifest, all parts in one run; what was passed as a secret is nowhere on it.</summary>
[Collection("whole computers")]
public sealed class WholeComputerTests(ComputersLab lab)
{
    private const string Secret = "Correct-Horse-7";
    private const string Host = "BTSSvc$BizTalkServerApplication";

    [Fact]
    public void A_wiped_secret_server_comes_back_with_every_part()
    {
        lab.Renew();
        PartContext context = Context("LABBTS1", "all");
        Assert.All(new ConfigurationBackup(ConfigurationParts.All, context).Run(), b => Assert.True(b.Error is null && b.Manifest is not null, $"{b.Part}: {b.Skipped}{b.Error}"));
        LabComputers.Wipe(lab.Folder, "LABBTS1");
        lab.PutOrder("<Order />");
        Refused.With(RecoveryError.ServiceNotStarted, () => context.Computer.Services.Start(Host, TimeSpan.FromMinutes(1)));
        Assert.Equal((1, 0), (lab.OrdersWaiting(), lab.Sent().Count));

        // The portal's pool has a password that only people type: the run stops there, in a state that says so.
        ConfigurationRun stopped = lab.Restore(ConfigurationParts.All, context, confirmsManualSteps: false);
        Assert.Equal((RecoveryError.ManualStepOpen, "BamPortal/pool-identity"), (stopped.Error!.Code, stopped.Error.Target));
        Assert.Contains("are left", stopped.Error.StateLeftBehind, StringComparison.Ordinal);
        // Configuration.exe starts the host instance long before assemblies and certificates are there.
        Assert.Equal(ServiceState.Stopped, context.Computer.Services.Find(Host)!.State);
        ConfigurationRun run = lab.Restore(ConfigurationParts.All, context);
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.Equal(run.Steps.Select(s => s.Step.Stage).Order(), run.Steps.Select(s => s.Step.Stage));

        LabComputer inside = lab.Inside("LABBTS1");
        Assert.Contains("1 sent, 0 suspended.", ComputersLab.RunHost(inside), StringComparison.Ordinal);
        Assert.Equal((0, 1), (lab.OrdersWaiting(), lab.Sent().Count));
        Assert.Null(SsoDatabase.Of(inside)!.WhyNotReadable(EntSso.Held(inside)!));
        Assert.Equal(ServiceState.Running, context.Computer.Services.Find(Host)!.State);
        Assert.Equal("Started", Assert.Single(WebServer.Read(inside.Folder).Pools).State);
        List<PartCheck> failed = new ConfigurationBackup(ConfigurationParts.All, context).Test().Where(c => c.Outcome == CheckOutcome.Failed).ToList();
        Assert.True(failed.Count == 0, string.Join("; ", failed.Select(c => $"{c.Part} {c.Check} {c.Subject}: {c.Text}")));
        string password = lab.Folder.ReadPassword();
        Assert.DoesNotContain(
            Directory.EnumerateFiles(inside.Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "iis.json"),
            f => File.ReadAllText(f) is var text && (text.Contains(password, StringComparison.Ordinal) || text.Contains(Secret, StringComparison.Ordinal)));
        Assert.False(lab.BackupHolds("all", password));
    }

    [Fact]
    public void Another_computer_takes_its_place_and_the_role_of_the_secret_server()
    {
        lab.Renew();
        PartContext lost = Context("LABBTS1", "moved");
        Assert.All(new ConfigurationBackup(ConfigurationParts.All, lost).Run(), b => Assert.True(b.Error is null, $"{b.Part}: {b.Error}"));
        LabComputers.Add(lab.Folder, "LABBTS3");
        PartContext context = Context("LABBTS3", "moved", "LABBTS1");
        context = context with { Options = context.Options with { MoveSecretServer = true } };
        lab.PutOrder("<Order />");
        ConfigurationRun run = lab.Restore(ConfigurationParts.All, context);
        Assert.True(run.Error is null, run.Error?.ToString());

        LabComputer inside = lab.Inside("LABBTS3");
        Assert.Contains("1 sent, 0 suspended.", ComputersLab.RunHost(inside), StringComparison.Ordinal);
        Assert.Equal((0, 1), (lab.OrdersWaiting(), lab.Sent().Count));
        Assert.Equal("LABBTS3", context.Computer.SingleSignOn.ReadInfo().SecretServer);
        Assert.Null(SsoDatabase.Of(inside)!.WhyNotReadable(EntSso.Held(inside)!));
        Assert.Equal(ServiceState.Running, context.Computer.Services.Find(Host)!.State);
        Assert.Equal("Started", Assert.Single(WebServer.Read(inside.Folder).Pools).State);
    }

    private PartContext Context(string name, string backup, string? of = null) => lab.WholeContext(name, backup, Secret, of);
}
