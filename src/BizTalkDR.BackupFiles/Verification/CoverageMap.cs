using System;
using System.Collections.Generic;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Counts the bytes of a file by what protects them: of a plain file by its structures, of a compressed one by its records.</summary>
internal sealed class CoverageMap(bool compressed, Action<long, long, ByteProtection>? listener)
{
    private readonly long[] _bytes = new long[Enum.GetValues(typeof(ByteProtection)).Length];

    /// <summary>True when the bytes are counted by records.</summary>
    public bool IsCompressed => compressed;

    public IReadOnlyDictionary<ByteProtection, long> ToDictionary()
    {
        var all = new Dictionary<ByteProtection, long>();
        for (int i = 0; i < _bytes.Length; i++)
            all[(ByteProtection)i] = _bytes[i];
        return all;
    }

    /// <summary>Counts bytes of the tape image; they are those of the file only when it is plain.</summary>
    public void Image(long start, long length, ByteProtection protection)
    {
        if (!compressed)
            Add(start, length, protection);
    }

    public void Begin()
    {
        if (!compressed)
            return;
        Add(0, 16, ByteProtection.UncoveredValues);
        Add(16, CompressedRecord.First - 16, ByteProtection.Padding);
    }

    public void Record(CompressedRecord record)
    {
        long at = record.Offset;
        switch (record.Kind)
        {
            case RecordKind.Data:
                Add(at, 4, ByteProtection.Checksum);
                Add(at + 4, 20, ByteProtection.Padding);
                Add(at + 24, 4 + record.DataBytes, ByteProtection.Checksum);
                break;
            case RecordKind.Filemark:
                Add(at, Format.MtfWalker.BlockHeaderSize, ByteProtection.Checksum);
                Add(at + Format.MtfWalker.BlockHeaderSize, record.DataBytes - Format.MtfWalker.BlockHeaderSize, ByteProtection.Padding);
                break;
            case RecordKind.Index:
                Add(at, record.End - at, ByteProtection.UncoveredValues);
                break;
            default:
                Add(at, 4, ByteProtection.UncoveredValues);
                Add(at + 4, record.End - at - 4, ByteProtection.Padding);
                break;
        }
    }

    private void Add(long start, long length, ByteProtection protection)
    {
        if (length <= 0)
            return;
        _bytes[(int)protection] += length;
        listener?.Invoke(start, length, protection);
    }
}
