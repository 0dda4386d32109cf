using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    private sealed class Snapshot(LabDatabase database, Lsn checkpoint, Lsn first) : IDatabaseSnapshot
    {
        private int _disposed;

        public Lsn CheckpointLsn => checkpoint;

        public Lsn FirstLsn => first;

        public bool IsUsed(int page) => database._pages.Space.IsUsed(page);

        public IReadOnlyList<SnapshotFile> Files(Lsn? since)
        {
            List<SnapshotFile> files = [];
            foreach (int id in database._file!.FileIds)
            {
                IReadOnlyList<int> extents = since is { } checkpoint
                    ? database._pages.Space.ChangedExtents(id, checkpoint)
                    : [.. Enumerable.Range(0, database._file.PageCount(id) / PagesPerExtent).Select(e => e * PagesPerExtent)];
                files.Add(new SnapshotFile(id, (long)extents.Count * PagesPerExtent, Pages(id, extents)));
            }

            return files;
        }

        private IEnumerable<NumberedPage> Pages(int fileId, IReadOnlyList<int> extents)
        {
            foreach (int extent in extents)
            {
                for (int i = 0; i < PagesPerExtent; i++)
                {
                    ObjectDisposedException.ThrowIf(_disposed != 0, this);
                    byte[] page = new byte[PageFormat.PageSize];
                    int number = PageFormat.Number(fileId, extent + i);
                    database._file!.Read(number, page);
                    yield return new NumberedPage(number, page);
                }
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                database.EndSnapshot();
            }
        }
    }
}
