using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Huffman codes of a chunk: at most 15 bits, canonical, told by a table of 512 lengths of four bits ([MS-XCA] 2.1.4).</summary>
internal sealed class XpressCodes
{
    public const int TableBytes = Symbols / 2;

    private const int Symbols = 512;
    private const int LongestCode = 15;

    private readonly int[] _counts = new int[Symbols];
    private readonly byte[] _lengths = new byte[Symbols];
    private readonly ushort[] _codes = new ushort[Symbols];

    public int LengthOf(int symbol) => _lengths[symbol];

    public int CodeOf(int symbol) => _codes[symbol];

    /// <summary>Makes codes for the symbols of a chunk.</summary>
    public void Build(ReadOnlySpan<ushort> symbols)
    {
        _counts.AsSpan().Clear();
        foreach (ushort symbol in symbols)
        {
            _counts[symbol]++;
        }

        while (!TryLengths())
        {
            // Halving brings the counts nearer to each other, and the longest code down.
            for (int i = 0; i < Symbols; i++)
            {
                _counts[i] = _counts[i] == 0 ? 0 : (_counts[i] + 1) / 2;
            }
        }

        int code = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                if (_lengths[symbol] == length)
                {
                    _codes[symbol] = (ushort)code++;
                }
            }

            code <<= 1;
        }
    }

    public void WriteTable(Span<byte> target)
    {
        for (int i = 0; i < TableBytes; i++)
        {
            target[i] = (byte)(_lengths[2 * i] | (_lengths[(2 * i) + 1] << 4));
        }
    }

    /// <summary>Gives each symbol the depth of its leaf in the Huffman tree; false when one is deeper than a code may be.</summary>
    private bool TryLengths()
    {
        _lengths.AsSpan().Clear();
        Span<int> weight = stackalloc int[Symbols * 2];
        Span<short> parent = stackalloc short[Symbols * 2];
        Span<short> order = stackalloc short[Symbols];
        int leaves = 0;
        for (short symbol = 0; symbol < Symbols; symbol++)
        {
            if (_counts[symbol] > 0)
            {
                order[leaves++] = symbol;
            }
        }

        if (leaves == 1)
        {
            _lengths[order[0]] = 1;
            return true;
        }

        Span<short> sorted = order[..leaves];
        int[] counts = _counts;
        sorted.Sort((x, y) => counts[x] != counts[y] ? counts[x].CompareTo(counts[y]) : x.CompareTo(y));
        for (int i = 0; i < leaves; i++)
        {
            weight[i] = counts[sorted[i]];
        }

        // Two queues, both in rising order: leaves not used yet, and inner nodes in the order they were made.
        int leaf = 0;
        int inner = leaves;
        int next = leaves;
        for (; next < (2 * leaves) - 1; next++)
        {
            int first = Lighter(weight, ref leaf, leaves, ref inner, next);
            int second = Lighter(weight, ref leaf, leaves, ref inner, next);
            weight[next] = weight[first] + weight[second];
            parent[first] = (short)next;
            parent[second] = (short)next;
        }

        Span<byte> depth = stackalloc byte[Symbols * 2];
        depth[next - 1] = 0;
        for (int node = next - 2; node >= 0; node--)
        {
            depth[node] = (byte)(depth[parent[node]] + 1);
            if (node < leaves)
            {
                if (depth[node] > LongestCode)
                {
                    return false;
                }

                _lengths[sorted[node]] = depth[node];
            }
        }

        return true;
    }

    private static int Lighter(ReadOnlySpan<int> weight, ref int leaf, int leaves, ref int inner, int made) =>
        leaf < leaves && (inner >= made || weight[leaf] <= weight[inner]) ? leaf++ : inner++;
}
