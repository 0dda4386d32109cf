using System;
using System.Linq;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Marks_of_the_samples
{
    [SampleTheory]
    [InlineData("stopat/StopAt_21.trn", "19:204:1", "19:204:3", "2020-05-12 13:31:19")]
    [InlineData("stopat/StopAt_23.trn", "19:235:1", "19:235:3", "2020-05-12 13:33:49")]
    public void Are_found_with_their_place_and_time(string name, string begin, string commit, string time)
    {
        BackupFile file = BackupFile.Open(Samples.PathOf(name));

        LogMark mark = Assert.Single(file.Sets[0].ReadMarks());

        Assert.Equal("dbatoolstest", mark.Name);
        Assert.Equal(Lsn.Parse(commit), mark.Lsn);
        Assert.Equal(Lsn.Parse(begin), mark.BeginLsn);
        Assert.True(mark.BeginSeen);
        Assert.Equal(time, mark.TimeLocal.Value.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(NextLsnKind.NextBlock, mark.NextLsnKind);
        Assert.True(mark.NextLsn > mark.Lsn);
        Assert.Equal(mark.Lsn.Vlf, mark.NextLsn!.Value.Vlf);
        Assert.Equal(1, mark.NextLsn.Value.Slot);
        Assert.Equal(SupportLevel.Verified, mark.Support);
    }

    [SampleFact]
    public void Are_two_in_all_samples_together()
    {
        string[] found = [.. Samples.All.SelectMany(name => BackupFile.Open(Samples.PathOf(name)).Sets.SelectMany(s => s.ReadMarks()).Select(m => name))];

        Assert.Equal(["stopat/StopAt_21.trn", "stopat/StopAt_23.trn"], found);
    }

    [SampleTheory]
    [InlineData("stopat/StopAt_1.trn", true)]
    [InlineData("stopat/StopAt_21.trn", true)]
    [InlineData("withchecksum-2008r2/SQL2008_DBWithoutOwner_LOG_20170518_041831.trn", true)]
    [InlineData("withchecksum-2008r2/SQL2008_DBWithoutOwner_LOG_20170518_041837.trn", true)]
    [InlineData("stopat/StopAt.bak", false)]
    [InlineData("chain-2016/RestoreTimeClean_2.trn", false)]
    [InlineData("compressed-2019/TestLog1_1_1.bak", false)]
    public void Are_proven_absent_only_where_marks_were_checked(string name, bool proven)
    {
        LogMarkReading reading = BackupFile.Open(Samples.PathOf(name)).Sets[0].ReadMarks();

        _ = reading.Count();

        Assert.True(reading.IsFinished);
        Assert.Empty(reading.Findings);
        Assert.True(proven == reading.AbsenceIsEvidence, reading.WhyAbsenceProvesNothing);
    }
}
