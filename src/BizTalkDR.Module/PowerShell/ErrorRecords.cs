using System;
using System.Management.Automation;
using BizTalkDR.Errors;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Makes every error record of the module.</summary>
internal static class ErrorRecords
{
    /// <summary>Turns a catalogue error into an error record: its name is the ErrorId, its hint the recommended action.</summary>
    public static ErrorRecord From(RecoveryException error) => new(error, error.Code.ToString(), (ErrorCategory)(int)error.Category, error.Target)
    {
        ErrorDetails = new ErrorDetails(Message(error)) { RecommendedAction = error.Hint },
    };

    private static string Message(RecoveryException error)
    {
        string message = error.Message;
        if (error.StateLeftBehind is { Length: > 0 } state && message.IndexOf(state, System.StringComparison.Ordinal) < 0)
        {
            message += Environment.NewLine + state;
        }

        return message + Environment.NewLine + error.Hint;
    }
}
