using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>Puts together everything outside that an operation needs on this computer.</summary>
public static class SqlServerPorts
{
    /// <summary>Real servers, this computer's files and clock, marks read from log files.</summary>
    /// <param name="log">Takes what the operation has to say.</param>
    /// <param name="blobs">Reads containers of blob storage; null when a URL is no folder.</param>
    public static RecoveryPorts Create(IRecoveryLog log, IBlobStore? blobs = null) =>
        new(new SqlInstanceFactory(), new LocalFileStore(), new SystemClock(), log) { Marks = new LogFileMarkReader(blobs), Blobs = blobs };
}
