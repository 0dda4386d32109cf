using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>Every wrong input ends with an error of its own, says what to do, and changes nothing.</summary>
[Collection("flows")]
public sealed class BadInputTests(BackedUpGroup shared) : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly string _before = shared.Lab.State();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void An_instance_that_does_not_exist()
    {
        // A port that was just given back: nobody listens there.
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        SqlInstanceAddress address = shared.Lab.Address("LABSQL1") with { Name = $"127.0.0.1,{port}", ConnectTimeoutSeconds = 3 };
        RecoveryException error = Refuse(RecoveryError.InstanceUnreachable, () => FlowLab.Ports().Sql.Open(address));
        Assert.Equal(address.Name, error.Target);
        Refuse(RecoveryError.InstanceUnreachable, () => FlowLab.Ports().Sql.Open(address with { Name = "no-such-host.invalid" }));
    }

    [Fact]
    public void A_wrong_login()
    {
        string connection = shared.Lab.Lab.Environment.ConnectionStrings["LABSQL1"];
        RecoveryException error = Refuse(RecoveryError.LoginFailed, () => FlowLab.Ports().Sql.Open(FlowLab.At(connection, "Wrong-Passw0rd")));
        Assert.Equal(shared.Lab.Address("LABSQL1").Name, error.Target);
        Assert.DoesNotContain("Wrong-Passw0rd", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_nobody_vouches_for()
    {
        RecoveryException error = Refuse(RecoveryError.CertificateNotTrusted, () => FlowLab.Ports().Sql.Open(shared.Lab.Address("LABSQL1") with { TrustServerCertificate = false }));
        Assert.Contains("-TrustServerCertificate", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BizTalkMsgBoxDb")]
    [InlineData("master")]
    [InlineData("NoSuchDb")]
    [InlineData("O'Brien]; DROP DATABASE x--")]
    public void A_database_that_is_no_Management_database(string name)
    {
        RecoveryException error = Refuse(RecoveryError.NotAManagementDatabase, () => shared.Lab.Discover(name));
        Assert.Equal(name, error.Target);
        Assert.Contains("-ManagementDatabase", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_would_be_cut()
    {
        string longest = "/" + new string('x', 128);
        Assert.Equal(longest, Refuse(RecoveryError.DestinationTooLong, () => shared.Lab.BackUp(BackupType.FullAndLog, longest)).Target);
    }

    [Theory]
    [InlineData("relative/folder")]
    [InlineData("<destination path>")]
    [InlineData("/with\nline")]
    public void A_destination_that_is_no_folder(string folder) => Refuse(RecoveryError.DestinationInvalid, () => shared.Lab.BackUp(BackupType.Full, folder));

    [Theory]
    [InlineData("BTSMARK99", RecoveryError.MarkNameTooLong)]
    [InlineData("BT S", RecoveryError.MarkNameInvalid)]
    [InlineData("B'T", RecoveryError.MarkNameInvalid)]
    [InlineData("", RecoveryError.MarkNameInvalid)]
    public void A_mark_name_that_would_be_cut_or_spoil_names(string name, RecoveryError code) =>
        Assert.Equal(name, Refuse(code, () => shared.Lab.BackUp(BackupType.Log, change: r => r with { MarkName = name })).Target);

    [Fact]
    public async Task A_folder_the_server_cannot_see()
    {
        string missing = _scratch["missing"];
        RecoveryException error = await RefuseRestoreAsync(RecoveryError.FolderNotVisibleToServer, d => d.Request(missing));
        Assert.Equal(missing, error.Target);
        await RefuseRestoreAsync(RecoveryError.FolderNotVisibleToServer, d => d.Request("  "));
    }

    [Fact]
    public async Task An_empty_folder_and_one_without_backups()
    {
        Assert.Equal(_scratch.Path, (await RefuseRestoreAsync(RecoveryError.FolderEmpty, d => d.Request(_scratch.Path))).Target);
        await File.WriteAllTextAsync(_scratch["notes.txt"], "no backup");
        await RefuseRestoreAsync(RecoveryError.NoBackupsFound, d => d.Request(_scratch.Path));
        await File.WriteAllTextAsync(_scratch["LABSQL1_BizTalkMgmtDb_Full_BTS_2026_01_01_00_00_00_000.bak"], "no backup either");
        Assert.Contains("3241", (await RefuseRestoreAsync(RecoveryError.NoBackupsFound, d => d.Request(_scratch.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_without_logs_and_a_mark_nobody_carries()
    {
        // With its manifest the full could be a point of its own.
        Copy(name => name.Contains("_Full_", StringComparison.Ordinal) && name.EndsWith(".bak", StringComparison.Ordinal));
        await RefuseRestoreAsync(RecoveryError.LogMarkNotFound, d => d.Request(_scratch.Path));
        await RefuseRestoreAsync(RecoveryError.LogMarkNotFound, d => d.Request(shared.Lab.Backups) with { Mark = "BTS_2020_01_01_00_00_00_000" });
    }

    [Fact]
    public async Task A_member_without_its_full()
    {
        Copy(name => !name.Contains("_SSODB_Full_", StringComparison.Ordinal));
        RecoveryException error = await RefuseRestoreAsync(RecoveryError.MemberMissing, d => d.Request(_scratch.Path));
        Assert.Contains("SSODB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_without_one_log()
    {
        string gap = shared.Sets[2].Mark!;
        Copy(name => !(name.Contains("_SSODB_", StringComparison.Ordinal) && name.Contains(gap, StringComparison.Ordinal)));
        RecoveryException error = await RefuseRestoreAsync(RecoveryError.LogChainBroken, d => d.Request(_scratch.Path) with { Mark = shared.Sets[3].Mark });
        Assert.Contains("SSODB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_whose_files_are_all_missing_is_found_by_the_restored_group_itself()
    {
        Copy(name => !name.Contains("_SSODB_", StringComparison.Ordinal));
        await using Destination destination = await Destination.StartAsync("DR1");
        RecoveryException error = Refused.With(RecoveryError.MemberMissing, () => destination.Restore(destination.Request(_scratch.Path)));
        Assert.Contains("SSODB", error.Message, StringComparison.Ordinal);
        Assert.All(destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
        Assert.Equal(_before, shared.Lab.State());
    }

    [Fact]
    public async Task A_destination_that_has_the_database_already()
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        using (Microsoft.Data.SqlClient.SqlConnection open = destination.Open("DR2", "master"))
            Lab.Tests.Group.PracticeLab.Execute(open, "CREATE DATABASE SSODB;");
        string before = destination.State();
        RecoveryException error = Refuse(RecoveryError.DatabaseExists, () => destination.Restore(destination.Request(shared.Lab.Backups)));
        Assert.Equal("SSODB on DR2", error.Target);
        Assert.Contains("-Force", error.Hint, StringComparison.Ordinal);
        Assert.Equal(before, destination.State());
    }

    [Fact]
    public async Task Destinations_that_do_not_fit_the_sources()
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2", "DR3");
        string before = destination.State();
        Refuse(RecoveryError.InstanceMapIncomplete, () => destination.Restore(destination.Request(shared.Lab.Backups)));
        Refuse(RecoveryError.InstanceMapIncomplete, () => destination.Restore(destination.Request(shared.Lab.Backups) with { InstanceMap = new Dictionary<string, string> { ["LABSQL1"] = "DR1" } }));
        Refuse(RecoveryError.InstanceMapIncomplete, () => destination.Restore(destination.Request(shared.Lab.Backups) with { InstanceMap = new Dictionary<string, string> { ["LABSQL1"] = "DR1", ["LABSQL2"] = "DR9" } }));
        Assert.Equal(before, destination.State());
    }

    private RecoveryException Refuse(RecoveryError code, Action act)
    {
        RecoveryException error = Refused.With(code, act);
        Assert.Equal(_before, shared.Lab.State());
        return error;
    }

    private async Task<RecoveryException> RefuseRestoreAsync(RecoveryError code, Func<Destination, RestoreRequest> request)
    {
        await using Destination destination = await Destination.StartAsync("DR1");
        string before = destination.State();
        List<string> files = FlowLab.Files(_scratch.Path).ToList();
        RecoveryException error = Refuse(code, () => destination.Restore(request(destination)));
        Assert.Equal(before, destination.State());
        Assert.Equal(files, FlowLab.Files(_scratch.Path));
        return error;
    }

    private void Copy(Func<string, bool> which)
    {
        foreach (string file in Directory.EnumerateFiles(shared.Lab.Backups).Where(f => which(Path.GetFileName(f))))
            File.Copy(file, _scratch[Path.GetFileName(file)]);
    }
}
