using System.Threading;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>An uncompressed backup: the image is the file.</summary>
internal sealed class PlainImage(FileWindow window) : BackupImage
{
    public override int Read(long offset, byte[] buffer, int at, int count, CancellationToken cancellation) =>
        window.Copy(offset, buffer, at, count, cancellation);

    public override bool TryLook(long offset, int count, out byte[] buffer, out int at) => window.TryLook(offset, count, out buffer, out at);

    public override bool Reaches(long end, CancellationToken cancellation) => end <= window.Length;

    public override long ToFileOffset(long offset) => offset;

    protected override void Dispose(bool disposing) => window.Dispose();
}
