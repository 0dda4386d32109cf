using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace BizTalkDR.Catalogue;

/// <summary>Tells backups apart as objects: comparing headers value by value would cost more than everything else.</summary>
internal sealed class ReferenceComparer : IEqualityComparer<MediaBackup>
{
    public static readonly ReferenceComparer Instance = new();

    public bool Equals(MediaBackup? x, MediaBackup? y) => ReferenceEquals(x, y);

    public int GetHashCode(MediaBackup obj) => RuntimeHelpers.GetHashCode(obj);
}
