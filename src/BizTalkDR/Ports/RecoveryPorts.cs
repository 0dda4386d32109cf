namespace BizTalkDR.Ports;

/// <summary>Everything outside that an operation needs.</summary>
/// <param name="Sql">Opens connections.</param>
/// <param name="Files">Sees files from here.</param>
/// <param name="Clock">Tells the time.</param>
/// <param name="Log">Takes what there is to say.</param>
public sealed record RecoveryPorts(ISqlInstanceFactory Sql, IFileStore Files, IClock Clock, IRecoveryLog Log)
{
    /// <summary>Finds marks in log backups; without it no stop point can be proven, so no restore is planned.</summary>
    public IBackupMarkReader? Marks { get; init; }

    /// <summary>Reads containers of blob storage; without it a URL is no folder.</summary>
    public IBlobStore? Blobs { get; init; }
}
