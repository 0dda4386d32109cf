using System;
using System.IO;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class File_names_of_BizTalk
{
    [Theory]
    [InlineData("SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak", "SQL01_BTS_BizTalkMsgBoxDb", true, "BTS", "BTS_2024_05_06_14_15_01_327")]
    [InlineData(@"\\backup\share\SQL01_SSODB_Log_BTS_2024_05_06_14_15_01_327.bak", "SQL01_SSODB", true, "BTS", "BTS_2024_05_06_14_15_01_327")]
    [InlineData("/var/opt/x_Log_BTS_1/SQL01_SSODB_Full_BTS_2024_05_06_14_15_01_327.bak", "SQL01_SSODB", false, "BTS", null)]
    [InlineData("SQL01_SSODB_Full_2024_05_06_14_15_01_327.bak", "SQL01_SSODB", false, null, null)]
    [InlineData("SQL01_Sales_Log_Archive_Log_BTS_2024_05_06_14_15_01_327.bak", "SQL01_Sales_Log_Archive", true, "BTS", "BTS_2024_05_06_14_15_01_327")]
    [InlineData("SQL01_Full_Load_Log_BTS_2024_05_06_14_15_01_327.bak", "SQL01_Full_Load", true, "BTS", "BTS_2024_05_06_14_15_01_327")]
    [InlineData("SQL01_SSODB_Log_Log_2024_05_06_14_15_01_327.bak", "SQL01_SSODB", true, "Log", "Log_2024_05_06_14_15_01_327")]
    [InlineData("a_b_LOG_Production_2024_05_06_14_15_01_327.BAK", "a_b", true, "Production", "Production_2024_05_06_14_15_01_327")]
    public void Are_read_from_the_right(string path, string source, bool isLog, string? markName, string? mark)
    {
        Assert.True(BizTalkFileName.TryParse(path, out BizTalkFileName? name));

        Assert.Equal(source, name!.Source);
        Assert.Equal(isLog, name.IsLog);
        Assert.Equal(markName, name.MarkName);
        Assert.Equal(mark, name.Mark);
        Assert.Equal(new DateTime(2024, 5, 6, 14, 15, 1, 327), name.Time);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("StopAt_21.trn")]
    [InlineData("SQL01_SSODB_Log_BTS_2024_05_06_14_15_01_327.trn")]
    [InlineData("SQL01_SSODB_Log_BTS_2024_13_06_14_15_01_327.bak")]
    [InlineData("SQL01_SSODB_Diff_BTS_2024_05_06_14_15_01_327.bak")]
    [InlineData("SQL01_SSODB_Log_BTS_2024_05_06_14_15_01_327.bak.tmp")]
    [InlineData("_Log_BTS_2024_05_06_14_15_01_327.bak")]
    public void Are_not_seen_in_other_names(string? path)
    {
        Assert.False(BizTalkFileName.TryParse(path, out BizTalkFileName? name));
        Assert.Null(name);
    }

    [Theory]
    [InlineData("SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak", false)]
    [InlineData("sql01_bts_biztalkmsgboxdb_log_BTS_2024_05_06_14_15_01_327.bak", false)]
    [InlineData("SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_04_15_01_327.bak", false)]
    [InlineData("SQL01_BTS_BizTalkMsgBoxDb_Full_BTS_2024_05_06_14_15_01_327.bak", true)]
    [InlineData("SQL01_BTS_BizTalkMgmtDb_Log_BTS_2024_05_06_14_15_01_327.bak", true)]
    [InlineData("SQL02_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak", true)]
    [InlineData("SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_16_14_15_01_327.bak", true)]
    [InlineData(@"SQL01\BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak", false)]
    [InlineData(@"SQL01\BTS_BizTalkMgmtDb_Log_BTS_2024_05_06_14_15_01_327.bak", true)]
    [InlineData("anything else.bak", false)]
    public void Are_held_against_the_header(string name, bool disagrees)
    {
        BackupFile file = BackupFile.Open(new MemoryStream(Bad_input.SmallLog()), name);

        Assert.Equal(disagrees, System.Linq.Enumerable.Any(file.Findings, f => f.Kind == FindingKind.NameDisagrees));
        Assert.Equal("BizTalkMsgBoxDb", file.Sets[0].DatabaseName.Value);
    }

    [Fact]
    public void Hold_only_thirty_characters_of_the_server()
    {
        var builder = new BackupBuilder { Server = @"A-VERY-LONG-SERVER-NAME-OF-36\INSTANCE", Database = "SSODB" };

        BackupFile file = BackupFile.Open(new MemoryStream(builder.Build()), "A-VERY-LONG-SERVER-NAME-OF-36__SSODB_Log_BTS_2024_05_06_14_15_01_327.bak");

        Assert.DoesNotContain(file.Findings, f => f.Kind == FindingKind.NameDisagrees);
    }
}
