using System;

namespace BizTalkDR.Errors;

/// <summary>Says what failed, on which object, and what to do next.</summary>
/// <remarks>The message holds what failed with its values, the hint the next thing to type. Neither ever holds a secret.</remarks>
public sealed class RecoveryException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">Name in the catalogue.</param>
    /// <param name="target">The object concerned: a path, a database, an instance, a plan.</param>
    /// <param name="message">What failed, on which object, with the values.</param>
    /// <param name="hint">The next step; null takes the catalogue's own.</param>
    /// <param name="cause">The error underneath.</param>
    public RecoveryException(RecoveryError code, object? target, string message, string? hint = null, Exception? cause = null)
        : base(message, cause)
    {
        Code = code;
        Target = target;
        Hint = hint ?? ErrorCatalogue.HintOf(code);
    }

    /// <summary>Name in the catalogue; a cmdlet's ErrorId.</summary>
    public RecoveryError Code { get; }

    /// <summary>The object concerned.</summary>
    public object? Target { get; }

    /// <summary>The next step.</summary>
    public string Hint { get; }

    /// <summary>Kind of error for PowerShell.</summary>
    public RecoveryErrorCategory Category => ErrorCatalogue.CategoryOf(Code);

    /// <summary>What the run had done by then and left behind, when that matters; otherwise null.</summary>
    public string? StateLeftBehind { get; init; }

    /// <summary>The result so far (a restore result, a backup set), when there is one.</summary>
    public object? PartialResult { get; init; }
}
