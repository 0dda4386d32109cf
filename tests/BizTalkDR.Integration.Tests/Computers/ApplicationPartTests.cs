using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>Applications on the lab: BTSTask, msiexec and gacutil are processes, the group is in SQL.</summary>
[Collection("computers' parts")]
public sealed class ApplicationPartTests(ComputersLab lab)
{
    private const string Extra = @"C:\Labs\Orders\rules.config";
    private static readonly ApplicationPart s_part = new();

    [Fact]
    public void A_computer_gets_back_what_its_hosts_load_and_the_group_stays_as_it_is()
    {
        lab.Fill();
        PartOptions options = new() { ExtraFiles = [@"C:\Labs", @"C:\Nowhere"] };
        PartContext context = lab.Context("LABBTS1", "applications", options);
        context.Computer.Files.Write(Extra, FileProtection.Inherited, s => s.WriteByte(1));
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        Assert.Equal("BizTalk Application 1,Common,Orders", kept.Facts["applications"]);
        Assert.Equal("Discounts 1.2,OrderApproval 1.0", kept.Facts["policies"]);
        Assert.Contains(kept.LeftOut, l => l.Contains("OrdersToWarehouse", StringComparison.Ordinal) && l.Contains("Password", StringComparison.Ordinal));
        Assert.Contains(kept.LeftOut, l => l.Contains(@"C:\Nowhere", StringComparison.Ordinal));
        Assert.Contains(kept.Files, f => f.Name.EndsWith("/" + ApplicationInventory.GroupBindings, StringComparison.Ordinal));
        Assert.Contains(kept.Files, f => f.Name.EndsWith("/" + ApplicationInventory.Parties, StringComparison.Ordinal));
        Assert.Empty(context.Computer.Files.List(@"C:\Windows\Temp"));

        lab.Wipe("LABBTS1");
        PartContext restore = lab.Context("LABBTS1", "applications", options);
        Assert.Equal(2, s_part.Test(restore, kept).Count(c => c is { Check: "Assembly", Error: RecoveryError.AssemblyMissing }));
        string before = Addresses();
        ConfigurationRun run = lab.Restore(s_part, restore, confirmsManualSteps: false);
        Assert.Null(run.Error);
        Assert.DoesNotContain(run.Steps, s => s.Step.Id.StartsWith("import/", StringComparison.Ordinal));
        Assert.All(run.Steps.Where(s => s.Step.Id.StartsWith("bindings/", StringComparison.Ordinal)), s => Assert.Equal(StepState.NotNeeded, s.State));
        Assert.True(restore.Computer.Files.FileExists(Extra));
        Assert.Equal(before, Addresses());
        Assert.All(s_part.Test(restore, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Check} {c.Subject}: {c.Text}"));
    }

    [Fact]
    public void An_application_that_the_group_lost_is_imported_after_those_it_references_with_values_of_the_destination()
    {
        lab.Fill();
        PartContext context = lab.Context("LABBTS1", "lost");
        ComputersLab.BackUp(s_part, context);
        lab.Tables().Run(((string[])["bts_sendport_transport", "bts_sendport", "adm_ReceiveLocation", "bts_receiveport"]).Select(t => ($"DELETE FROM dbo.{t};", Array.Empty<(string, object)>())));
        lab.Tables().Run(((string[])["DELETE FROM dbo.bts_application_reference WHERE nApplicationID IN (SELECT nID FROM dbo.bts_application WHERE nvcName IN (N'Orders', N'Common'));",
            "DELETE FROM dbo.bts_assembly WHERE nSystemAssembly = 0;", "DELETE FROM dbo.adpl_sat;", "DELETE FROM dbo.bts_application WHERE nvcName IN (N'Orders', N'Common');"]).Select(s => (s, Array.Empty<(string, object)>())));
        string map = Path.Combine(Path.GetTempPath(), "map-" + Guid.NewGuid().ToString("N") + ".json");
        try
        {
            File.WriteAllText(map, """{ "schemaVersion": 1, "values": [ { "from": "warehouse.lab", "to": "warehouse.dr" }, { "port": "OrdersInFile", "from": "\\\\LABFILES\\", "to": "\\\\DRFILES\\" } ] }""");
            ConfigurationRun open = lab.Restore(s_part, lab.Context("LABBTS1", "lost", new PartOptions { BindingsMap = map }), confirmsManualSteps: false);
            Assert.Equal(RecoveryError.ManualStepOpen, open.Error!.Code);
            Assert.Contains("OrdersToWarehouse: Password", open.Error.Message, StringComparison.Ordinal);
            List<string> done = open.Steps.Where(s => s.State == StepState.Done).Select(s => s.Step.Id).ToList();
            Assert.True(done.IndexOf("import/Common") < done.IndexOf("import/Orders") && done.Contains("import/Common"), string.Join(' ', done));
            Assert.Contains("ftp://warehouse.dr:21/%MessageID%.xml", Addresses(), StringComparison.Ordinal);
            Assert.Contains(@"\\DRFILES\orders\*.xml", Addresses(), StringComparison.Ordinal);
            // What was typed meanwhile stays: the ports are as wanted, so nothing is imported again.
            lab.Tables().Run([("UPDATE dbo.bts_sendport_transport SET nvcTransportTypeData = REPLACE(CAST(nvcTransportTypeData AS nvarchar(4000)), N'******', N'typed') WHERE nvcAddress LIKE N'ftp://%';", [])]);
            ConfigurationRun again = lab.Restore(s_part, lab.Context("LABBTS1", "lost", new PartOptions { BindingsMap = map }), confirmsManualSteps: false);
            Assert.Null(again.Error);
            PartStepResult bindings = again.Steps.Single(s => s.Step.Id == "bindings/Orders");
            Assert.Equal(StepState.NotNeeded, bindings.State);
            Assert.Contains("OrdersToWarehouse: Password", bindings.Text, StringComparison.Ordinal);
            Assert.Single(lab.Tables().Rows("SELECT nvcAddress FROM dbo.bts_sendport_transport WHERE CAST(nvcTransportTypeData AS nvarchar(4000)) LIKE N'%typed%';", r => r.GetString(0)));
            File.WriteAllText(map, """{ "schemaVersion": 1, "values": [ { "from": "nowhere.lab", "to": "x" } ] }""");
            Refused.With(RecoveryError.BindingsMapInvalid, () => lab.Restore(s_part, lab.Context("LABBTS1", "lost", new PartOptions { BindingsMap = map })));
        }
        finally
        {
            File.Delete(map);
        }
    }

    [Theory]
    [InlineData("ExportApp", "required parameter 'Package'")]
    [InlineData("ExportApp /Package:x /Application:Nothing /Server:LABSQL1 /Database:BizTalkMgmtDb", "does not exist")]
    [InlineData("ListApp /Wrong:x", "not valid")]
    [InlineData("ListApps /Server:NOWHERE /Database:BizTalkMgmtDb", "Could not connect")]
    [InlineData("ListApps /Server:LABSQL1 /Database:Nothing", "cannot be used")]
    [InlineData("Nonsense", "Usage")]
    public void BTSTask_of_the_lab_refuses_what_is_not_documented(string line, string expected)
    {
        ToolResult result = lab.Context("LABBTS1", "none").Computer.Tools.Run(new ToolCommand(ExternalTool.BtsTask, line.Split(' ')));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_failure_of_BTSTask_is_the_error_of_the_part()
    {
        lab.Fill();
        PartContext context = lab.Context("LABBTS1", "failing");
        // This computer reaches the instance by an address whose name means nothing to BTSTask.
        SqlInstanceAddress address = context.Options.Instances["LABSQL1"];
        context = context with { Options = context.Options with { ManagementInstance = address, Instances = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase) { ["NOWHERE"] = address } } };
        PartBackup backup = Assert.Single(new ConfigurationBackup([s_part], context).Run());
        Assert.Equal(RecoveryError.ToolFailed, backup.Error!.Code);
        Assert.Null(ComputerManifestStore.Find(context.Folder));
    }

    [Fact]
    public void What_the_operator_says_comes_before_the_registry_also_for_BTSTask()
    {
        lab.Fill();
        PartContext context = lab.Context("LABBTS1", "moved");
        context.Computer.Registry.Set(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration", new RegistryValue("MgmtDBServer", RegistryValueType.String, "NOWHERE"));
        context = context with { Options = context.Options with { ManagementInstance = context.Options.Instances["LABSQL1"] } };
        PartBackup backup = new ConfigurationBackup([s_part], context).RunOne();
        Assert.Equal("BizTalk Application 1,Common,Orders", backup.Manifest!.Facts["applications"]);
        Assert.DoesNotContain(ConfigurationPlan.Of([s_part], context, ComputerManifestStore.Find(context.Folder)!).Steps, s => s.Command?.Contains("NOWHERE", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Applications_that_nobody_kept_have_not_passed()
    {
        lab.Fill();
        PartCheck check = Assert.Single(s_part.Test(lab.Context("LABBTS1", "mistyped"), null), c => c.Outcome != CheckOutcome.Passed);
        Assert.Equal(("Kept", CheckOutcome.Failed, RecoveryError.PartNotKept), (check.Check, check.Outcome, check.Error));
    }

    private string Addresses()
    {
        ManagementTables tables = lab.Tables();
        return string.Join('\n', tables.Rows("SELECT nvcAddress FROM dbo.bts_sendport_transport ORDER BY nvcAddress;", r => r.GetString(0)).Concat(tables.Rows("SELECT InboundTransportURL FROM dbo.adm_ReceiveLocation ORDER BY Name;", r => r.GetString(0))));
    }
}
