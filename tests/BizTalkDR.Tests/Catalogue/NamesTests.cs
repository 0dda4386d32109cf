using BizTalkDR.Catalogue;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class NamesTests
{
    [Theory]
    [InlineData("SRV_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak", BackupSetKind.Log, "SRV_BizTalkMsgBoxDb", "BTS_2024_05_06_14_15_01_327")]
    [InlineData("SRV_INST_My_Db_Full_BTS_2024_05_06_14_15_01_327.bak", BackupSetKind.Full, "SRV_INST_My_Db", "BTS_2024_05_06_14_15_01_327")]
    [InlineData("S_D_Log_Log_2024_05_06_14_15_01_327.bak", BackupSetKind.Log, "S_D", "Log_2024_05_06_14_15_01_327")]
    [InlineData("S_Full_Log_D_Full_BTS12345_2024_05_06_14_15_01_327.BAK", BackupSetKind.Full, "S_Full_Log_D", "BTS12345_2024_05_06_14_15_01_327")]
    [InlineData("S_D_Full_2024_05_06_14_15_01_327.bak", BackupSetKind.Full, "S_D", "2024_05_06_14_15_01_327")]
    [InlineData(@"HOST\INST_D_Log_BTS_2024_05_06_14_15_01_327.bak", BackupSetKind.Log, @"HOST\INST_D", "BTS_2024_05_06_14_15_01_327")]
    public void Reads_a_file_name_from_the_right(string name, BackupSetKind kind, string prefix, string mark)
    {
        BackupFileName? parsed = BackupFileName.TryParse(name);
        Assert.Equal((kind, prefix, mark), (parsed!.Kind, parsed.Prefix, parsed.Mark));
        Assert.Equal("2024_05_06_14_15_01_327", parsed.Stamp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x.bak")]
    [InlineData("S_D_Log_BTS_2024_05_06_14_15_01_32.bak")]
    [InlineData("S_D_Log_BTS_2024_13_06_14_15_01_327.bak")]
    [InlineData("S_D_Log_BTS_2024_05_06_14_15_01_327.trn")]
    [InlineData("S_D_Diff_BTS_2024_05_06_14_15_01_327.bak")]
    [InlineData("_Log_BTS_2024_05_06_14_15_01_327.bak.tmp")]
    public void Says_nothing_of_a_name_that_does_not_follow_the_rule(string name) => Assert.Null(BackupFileName.TryParse(name));

    [Theory]
    [InlineData("BTS_2024_05_06_14_15_01_327", "BTS")]
    [InlineData("A_B_2024_05_06_14_15_01_327", "A_B")]
    public void Takes_a_mark_apart(string mark, string prefix) => Assert.Equal(prefix, LogMark.TryParse(mark)!.Prefix);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("BTS")]
    [InlineData("BTS_2024_05_06_14_15_01")]
    [InlineData("2024_05_06_14_15_01_327")]
    [InlineData("BTS_2024_05_06_25_15_01_327")]
    public void Says_nothing_of_a_text_that_is_no_mark(string? text) => Assert.Null(LogMark.TryParse(text));

    [Theory]
    [InlineData("B_2024_05_06_14_15_01_328", "Z_2024_05_06_14_15_01_327", true)]
    [InlineData("Z_2024_05_06_14_15_01_327", "B_2024_05_06_14_15_01_328", false)]
    [InlineData("B_2024_05_06_14_15_01_327", "B_2024_05_06_14_15_01_327", false)]
    [InlineData(null, "B_2024_05_06_14_15_01_327", false)]
    public void Compares_marks_by_their_stamps(string? mark, string than, bool newer) => Assert.Equal(newer, LogMark.IsNewer(mark, than));

    [Theory]
    [InlineData(@"\\s\b", "f", @"\\s\b\f")]
    [InlineData(@"\\s\b\", "f", @"\\s\b\f")]
    [InlineData("/b", "f", "/b/f")]
    [InlineData("https://a/c", "f", "https://a/c/f")]
    [InlineData(@"C:\", "f", @"C:\f")]
    public void Joins_with_the_folders_own_separator(string folder, string name, string path) => Assert.Equal(path, ServerPath.Join(folder, name));

    [Theory]
    [InlineData(@"C:\", @"C:\")]
    [InlineData("/", "/")]
    [InlineData("/b/", "/b")]
    [InlineData(@"\\s\b\", @"\\s\b")]
    public void Cuts_separators_but_not_roots(string folder, string trimmed) => Assert.Equal(trimmed, ServerPath.TrimEnd(folder));

    [Fact]
    public void The_prefix_has_the_server_cut_to_30_characters() =>
        Assert.Equal(new string('S', 25) + "_1234_Db", BackupFileName.PrefixOf(new string('S', 25) + @"\12345", "Db"));
}
