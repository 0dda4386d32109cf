using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Hands out rowversion values, growing per database.</summary>
/// <remarks>The counter starts from the instance's clock, so that values keep growing over a restart without being stored.</remarks>
public static class RowVersions
{
    private static readonly ConditionalWeakTable<LabDatabase, Counter> Counters = [];

    /// <summary>Takes the next value, eight bytes, big-endian.</summary>
    public static byte[] Next(LabDatabase database) => Bytes(Interlocked.Increment(ref Of(database).Value));

    /// <summary>Gives the last value handed out (@@DBTS).</summary>
    public static byte[] Current(LabDatabase database) => Bytes(Interlocked.Read(ref Of(database).Value));

    private static Counter Of(LabDatabase database) =>
        Counters.GetValue(database, static d => new Counter { Value = d.Instance.UtcNow.Ticks / 10000 });

    private static byte[] Bytes(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private sealed class Counter
    {
        public long Value;
    }
}
