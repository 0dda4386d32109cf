using System.Threading;

namespace BizTalkDR.Errors;

/// <summary>Makes a cancel an error of the catalogue, with the object it concerns.</summary>
public static class CancellationExtensions
{
    /// <summary>Throws when the operator cancelled.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.OperationCancelled"/>.</exception>
    public static void ThrowIfCancelled(this CancellationToken token, object? target, string what)
    {
        if (token.IsCancellationRequested)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, target, $"{what} was cancelled.");
        }
    }
}
