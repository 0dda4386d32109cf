using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

public sealed class SampleBackupTests
{
    [SampleFact]
    public void Finds_both_marks_in_real_log_backups()
    {
        List<(string File, string? Name, string Lsn, string Begin)> marks = [];
        foreach (string name in new[] { "StopAt_1.trn", "StopAt_2.trn", "StopAt_21.trn", "StopAt_23.trn" })
        {
            using MediaReader reader = MediaReader.Open(Path.Combine(SampleFiles.Folder!, "stopat", name), name);
            foreach (LogRecord record in new MediaContent([(reader, reader.Find(1))]).LogBlocks().SelectMany(LabLog.Decode))
            {
                if (record.Op == LogOp.Commit && record.IsMarked)
                {
                    marks.Add((name, record.Name, record.Lsn.ToString(), record.BeginLsn.ToString()));
                }
            }
        }

        Assert.Equal(
            [("StopAt_21.trn", "dbatoolstest", "19:204:3", "19:204:1"), ("StopAt_23.trn", "dbatoolstest", "19:235:3", "19:235:1")], marks);
    }

    [SampleFact]
    public void Reads_the_headers_of_real_backups_as_published()
    {
        string[] lines = File.ReadAllLines(Path.Combine(SampleFiles.Folder!, "expected-headers.csv"));
        string[] columns = lines[0].Split(',');
        int compared = 0;
        foreach (string line in lines.Skip(1))
        {
            Dictionary<string, string> row = columns.Zip(Fields(line)).ToDictionary(p => p.First, p => p.Second);
            string path = Path.Combine(SampleFiles.Folder!, row["file"]);
            if (!SampleFiles.Plain().Contains(path))
            {
                continue;
            }

            using MediaReader reader = MediaReader.Open(path, row["file"]);
            MediaSet set = reader.Sets().Single(s => s.Info.Position == int.Parse(row["position"], CultureInfo.InvariantCulture));
            BackupSetInfo info = set.Info;
            Assert.True(set.IsComplete);
            Assert.Equal(row["database"], info.DatabaseName);
            Assert.Equal(row["server"], info.ServerName);
            Assert.Equal(row["machine"], info.MachineName);
            Assert.Equal(row["db_version"], info.DatabaseVersion.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(row["first_lsn"], info.FirstLsn.ToDecimal().ToString(CultureInfo.InvariantCulture));
            Assert.Equal(row["last_lsn"], info.LastLsn.ToDecimal().ToString(CultureInfo.InvariantCulture));
            Assert.Equal(row["checkpoint_lsn"], info.CheckpointLsn.ToDecimal().ToString(CultureInfo.InvariantCulture));
            Assert.Equal(row["backup_set_guid"], info.SetGuid.ToString());
            Assert.Equal(row["recovery_fork"], info.RecoveryForkId.ToString());
            Assert.Equal(row["begins_log_chain"] == "1", info.BeginsLogChain);
            Assert.Equal(row["start"], info.StartDate.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            Assert.Equal(row["finish"], info.FinishDate?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            Assert.Equal(row["backup_size"], info.BackupSize.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(row["media_set"], reader.Media.MediaSetId.ToString());
            compared++;
        }

        Assert.True(compared > 25);
    }

    [SampleFact]
    public void Checks_the_data_of_real_backups()
    {
        foreach (string path in SampleFiles.Plain())
        {
            using MediaReader reader = MediaReader.Open(path, path);
            MediaSet set = reader.Find(1);
            MediaContent content = new([(reader, set)]);
            long pages = content.Pages().LongCount();
            if (reader.Media.FamilyCount == 1)
            {
                Assert.True(pages > 0 || set.Info.Type == 'L', path);
            }

            // Striped log data and SQL Server 2005, whose log block fields are elsewhere, cannot be followed block by block.
            if (reader.Media.FamilyCount == 1 && set.Info.SoftwareMajor > 9)
            {
                RawLogBlock[] blocks = [.. content.LogBlocks()];
                Assert.All(blocks, b => Assert.True(LogBlock.HasAllSectors(b.Bytes), path));
            }
        }
    }

    private static List<string> Fields(string line)
    {
        List<string> fields = [];
        bool quoted = false;
        int start = 0;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i == line.Length || (line[i] == ',' && !quoted))
            {
                fields.Add(line[start..i].Trim('"'));
                start = i + 1;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return fields;
    }
}
