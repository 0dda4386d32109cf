using System;

namespace BizTalkDR.Lab.Group;

/// <summary>Says which batch of which script a server refused.</summary>
public sealed class GroupBuildException : Exception
{
    public GroupBuildException(string script, int batch, string server, string database, Exception cause)
        : base($"Batch {batch} of script '{script}' failed in {database} on {server}: {cause.Message}", cause)
    {
        Script = script;
        Batch = batch;
    }

    public string Script { get; }

    /// <summary>Number of the batch in its script, from 1.</summary>
    public int Batch { get; }
}
