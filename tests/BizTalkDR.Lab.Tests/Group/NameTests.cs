using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>Names of marks and files (backup-job.md §6).</summary>
public sealed class NameTests
{
    /// <summary>§6: the server part has "\ replaced by _, cut to 30 characters by an unsized conversion".</summary>
    [Fact]
    public async Task A_long_server_name_is_cut_in_file_names()
    {
        const string First = "LABSQL-WITH-A-LONG-NETWORK-NAME1", Second = @"LABSQL2\BTS";
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small(First, Second));
        Assert.Empty(lab.Full(lab.OpenManagement()).Errors);
        string[] files = Directory.GetFiles(lab.Backups).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(4, files.Length);
        Assert.Contains(files, file => file.StartsWith(First[..30] + "_BizTalkMgmtDb_Full_BTS_", StringComparison.Ordinal));
        Assert.Contains(files, file => file.StartsWith("LABSQL2_BTS_SSODB_Full_BTS_", StringComparison.Ordinal));
    }

    /// <summary>§6: style 121 with nearly all punctuation replaced by "_"; quotes are removed; "]", "?", "=" and the backtick are not handled.</summary>
    [Fact]
    public async Task A_mark_is_the_name_and_the_time_in_style_121()
    {
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small());
        SqlConnection management = lab.OpenManagement();
        Assert.Equal("BTS_2024_05_06_14_15_01_327", Build("BTS"));
        Assert.Equal("A_B_2024_05_06_14_15_01_327", Build("A-B"));
        Assert.Equal("AB_2024_05_06_14_15_01_327", Build("A''B"));
        Assert.Equal("A]?=`_2024_05_06_14_15_01_327", Build("A]?=`"));
        Assert.Equal(32, Build("ABCDEFGHIJ").Length);

        string Build(string name) => PracticeLab.Scalar<string>(
            management, $"DECLARE @mark nvarchar(32); EXEC dbo.sp_BuildFullMarkName N'{name}', '2024-05-06T14:15:01.327', 0, @mark OUTPUT; SELECT @mark;");
    }
}
