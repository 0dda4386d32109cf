using System;
using BizTalkDR.Repair;
using Xunit;

namespace BizTalkDR.Tests.Repair;

public sealed class BackupJobCommandTests
{
    [Theory]
    [InlineData("exec [dbo].[sp_MarkAll] 'BTS' /* mark name, e.g. 'X' */, '<destination path>' /* where */", "<destination path>")]
    [InlineData("exec [dbo].[sp_BackupAllFull_Schedule] 'd', 'BTS', '\\\\nas\\it''s here'", "\\\\nas\\it's here")]
    [InlineData("EXEC sp_markall @BackupPath = N'D:\\b', @MarkName = 'BTS'", "D:\\b")]
    [InlineData("EXEC dbo.sp_MarkAll -- 'no'\n 'BTS',\n  N'/b'", "/b")]
    [InlineData("exec [dbo].[sp_SetBackupCompression] @bCompression = 0", null)]
    [InlineData("exec dbo.sp_MarkAll 'BTS', @path", null)]
    [InlineData("exec dbo.sp_MarkAll 'BTS', 'never closed", null)]
    [InlineData("exec dbo.sp_MarkAll 'BTS', '", null)]
    [InlineData("exec dbo.sp_MarkAll 'BTS' /* never closed, 'x'", null)]
    [InlineData("", null)]
    public void Finds_the_folder_wherever_the_command_has_it(string command, string? path) => Assert.Equal(path, BackupJobCommand.PathOf(command));

    [Fact]
    public void Changes_the_folder_and_nothing_else()
    {
        const string command = "exec [dbo].[sp_MarkAll] 'BTS' /* 'mark' */, N'<destination path>' /* where */, 1";
        Assert.Equal("exec [dbo].[sp_MarkAll] 'BTS' /* 'mark' */, N'/it''s' /* where */, 1", BackupJobCommand.WithPath(command, "/it's"));
        Assert.Equal("/it's", BackupJobCommand.PathOf(BackupJobCommand.WithPath(command, "/it's")));
        Assert.Throws<ArgumentException>(() => BackupJobCommand.WithPath("SELECT 1", "/b"));
    }
}
