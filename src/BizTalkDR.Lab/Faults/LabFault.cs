using System;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Faults;

/// <summary>Something that goes wrong in a running lab, with the proof that it has.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Summary">What happens, for a list.</param>
/// <param name="InjectAsync">Lets it happen; says where.</param>
/// <param name="HasEffectAsync">Looks from outside whether it has happened.</param>
public sealed record LabFault(
    string Name,
    string Summary,
    Func<FaultTarget, CancellationToken, Task<string>> InjectAsync,
    Func<FaultTarget, CancellationToken, Task<bool>> HasEffectAsync)
{
    /// <summary>Lets the fault happen and sees that it has.</summary>
    /// <returns>What was done, for the operator.</returns>
    /// <exception cref="FaultException">There is nothing it could happen to, or it did not take effect.</exception>
    public async Task<string> ApplyAsync(FaultTarget target, CancellationToken cancellation = default)
    {
        string done = await InjectAsync(target, cancellation).ConfigureAwait(false);
        return await HasEffectAsync(target, cancellation).ConfigureAwait(false)
            ? done
            : throw new FaultException($"The fault {Name} did not take effect: {done}");
    }
}
