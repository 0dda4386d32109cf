using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>The folder of real backup files; they are not part of the repository.</summary>
internal static class Samples
{
    public static string? Folder { get; } = Find();

    public static string Why => "no sample files: set BIZTALKDR_SAMPLES, or put it at ../shared/bak-samples beside the repository.";

    public static string PathOf(string file) => Path.Combine(Folder ?? throw new InvalidOperationException(Why), file.Replace('/', Path.DirectorySeparatorChar));

    public static byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    public static IReadOnlyList<string> All { get; } = Folder is null
        ? []
        : [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".bak", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".trn", StringComparison.OrdinalIgnoreCase))
            .Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("BIZTALKDR_SAMPLES");
        if (!string.IsNullOrEmpty(named))
            return Directory.Exists(named) ? named : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Directory.Packages.props")))
                continue;
            string beside = Path.Combine(at.Parent?.FullName ?? at.FullName, "shared", "bak-samples");
            return Directory.Exists(beside) ? beside : null;
        }

        return null;
    }
}

/// <summary>A test that needs the sample backups and says so when they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SampleFactAttribute : FactAttribute
{
    public SampleFactAttribute()
    {
        if (Samples.Folder is null)
            Skip = Samples.Why;
    }
}

/// <summary>A table of tests that needs the sample backups and says so when they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SampleTheoryAttribute : TheoryAttribute
{
    public SampleTheoryAttribute()
    {
        if (Samples.Folder is null)
            Skip = Samples.Why;
    }
}
