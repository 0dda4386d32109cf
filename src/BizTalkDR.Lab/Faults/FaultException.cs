using System;

namespace BizTalkDR.Lab.Faults;

/// <summary>A fault could not be made to happen, or did not take effect: what follows would prove nothing.</summary>
public sealed class FaultException : Exception
{
    public FaultException(string message)
        : base(message)
    {
    }
}
