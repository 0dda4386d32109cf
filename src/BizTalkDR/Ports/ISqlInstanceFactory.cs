using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Opens connections to SQL Server instances.</summary>
public interface ISqlInstanceFactory
{
    /// <summary>Opens one connection of its own, in master. The caller disposes it; it is used by one thread at a time.</summary>
    /// <exception cref="Errors.RecoveryException">InstanceUnreachable, LoginFailed, CertificateNotTrusted.</exception>
    ISqlInstance Open(SqlInstanceAddress address, CancellationToken cancellationToken = default);
}
