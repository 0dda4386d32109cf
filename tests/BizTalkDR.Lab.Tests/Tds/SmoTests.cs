using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Microsoft.SqlServer.Management.Smo;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

[Collection("tds")]
public sealed class SmoTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Smo_connects_reads_the_version_and_follows_a_backup()
    {
        _lab.Server.OnBatch = Answer;
        using SqlConnection connection = _lab.Open();
        ServerConnection server = new(connection);
        Assert.Equal(16, server.ServerVersion.Major);
        Assert.Equal(4135, server.ServerVersion.BuildNumber);
        Assert.Equal(DatabaseEngineType.Standalone, server.DatabaseEngineType);
        Assert.Equal(DatabaseEngineEdition.Enterprise, server.DatabaseEngineEdition);
        List<int> percent = [];
        bool complete = false;
        Microsoft.SqlServer.Management.Smo.Backup backup = new() { Action = BackupActionType.Log, Database = "labdb" };
        backup.Devices.AddDevice("/b/labdb.trn", DeviceType.File);
        backup.PercentComplete += (_, e) => percent.Add(e.Percent);
        backup.Complete += (_, e) => complete = e.Error.Number == 3014;
        backup.SqlBackup(new Server(server));
        Assert.Equal([50, 100], percent);
        Assert.True(complete);
        Assert.Contains(_lab.Server.Log, l => l.StartsWith("batch BACKUP LOG [labdb]", StringComparison.Ordinal));
        Assert.Empty(_lab.Faults);
    }

    private static void Answer(ScriptedSession session, string text, IResultSink sink, System.Threading.CancellationToken cancellation)
    {
        if (text.Contains("DatabaseEngineType", StringComparison.Ordinal))
        {
            Answers.Table(
                sink,
                [
                    new("DatabaseEngineType", SqlType.Int), new("Edition", SqlType.SysName), new("EditionID", SqlType.BigInt), new("DatabaseEngineEdition", SqlType.Variant),
                    new("ProductVersion", SqlType.Variant), new("MicrosoftVersion", SqlType.Int), new("IsFabricServer", SqlType.Bit), new("Collation", SqlType.SysName),
                ],
                [1, "Enterprise Edition (64-bit)", 1804890536L, new SqlVariant(SqlType.Int, 3), new SqlVariant(SqlType.SysName, "16.0.4135.4"), 0x10001027, false, "SQL_Latin1_General_CP1_CI_AS"]);
            Answers.Table(sink, [new("host_platform", SqlType.NVarChar(256))], ["Linux"]);
            Answers.Table(sink, [new("ConnectionProtocol", SqlType.NVarChar(40))], ["TCP"]);
            return;
        }

        if (text.StartsWith("BACKUP", StringComparison.Ordinal))
        {
            sink.Message(new SqlMessage(3211, 0, 1, "50 percent processed."));
            sink.Message(new SqlMessage(3211, 0, 1, "100 percent processed."));
            sink.Message(new SqlMessage(4035, 0, 1, "Processed 2 pages for database 'labdb', file 'labdb_log' on file 1."));
            sink.Message(new SqlMessage(3014, 0, 1, "BACKUP LOG successfully processed 2 pages in 0.001 seconds (1.0 MB/sec)."));
        }

        sink.StatementDone(null, false, false);
    }
}
