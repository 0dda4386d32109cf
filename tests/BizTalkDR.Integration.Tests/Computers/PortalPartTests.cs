using System;
using System.IO;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.Portal;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>The BAM portal on the lab: appcmd and bm are processes.</summary>
[Collection("computers' parts")]
public sealed class PortalPartTests(ComputersLab lab)
{
    private static readonly PortalPart s_part = new();

    [Fact]
    public void Comes_back_on_another_computer_under_its_name_and_its_password_is_nowhere()
    {
        lab.Fill();
        PartContext context = lab.Context("LABBTS1", "portal");
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        string password = WebServer.Read(LabComputer.FolderOf(lab.Folder, "LABBTS1")).Pools[0].Attributes["processModel.password"];
        Assert.False(lab.BackupHolds("portal", password));
        Assert.Contains(kept.LeftOut, l => l.Contains(@"LAB\BamPortal", StringComparison.Ordinal));
        Assert.Equal("None", kept.Facts["alerts"]);
        Assert.All(s_part.Test(context, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Check} {c.Subject}: {c.Text}"));

        PartContext other = lab.Context("LABBTS2", "portal", null, backupOf: "LABBTS1");
        Assert.Contains("BAMAppPool", s_part.WhyNot(other), StringComparison.Ordinal);
        ConfigurationRun open = lab.Restore(s_part, other, confirmsManualSteps: false);
        Assert.Equal(RecoveryError.ManualStepOpen, open.Error!.Code);
        Assert.Contains(@"LAB\BamPortal", open.Error.Message, StringComparison.Ordinal);

        // Confirmed, and not done: the pool would run under another account.
        Assert.Equal(RecoveryError.StepFailed, lab.Restore(s_part, other).Error!.Code);
        Assert.True(other.Computer.Tools.Run(new ToolCommand(ExternalTool.AppCmd, ["set", "apppool", "BAMAppPool", "/processModel.identityType:SpecificUser", @"/processModel.userName:LAB\BamPortal", "/processModel.password:typed-by-people"])).Succeeded);
        Assert.Null(lab.Restore(s_part, other).Error);
        Assert.All(s_part.Test(other, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Check} {c.Subject}: {c.Text}"));
        using StreamReader config = new(other.Computer.Files.Read(@"C:\Program Files (x86)\Microsoft BizTalk Server\BAMPortal\Web.config"));
        string text = config.ReadToEnd();
        Assert.Contains("http://labbts2/", text, StringComparison.Ordinal);
        Assert.DoesNotContain("LABBTS1", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Is_no_part_of_a_computer_without_it()
    {
        lab.Fill();
        PartBackup backup = Assert.Single(new ConfigurationBackup([s_part], lab.Context("LABBTS2", "no-portal")).Run());
        Assert.Contains("BAMAppPool", backup.Skipped, StringComparison.Ordinal);
        Assert.Null(backup.Manifest);
        PartBackup one = new ConfigurationBackup([s_part], lab.Context("LABBTS2", "no-portal")).RunOne();
        Assert.Equal((null, backup.Skipped), (one.Manifest, one.Skipped));
    }

    [Fact]
    public void What_is_not_there_and_not_kept_passes_and_what_is_only_on_one_side_fails()
    {
        lab.Fill();
        PartContext without = lab.Context("LABBTS2", "one-side"), with = lab.Context("LABBTS1", "one-side");
        Assert.Equal(CheckOutcome.Passed, Assert.Single(s_part.Test(without, null)).Outcome);
        PartCheck unkept = Assert.Single(s_part.Test(with, null));
        Assert.Equal((CheckOutcome.Failed, RecoveryError.PartNotKept), (unkept.Outcome, unkept.Error));
        PartCheck gone = Assert.Single(s_part.Test(without, ComputersLab.BackUp(s_part, with)));
        Assert.Equal((CheckOutcome.Failed, RecoveryError.PortalIncomplete), (gone.Outcome, gone.Error));
        Assert.True(with.Computer.Tools.Run(new ToolCommand(ExternalTool.AppCmd, ["set", "apppool", "BAMAppPool", "/processModel.identityType:NetworkService"])).Succeeded);
        PartCheck identity = Assert.Single(s_part.Test(with, ComputerManifestStore.Find(with.Folder)!.Part(ConfigurationPart.BamPortal)), c => c.Outcome != CheckOutcome.Passed);
        Assert.Equal(("Identity", RecoveryError.PortalIncomplete), (identity.Check, identity.Error));
    }

    [Theory]
    [InlineData("list apppool Nothing /text:name", 1, "")]
    [InlineData("add apppool", 1, "'name' is missing")]
    [InlineData("add apppool /name:BAMAppPool", 1, "duplicate")]
    [InlineData("set apppool Nothing /autoStart:true", 1, "Cannot find APPPOOL object")]
    [InlineData("add app /path:/x", 1, "'site.name'")]
    [InlineData("list", 1, "not complete")]
    public void Appcmd_of_the_lab_refuses_what_is_not_documented(string line, int code, string expected)
    {
        if (WebServer.Read(LabComputer.FolderOf(lab.Folder, "LABBTS1")).Pools.Count == 0)
            lab.Fill();
        ToolResult result = lab.Context("LABBTS1", "none").Computer.Tools.Run(new ToolCommand(ExternalTool.AppCmd, line.Split(' ')));
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, result.Output.Trim().Length == 0);
    }
}
