using System;
using System.Collections.Generic;

namespace BizTalkDR.Ports.Computers;

/// <summary>An event of the Application log.</summary>
public sealed record LoggedEvent(string Source, int Id, DateTime TimeUtc, string Message);

/// <summary>The Application log of a computer.</summary>
public interface IEventLog
{
    /// <summary>Events of a source, newest first.</summary>
    IReadOnlyList<LoggedEvent> Read(string source, IReadOnlyCollection<int> ids, int most = 1000);
}
