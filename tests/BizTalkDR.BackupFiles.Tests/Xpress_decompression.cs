using System;
using System.Linq;
using System.Text;
using BizTalkDR.BackupFiles.Images;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Xpress_decompression
{
    [Fact]
    public void Gives_the_alphabet_of_the_specification()
    {
        // [MS-XCA] 3: 22 letters with codes of five bits, four letters and the end symbol with codes of four.
        byte[] table = Table(Enumerable.Range('a', 22).Select(s => (s, 5)).Concat([('w', 4), ('x', 4), ('y', 4), ('z', 4), (256, 4)]).ToArray());
        byte[] data = [0xD8, 0x52, 0x3E, 0xD7, 0x94, 0x11, 0x5B, 0xE9, 0x19, 0x5F, 0xF9, 0xD6, 0x7C, 0xDF, 0x8D, 0x04, 0, 0, 0, 0];

        Assert.Equal("abcdefghijklmnopqrstuvwxyz", Text(Decompress([.. table, .. data], 26)));
    }

    [Fact]
    public void Gives_the_repetition_of_the_specification()
    {
        byte[] table = Table(('a', 3), ('b', 3), ('c', 2), (256, 2), (256 + 0x1F, 2));
        byte[] data = [0xA8, 0xDC, 0x00, 0x00, 0xFF, 0x26, 0x01];

        Assert.Equal(string.Concat(Enumerable.Repeat("abc", 100)), Text(Decompress([.. table, .. data], 300)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(511)]
    [InlineData(32768)]
    public void Gives_literals(int size)
    {
        byte[] bytes = new byte[size];
        new Random(7).NextBytes(bytes);

        Assert.Equal(bytes, Decompress(CompressedContainer.Literals(bytes), size));
    }

    [Fact]
    public void Repeats_one_byte_at_distance_one()
    {
        // Codes of one bit: 0 = 'A', 1 = match of length 15 + 3 + extra at distance 1.
        byte[] table = Table(('A', 1), (256 + 0x0F, 1));

        Assert.Equal(new string('A', 1 + 18 + 5), Text(Decompress([.. table, 0x00, 0x40, 0x00, 0x00, 0x05], 24)));
        Assert.Equal(new string('A', 1 + 3 + 0x1234), Text(Decompress([.. table, 0x00, 0x40, 0x00, 0x00, 0xFF, 0x34, 0x12], 4 + 0x1234)));
        Assert.Equal(new string('A', 1 + 3 + 0xFF00), Text(Decompress([.. table, 0x00, 0x40, 0x00, 0x00, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0x00, 0x00], 4 + 0xFF00)));
    }

    [Fact]
    public void Refuses_a_match_before_the_first_byte()
    {
        byte[] table = Table(('A', 1), (256 + 0x10, 1));

        Assert.Null(Decompress([.. table, 0x00, 0x80, 0, 0], 10));
    }

    [Fact]
    public void Refuses_a_match_beyond_the_promised_size()
    {
        byte[] table = Table(('A', 1), (256 + 0x0F, 1));

        Assert.Null(Decompress([.. table, 0x00, 0x40, 0x00, 0x00, 0x05], 20));
    }

    [Fact]
    public void Refuses_more_codes_than_fit_and_codes_that_are_none()
    {
        Assert.Null(Decompress([.. Table(('A', 1), ('B', 1), ('C', 1)), 0, 0, 0, 0], 4));
        Assert.Null(Decompress([.. Table(), 0, 0, 0, 0], 4));
        Assert.Null(Decompress([.. Table(('A', 1)), 0xFF, 0xFF, 0, 0], 4));
    }

    [Fact]
    public void Refuses_input_that_ends_early()
    {
        byte[] whole = CompressedContainer.Literals(Encoding.ASCII.GetBytes(new string('x', 1000)));

        for (int length = 0; length < whole.Length - 20; length++)
            Assert.Null(Decompress(whole[..length], 1000));
    }

    [Fact]
    public void Ends_whatever_it_is_given()
    {
        var random = new Random(42);
        var xpress = new XpressHuffman();
        byte[] target = new byte[65536];
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(0, 2000)];
            random.NextBytes(bytes);
            for (int k = 0; k < Math.Min(bytes.Length, 256); k++)
                bytes[k] = (byte)(i % 3 == 0 ? bytes[k] : bytes[k] | 0x88);
            xpress.TryDecompress(bytes, 0, bytes.Length, target, random.Next(1, 65537));
        }
    }

    private static byte[] Table(params (int Symbol, int Length)[] codes)
    {
        byte[] table = new byte[256];
        foreach ((int symbol, int length) in codes)
            table[symbol / 2] |= (byte)(length << (symbol % 2 * 4));
        return table;
    }

    private static byte[]? Decompress(byte[] chunk, int size)
    {
        byte[] target = new byte[size];
        return new XpressHuffman().TryDecompress(chunk, 0, chunk.Length, target, size) ? target : null;
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.ASCII.GetString(bytes);
}
