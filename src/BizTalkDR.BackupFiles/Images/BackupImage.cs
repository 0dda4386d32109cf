using System;
using System.Threading;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>The tape image inside a file: the file itself when plain, the decompressed bytes when compressed.</summary>
internal abstract class BackupImage : IDisposable
{
    /// <summary>Reads up to <paramref name="count"/> bytes at <paramref name="offset"/>; fewer only at the end of the image.</summary>
    public abstract int Read(long offset, byte[] buffer, int at, int count, CancellationToken cancellation);

    /// <summary>Looks at bytes where they already lie in memory; what is given holds until the next call of any kind.</summary>
    /// <returns>False when they do not; then they have to be read.</returns>
    public virtual bool TryLook(long offset, int count, out byte[] buffer, out int at)
    {
        buffer = [];
        at = 0;
        return false;
    }

    /// <summary>True when the image holds at least <paramref name="end"/> bytes.</summary>
    public abstract bool Reaches(long end, CancellationToken cancellation);

    /// <summary>The place in the file of a place in the image, for messages.</summary>
    public abstract long ToFileOffset(long offset);

    /// <summary>Says that a backup set begins at a place, so that short cuts through it can be looked up.</summary>
    public virtual void BeginSet(long offset, CancellationToken cancellation)
    {
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
