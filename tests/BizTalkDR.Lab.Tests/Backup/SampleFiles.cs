using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Finds the public sample backups, which are not part of the repository: folder in the variable BIZTALKDR_SAMPLES, or shared/bak-samples beside the repository.</summary>
internal static class SampleFiles
{
    public static string? Folder { get; } = Find();

    /// <summary>Lists plain files that are present.</summary>
    public static IEnumerable<string> Plain() => Folder is null
        ? []
        : Directory.EnumerateFiles(Folder, "*.*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".bak" or ".trn" && IsPlain(f)).Order(StringComparer.Ordinal);

    private static bool IsPlain(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] head = new byte[4];
        return stream.Read(head) == 4 && head.AsSpan().SequenceEqual("TAPE"u8);
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("BIZTALKDR_SAMPLES");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : null;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "bak-samples");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

/// <summary>A test that needs the sample backups.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampleFactAttribute : FactAttribute
{
    public SampleFactAttribute()
    {
        if (SampleFiles.Folder is null)
        {
            Skip = "no sample files: set BIZTALKDR_SAMPLES to their folder.";
        }
    }
}
