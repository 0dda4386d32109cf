using System;
using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>One way to run the statements of a round.</summary>
internal interface ISide : IDisposable
{
    /// <summary>Runs one of the group's procedures.</summary>
    void Call(GroupProcedureCall call);

    /// <summary>Reads the headers of a backup file.</summary>
    /// <returns>How many there are.</returns>
    int ReadHeaders(string path);

    /// <summary>Runs a restore statement.</summary>
    void Restore(RestoreStatement statement);

    /// <summary>Lets everybody in again.</summary>
    void Open(string database);
}

/// <summary>What each statement of a round cost on one side.</summary>
internal sealed record Cost(string Statement, double Milliseconds, IReadOnlyList<string> Requests, long AllocatedBytes);
