using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Finds the volume that a file lies on.</summary>
internal static class VolumePlace
{
    /// <summary>The volume with the longest mount point that the path begins with; null when none does.</summary>
    public static Volume? Find(IEnumerable<Volume> volumes, string path) => volumes
        .Where(v => path.StartsWith(v.MountPoint, StringComparison.OrdinalIgnoreCase) && (v.MountPoint.EndsWith("/", StringComparison.Ordinal) || v.MountPoint.EndsWith("\\", StringComparison.Ordinal) || path.Length == v.MountPoint.Length || path[v.MountPoint.Length] is '/' or '\\'))
        .OrderByDescending(v => v.MountPoint.Length)
        .FirstOrDefault();

    /// <summary>Names the volumes that the files of a restore will lie on; those of one computer have the same name on each of its instances.</summary>
    public static IReadOnlyList<string> NamesOf(IReadOnlyList<RestoreStep> steps, DestinationFacts destination) => destination.Volumes is null
        ? []
        : steps.SelectMany(s => s.Statement?.Moves ?? [])
            .Select(m => Find(destination.Volumes, m.PhysicalName))
            .Where(v => v is not null)
            .Select(v => $"{v!.MountPoint} of {destination.Computer}")
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderBy(v => v, StringComparer.OrdinalIgnoreCase)
            .ToList();
}
