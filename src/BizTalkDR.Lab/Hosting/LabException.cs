using System;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Says why a lab cannot be made, opened or run, in words for the operator.</summary>
public sealed class LabException : Exception
{
    public LabException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
