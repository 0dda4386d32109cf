using System;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Backup;

public sealed class BackupPlannerTests
{
    private readonly BizTalkGroup _group = new FakeWorld().Group;

    [Theory]
    [InlineData(BackupType.Full, "ForceFullBackup,BackupAllFull")]
    [InlineData(BackupType.Log, "MarkAll")]
    [InlineData(BackupType.FullAndLog, "ForceFullBackup,BackupAllFull,MarkAll")]
    public void Puts_the_groups_own_procedures_in_order(BackupType type, string procedures)
    {
        BackupPlan plan = BackupPlanner.Plan(_group, new BackupRequest(type, @"\\share\biztalk"));
        Assert.Equal(procedures, string.Join(',', plan.Steps.Select(s => s.Call.Procedure)));
    }

    [Fact]
    public void Sets_compression_first_when_asked()
    {
        BackupPlan plan = BackupPlanner.Plan(_group, new BackupRequest(BackupType.Log, "/b") { Compression = true });
        Assert.Equal(GroupProcedure.SetBackupCompression, plan.Steps[0].Call.Procedure);
        Assert.True(plan.Steps[0].Call.Compression);
    }

    [Theory]
    [InlineData(null, RecoveryError.MarkNameInvalid)]
    [InlineData("", RecoveryError.MarkNameInvalid)]
    [InlineData("BTS12345X", RecoveryError.MarkNameTooLong)]
    [InlineData("B TS", RecoveryError.MarkNameInvalid)]
    [InlineData("BTS]", RecoveryError.MarkNameInvalid)]
    [InlineData("BT_S", RecoveryError.MarkNameInvalid)]
    [InlineData("Ä", RecoveryError.MarkNameInvalid)]
    [InlineData("٣", RecoveryError.MarkNameInvalid)]
    public void Refuses_a_mark_name_that_would_be_cut_or_spoil_names(string? name, RecoveryError code)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => BackupPlanner.Plan(_group, new BackupRequest(BackupType.Log, "/b") { MarkName = name! }));
        Assert.Equal(code, error.Code);
    }

    [Theory]
    [InlineData("B")]
    [InlineData("BTS12345")]
    [InlineData("Log")]
    public void Takes_one_to_eight_letters_and_digits(string name) => BackupPlanner.CheckMarkName(name);

    [Fact]
    public void Takes_a_destination_of_128_characters_and_refuses_129()
    {
        BackupPlanner.CheckDestination("/" + new string('x', 127));
        Assert.Equal(RecoveryError.DestinationTooLong, Assert.Throws<RecoveryException>(() => BackupPlanner.CheckDestination("/" + new string('x', 128))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("<destination path>")]
    [InlineData("backup")]
    [InlineData("/a\nb")]
    [InlineData("C:")]
    [InlineData("/o'brien")]
    public void Refuses_a_destination_that_is_no_folder_for_every_server(string destination) =>
        Assert.Equal(RecoveryError.DestinationInvalid, Assert.Throws<RecoveryException>(() => BackupPlanner.CheckDestination(destination)).Code);

    [Theory]
    [InlineData(@"C:\backup")]
    [InlineData(@"\\server\share\a b")]
    [InlineData("/var/backup")]
    [InlineData("https://account.blob.core.windows.net/container")]
    public void Takes_drives_shares_unix_paths_and_urls(string destination) => BackupPlanner.CheckDestination(destination);

    [Fact]
    public void Refuses_a_group_with_a_member_that_does_not_answer()
    {
        BizTalkGroup group = _group with { Members = [.. _group.Members, new GroupMember(MemberRole.Custom, "Orders", "GONE", null)] };
        RecoveryException error = Assert.Throws<RecoveryException>(() => BackupPlanner.Plan(group, new BackupRequest(BackupType.Log, "/b")));
        Assert.Equal(RecoveryError.MemberUnresolved, error.Code);
        Assert.Contains("GONE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_like_what_will_be_done()
    {
        string expected = """
            Full and log backup of 4 databases to /b of group Group (BizTalkMgmtDb on SRC1)
              Make the next scheduled backup a full
              Back up every database in full
              Mark every log, then back up every log
                Management: BizTalkMgmtDb on SRC1
                MessageBox: BizTalkMsgBoxDb on SRC1
                Tracking: BizTalkDTADb on SRC2
                Sso: SSODB on SRC2
            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), BackupPlanner.Plan(_group, new BackupRequest(BackupType.FullAndLog, "/b")).ToString());
    }
}
