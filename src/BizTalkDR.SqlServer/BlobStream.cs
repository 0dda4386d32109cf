using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http.Headers;
using System.Threading;
using BizTalkDR.Errors;

namespace BizTalkDR.SqlServer;

/// <summary>A blob that is read where its reader looks: each read is one request for just these bytes, unless one of the last answers holds them. Every request wants the same version of the blob.</summary>
internal sealed class BlobStream : Stream
{
    /// <summary>What a first look takes along: a backup's reader asks for no less.</summary>
    private const int FirstBytes = 16 * 1024;

    /// <summary>A read that goes on where the last one ended and wants this much is one of many: more is fetched with each request, and no more than this is kept.</summary>
    private const int LongRead = 128 * 1024;

    private const int FetchedAhead = 1024 * 1024;
    private const int MostKept = 4;
    private const int LargestKept = 64 * 1024;

    private readonly BlobClient _client;
    private readonly string _shown;
    private readonly string _url;
    private readonly CancellationToken _cancellation;
    private readonly EntityTagHeaderValue? _version;
    private readonly List<(long Start, byte[] Bytes)> _kept = [];
    private (long Start, byte[] Bytes) _ahead = (0, []);
    private long _end;

    public BlobStream(BlobClient client, string shown, string url, CancellationToken cancellationToken)
    {
        _client = client;
        _shown = shown;
        _url = url;
        _cancellation = cancellationToken;
        BlobAnswer first = Fetch(0, FirstBytes);
        _version = first.Version;
        Length = first.WholeBytes;
        _kept.Add((0, first.Content));
    }

    /// <summary>Bytes fetched so far.</summary>
    public long BytesFetched { get; private set; }

    /// <summary>Requests sent so far.</summary>
    public int Requests { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (count <= 0 || Position >= Length)
        {
            return 0;
        }

        (long start, byte[] bytes) = IsAt(_ahead) ? _ahead : _kept.FirstOrDefault(IsAt);
        if (bytes is null)
        {
            int wanted = count >= LongRead && Position == _end ? Math.Max(count, FetchedAhead) : count;
            (start, bytes) = (Position, Fetch(Position, (int)Math.Min(wanted, Length - Position)).Content);
            if (bytes.Length > LargestKept)
            {
                _ahead = (start, bytes);
            }
            else
            {
                _kept.Insert(0, (start, bytes));
                _kept.RemoveRange(Math.Min(MostKept, _kept.Count), Math.Max(0, _kept.Count - MostKept));
            }

            _end = start + bytes.Length;
        }

        int at = (int)(Position - start);
        int given = Math.Min(count, bytes.Length - at);
        Buffer.BlockCopy(bytes, at, buffer, offset, given);
        Position += given;
        return given;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => Length });

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool IsAt((long Start, byte[] Bytes) known) => Position >= known.Start && Position < known.Start + known.Bytes.Length;

    private BlobAnswer Fetch(long start, int count)
    {
        BlobAnswer answer = _client.Get(_url, _shown, new RangeHeaderValue(start, start + count - 1), _version, _cancellation);
        if (answer.Start != start)
        {
            throw new RecoveryException(RecoveryError.BlobStoreUnreachable, _shown, $"What answered to '{_shown}' gave other bytes than those asked for.");
        }

        Requests++;
        BytesFetched += answer.Content.Length;
        return answer;
    }
}
