using System;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>Which recovery point an operator wants: a mark, the newest before a time, the newest or nothing, or else the newest that works.</summary>
/// <param name="Mark">The mark; null for none in particular.</param>
/// <param name="BeforeUtc">The time; null for any.</param>
/// <param name="Latest">Whether nothing but the newest will do.</param>
internal sealed record PointChoice(string? Mark = null, DateTime? BeforeUtc = null, bool Latest = false)
{
    /// <summary>Whether an older point may be taken when one cannot be.</summary>
    public bool IsOne => Mark is not null || Latest;

    /// <summary>Takes the choice out of a request.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PointAmbiguous"/>: more than one was named.</exception>
    public static PointChoice From(RestoreRequest request)
    {
        int named = (request.Mark is null ? 0 : 1) + (request.BeforeUtc is null ? 0 : 1) + (request.Latest ? 1 : 0);
        return named < 2
            ? new PointChoice(request.Mark, request.BeforeUtc, request.Latest)
            : throw new RecoveryException(
                RecoveryError.PointAmbiguous,
                request.Mark ?? FormattableString.Invariant($"{request.BeforeUtc:yyyy-MM-dd HH:mm:ss} UTC"),
                "More than one of -Mark, -Before and -Latest was given, and they need not mean the same recovery point. Nothing was read.");
    }
}
