using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.PowerShell;

/// <summary>A file that a restore was written to.</summary>
/// <param name="Path">The file.</param>
/// <param name="SqlInstance">Instance it is run on; null for the page with the order.</param>
public sealed record RestoreScriptInfo(string Path, string? SqlInstance)
{
    /// <summary>Writes a plan's scripts.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">Folder, made when it is not there.</param>
    /// <param name="write">False for -WhatIf: nothing is written and nothing given back.</param>
    internal static IReadOnlyList<RestoreScriptInfo> Write(RestorePlan plan, string folder, bool write)
    {
        if (!write)
        {
            return [];
        }

        try
        {
            Directory.CreateDirectory(folder);
            return RestoreScript.Write(plan).Select(file =>
            {
                string path = System.IO.Path.Combine(folder, file.Name);
                File.WriteAllText(path, file.Text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
                return new RestoreScriptInfo(path, file.Instance);
            }).ToList();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.PlanNotWritable, folder, $"The scripts cannot be written to '{folder}': {error.Message}", cause: error);
        }
    }

    /// <summary>Gives the file.</summary>
    public override string ToString() => Path;
}
