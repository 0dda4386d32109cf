using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>The instance's decisions: a global transaction is committed once its record here is synced. What is not here was aborted (presumed abort).</summary>
/// <remarks>
/// Append-only records: decision (global id, participants not yet heard of), confirmation of one participant, end. Ends and confirmations are
/// not synced: when they are lost, the participants are told once more, which does no harm. A torn last record was never decided.
/// </remarks>
internal sealed class CoordinatorFile : IDisposable
{
    /// <summary>Room for the decisions of all transactions that commit at the same time.</summary>
    private const int RoomAhead = 64 * 1024;

    private readonly object _appendGate = new();
    private readonly object _syncGate = new();
    private readonly LabStorage _storage;
    private readonly string _path;
    private readonly int _compactBeyondBytes;
    private readonly Dictionary<Guid, HashSet<string>> _decisions = [];

    /// <summary>Decisions written and not synced yet: not to be told, not to be lost when the file is rewritten.</summary>
    private readonly Dictionary<Guid, HashSet<string>> _unsynced = [];
    private DurableFile _file;
    private long _end;

    /// <summary>Length beyond which the file is written anew.</summary>
    private long _compactAt;

    /// <summary>Bytes of the file that have room on the disk.</summary>
    private long _room;
    private long _synced;

    private CoordinatorFile(LabStorage storage, string path, int compactBeyondBytes)
    {
        _compactBeyondBytes = compactBeyondBytes;
        _compactAt = compactBeyondBytes;
        _storage = storage;
        _path = path;
        if (File.Exists(path))
        {
            ReadDecisions(File.ReadAllBytes(path));
        }

        _file = Rewrite();
    }

    private enum Kind : byte
    {
        Decision = 1, Confirmation, End,
    }

    /// <summary>Opens or creates the file; what has ended is left out of it.</summary>
    public static CoordinatorFile Open(LabStorage storage, string path, int compactBeyondBytes = 1 << 20) => new(storage, path, compactBeyondBytes);

    /// <summary>Decisions with participants that have not confirmed.</summary>
    public IReadOnlyList<(Guid GlobalId, string[] Servers)> Decisions
    {
        get
        {
            lock (_appendGate)
            {
                return [.. _decisions.Select(d => (d.Key, d.Value.ToArray()))];
            }
        }
    }

    public bool IsCommitted(Guid globalId)
    {
        lock (_appendGate)
        {
            return _decisions.ContainsKey(globalId);
        }
    }

    /// <summary>Takes room on the disk for decisions to come, so that none fails for want of it once everybody is prepared.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Reserve()
    {
        lock (_appendGate)
        {
            if (_end + RoomAhead > _room)
            {
                _file.Reserve(_end + (2 * RoomAhead));
                _room = _end + (2 * RoomAhead);
            }
        }
    }

    /// <summary>Decides to commit: durable when it returns. Concurrent callers share a sync.</summary>
    public void Decide(Guid globalId, IReadOnlyCollection<string> servers)
    {
        long position;
        lock (_appendGate)
        {
            CompactWhenLong();
            Append(Kind.Decision, globalId, servers);
            _unsynced[globalId] = new HashSet<string>(servers, StringComparer.OrdinalIgnoreCase);
            position = _end;
        }

        lock (_syncGate)
        {
            if (_synced < position)
            {
                long upTo = Interlocked.Read(ref _end);
                _file.Sync();
                _synced = upTo;
            }
        }

        // Only a synced decision may be told to anybody: a participant that asks in between must wait.
        lock (_appendGate)
        {
            _unsynced.Remove(globalId, out HashSet<string>? waiting);
            _decisions[globalId] = waiting ?? [];
        }
    }

    /// <summary>Notes that a participant has committed.</summary>
    public void Confirm(Guid globalId, string server)
    {
        lock (_appendGate)
        {
            if (_decisions.TryGetValue(globalId, out HashSet<string>? servers) && servers.Remove(server))
            {
                Append(Kind.Confirmation, globalId, [server]);
            }
        }
    }

    /// <summary>Forgets a decision that is durable in every log of the instance, unless a participant has yet to hear of it.</summary>
    /// <returns>False when it must still be kept.</returns>
    public bool TryForget(Guid globalId)
    {
        lock (_appendGate)
        {
            if (!_decisions.TryGetValue(globalId, out HashSet<string>? servers))
            {
                return true;
            }

            if (servers.Count > 0)
            {
                return false;
            }

            _decisions.Remove(globalId);
            Append(Kind.End, globalId, []);
            return true;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Leaves out what has ended; when the disk has no room for that, the file stays long for the time being.</summary>
    private void CompactWhenLong()
    {
        if (_end <= _compactAt)
        {
            return;
        }

        lock (_syncGate)
        {
            try
            {
                DurableFile old = _file;
                _file = Rewrite();
                old.Dispose();
                _compactAt = _compactBeyondBytes;
            }
            catch (IOException e) when (DiskSpace.IsFull(e))
            {
                _compactAt = _end + _compactBeyondBytes;
            }
        }
    }

    private void Append(Kind kind, Guid globalId, IReadOnlyCollection<string> servers)
    {
        byte[] record = Record(kind, globalId, servers);
        _file.Write(_end, record);
        Interlocked.Add(ref _end, record.Length);
    }

    private static byte[] Record(Kind kind, Guid globalId, IReadOnlyCollection<string> servers)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(0);
        writer.Write(0u);
        writer.Write((byte)kind);
        writer.Write(globalId.ToByteArray());
        writer.Write(servers.Count);
        foreach (string server in servers)
        {
            writer.Write(server);
        }

        writer.Flush();
        byte[] bytes = stream.ToArray();
        BitConverter.TryWriteBytes(bytes, bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), Checksum(bytes.AsSpan(8)));
        return bytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    private void ReadDecisions(byte[] content)
    {
        int offset = 0;
        while (content.Length - offset > 8)
        {
            int length = BitConverter.ToInt32(content, offset);
            if (length <= 8 || length > content.Length - offset
                || BitConverter.ToUInt32(content, offset + 4) != Checksum(content.AsSpan(offset + 8, length - 8)))
            {
                return;
            }

            using BinaryReader reader = new(new MemoryStream(content, offset + 8, length - 8), Encoding.UTF8);
            Take((Kind)reader.ReadByte(), new Guid(reader.ReadBytes(16)), ReadServers(reader));
            offset += length;
        }
    }

    private static List<string> ReadServers(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        List<string> servers = [];
        for (int i = 0; i < count; i++)
        {
            servers.Add(reader.ReadString());
        }

        return servers;
    }

    private void Take(Kind kind, Guid globalId, List<string> servers)
    {
        switch (kind)
        {
            case Kind.Decision:
                _decisions[globalId] = new HashSet<string>(servers, StringComparer.OrdinalIgnoreCase);
                break;
            case Kind.Confirmation when _decisions.TryGetValue(globalId, out HashSet<string>? waiting):
                waiting.ExceptWith(servers);
                break;
            case Kind.End:
                _decisions.Remove(globalId);
                break;
        }
    }

    private DurableFile Rewrite()
    {
        byte[] content = [.. _decisions.Concat(_unsynced).SelectMany(d => Record(Kind.Decision, d.Key, d.Value))];
        _storage.ReplaceFile(_path, content);
        _end = content.Length;
        _room = content.Length;
        _synced = content.Length;
        return _storage.Open(_path, FileMode.Open);
    }
}
