namespace BizTalkDR.Errors;

/// <summary>Kinds of errors, with the names and values of PowerShell's ErrorCategory, which the domain does not know.</summary>
public enum RecoveryErrorCategory
{
    NotSpecified = 0,
    OpenError = 1,
    InvalidArgument = 5,
    InvalidData = 6,
    InvalidOperation = 7,
    InvalidResult = 8,
    ObjectNotFound = 13,
    OperationStopped = 14,
    OperationTimeout = 15,
    PermissionDenied = 18,
    ResourceBusy = 19,
    ResourceExists = 20,
    ResourceUnavailable = 21,
    ReadError = 22,
    WriteError = 23,
    SecurityError = 25,
    ConnectionError = 27,
    AuthenticationError = 28,
}
