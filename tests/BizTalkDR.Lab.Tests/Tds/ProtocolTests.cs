using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>What a well-behaved SqlClient never does.</summary>
[Collection("tds")]
public sealed class ProtocolTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void An_attention_without_a_request_is_acknowledged()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.Attention, []);
        byte[] answer = client.ReadMessage();
        Assert.Equal([0xFD, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], answer);
    }

    [Fact]
    public void An_attention_in_the_middle_of_a_request_drops_it()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("half"), status: 0);
        client.Send(PacketType.Attention, []);
        Assert.Equal(0x20, client.ReadMessage()[1]);
        client.Send(PacketType.SqlBatch, RawClient.Batch("whole"));
        client.ReadMessage();
        Assert.Equal(["batch whole"], _lab.Server.Log);
    }

    [Fact]
    public void A_request_taken_back_is_answered_with_a_single_failed_done()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("half"), status: 0);
        client.Send(PacketType.SqlBatch, [], status: 3);
        Assert.Equal([0xFD, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], client.ReadMessage());
        Assert.Empty(_lab.Server.Log);
    }

    [Fact]
    public void Packets_have_the_largest_size_the_client_asked_for()
    {
        string text = new('x', 100_000);
        _lab.Server.OnBatch = (_, batch, sink, _) => Answers.Scalar(sink, SqlType.NVarCharMax, batch);
        byte[] login = RawClient.Login(TdsProtocol.Version74);
        BinaryPrimitives.WriteInt32LittleEndian(login.AsSpan(8), 40_000);
        using RawClient client = new(_lab.Listener.Port);
        client.Send(PacketType.Login7, login);
        client.ReadMessage();
        byte[] batch = RawClient.Batch(text);
        foreach (byte[] part in batch.Chunk(32767 - 8))
            client.Send(PacketType.SqlBatch, part, part[^1] == batch[^1] && part.Length < 32767 - 8 ? 1 : 0);
        var packets = client.ReadPackets();
        Assert.All(packets.SkipLast(1), p => Assert.Equal(32767 - 8, p.Length));
        Assert.Contains(text, Encoding.Unicode.GetString([.. packets.SelectMany(p => p).Skip(29 + 1)]) + Encoding.Unicode.GetString([.. packets.SelectMany(p => p).Skip(29)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_flushed_in_a_packet_of_its_own()
    {
        using ManualResetEventSlim read = new();
        _lab.Server.OnBatch = (_, _, sink, _) =>
        {
            sink.Message(new SqlMessage(3211, 0, 1, "10 percent processed."));
            read.Wait(TimeSpan.FromSeconds(30));
            sink.StatementDone(1, false, false);
        };
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("x"));
        byte[] header = new byte[8];
        client.Stream.ReadExactly(header);
        Assert.Equal(0, header[1]);
        byte[] info = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)) - 8];
        client.Stream.ReadExactly(info);
        Assert.Equal((byte)Token.Info, info[0]);
        Assert.Equal(info.Length - 3, BinaryPrimitives.ReadUInt16LittleEndian(info.AsSpan(1)));
        read.Set();
        Assert.Equal([0xFD, 0x10, 0, 0xC5, 0, 1, 0, 0, 0, 0, 0, 0, 0], client.ReadMessage());
    }

    [Fact]
    public void Two_statements_say_that_more_follows_and_that_a_transaction_is_open()
    {
        _lab.Server.OnBatch = (_, _, sink, _) =>
        {
            sink.StatementDone(1, false, false);
            sink.TransactionChanged(TransactionChange.Begin, 5);
            sink.Message(new SqlMessage(547, 16, 0, "x"));
            sink.StatementDone(null, false, false);
            sink.StatementDone(2, true, false);
        };
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("x"));
        byte[] answer = client.ReadMessage();
        Assert.Equal([0xFD, 0x11, 0], answer[..3]);
        Assert.Equal([0xE3, 11, 0, 8, 8, 5, 0, 0, 0, 0, 0, 0, 0, 0], answer[13..27]);
        Assert.Equal([0xFD, 0x07, 0], answer[^26..^23]);
        Assert.Equal([0xFD, 0x14, 0, 0xC1, 0, 2, 0, 0, 0, 0, 0, 0, 0], answer[^13..]);
    }

    [Fact]
    public void A_call_ends_with_status_then_outputs_then_doneproc()
    {
        _lab.Server.OnRpc = (_, _, _, sink, _) =>
        {
            sink.StatementDone(3, false, false);
            sink.OutputParameter("", SqlType.Int, 9);
            sink.ReturnStatus(4);
        };
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        byte[] call = [.. RawClient.Headers(), 1, 0, (byte)'p', 0, 0, 0, 0, 1, 0x26, 4, 4, 1, 0, 0, 0];
        client.Send(PacketType.Rpc, call);
        byte[] answer = client.ReadMessage();
        Assert.Equal([0xFF, 0x11, 0, 0xC5, 0, 3, 0, 0, 0, 0, 0, 0, 0], answer[..13]);
        Assert.Equal([0x79, 4, 0, 0, 0], answer[13..18]);
        Assert.Equal([0xAC, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0x26, 4, 4, 9, 0, 0, 0], answer[18..36]);
        Assert.Equal([0xFE, 0, 0], answer[36..39]);
    }

    [Fact]
    public void A_commit_may_begin_the_next_transaction()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.TransactionManager, [.. RawClient.Headers(), 7, 0, 2, (byte)'a', 0, 1, 4, 2, (byte)'b', 0]);
        client.ReadMessage();
        client.Send(PacketType.TransactionManager, [.. RawClient.Headers(), 0, 0]);
        Assert.Equal((byte)Token.Error, client.ReadMessage()[0]);
        Assert.Equal(["transaction Commit a 0 True"], _lab.Server.Log);
    }

    [Fact]
    public void The_reset_flags_reset_before_the_request_and_are_acknowledged()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("x"), status: 1 | 8);
        Assert.Equal([0xE3, 3, 0, 18, 0, 0], client.ReadMessage()[..6]);
        client.Send(PacketType.SqlBatch, RawClient.Batch("y"), status: 1 | 16);
        client.ReadMessage();
        Assert.Equal(["reset False", "batch x", "reset True", "batch y"], _lab.Server.Log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_login_may_be_encrypted_in_its_first_packet_only(bool encryptsAll)
    {
        byte[] login = [.. RawClient.Login(TdsProtocol.Version74), .. new byte[9000]];
        BinaryPrimitives.WriteInt32LittleEndian(login, login.Length);
        using RawClient client = new(_lab.Listener.Port);
        client.Send(PacketType.Prelogin, [1, 0, 6, 0, 1, 0xFF, (byte)EncryptionOption.Off]);
        client.ReadMessage();
        TransportStream transport = new(client.Stream) { Mode = TransportMode.PreloginPackets };
        SslStream tls = new(transport, leaveInnerStreamOpen: true, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        transport.Mode = TransportMode.Raw;
        byte[][] parts = [.. login.Chunk(4088)];
        for (int i = 0; i < parts.Length; i++)
        {
            byte[] packet = RawClient.Packet(PacketType.Login7, parts[i], i == parts.Length - 1 ? 1 : 0);
            if (i == 0 || encryptsAll)
                tls.Write(packet);
            else
                client.Stream.Write(packet);
        }

        Assert.Equal((byte)Token.EnvironmentChange, client.ReadMessage()[0]);
        client.Send(PacketType.SqlBatch, RawClient.Batch("plain"));
        client.ReadMessage();
        Assert.Equal(["batch plain"], _lab.Server.Log);
    }

    [Theory]
    [InlineData(TdsProtocol.Version73A, "730A0003")]
    [InlineData(TdsProtocol.Version73B, "730B0003")]
    [InlineData(TdsProtocol.Version74, "74000004")]
    [InlineData(0x75000000u, "74000004")]
    public void Answers_with_the_version_both_sides_speak(uint asked, string answered)
    {
        using RawClient client = new(_lab.Listener.Port);
        client.Send(PacketType.Login7, RawClient.Login(asked));
        string answer = Convert.ToHexString(client.ReadMessage());
        Assert.Contains("01" + answered + TdsProtocol.ProgramName.Length.ToString("X2"), answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_before_7_1_is_refused()
    {
        using RawClient client = new(_lab.Listener.Port);
        client.Send(PacketType.Login7, RawClient.Login(0x70000000));
        Assert.Equal(17832, ErrorNumber(client.ReadMessage()));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void Integrated_security_is_refused_with_18452()
    {
        byte[] login = RawClient.Login(TdsProtocol.Version74);
        login[25] |= 0x80;
        using RawClient client = new(_lab.Listener.Port);
        client.Send(PacketType.Login7, login);
        Assert.Equal(18452, ErrorNumber(client.ReadMessage()));
        Assert.Empty(_lab.Server.Logins);
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void A_login_with_fields_outside_of_it_is_refused()
    {
        foreach (int at in new[] { 36, 40, 44, 48, 68 })
        {
            byte[] login = RawClient.Login(TdsProtocol.Version74);
            login[at + 1] = 0x7F;
            login[at + 2] = 5;
            using RawClient client = new(_lab.Listener.Port);
            client.Send(PacketType.Login7, login);
            Assert.Equal(17832, ErrorNumber(client.ReadMessage()));
        }
    }

    [Fact]
    public void Bulk_load_is_refused_and_the_connection_lives()
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.BulkLoad, [0x81, 0, 0]);
        Assert.Equal(4834, ErrorNumber(client.ReadMessage()));
        client.Send(PacketType.SqlBatch, RawClient.Batch("x"));
        Assert.Equal(0xFD, client.ReadMessage()[0]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(99)]
    public void An_unknown_message_type_closes_after_an_error(byte type)
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send((PacketType)type, [1, 2, 3]);
        Assert.Equal(4004, ErrorNumber(client.ReadMessage()));
        Assert.True(client.IsClosed());
    }

    [Theory]
    [InlineData("00000000")]
    [InlineData("FFFFFF7F")]
    [InlineData("1600000000000000")]
    [InlineData("160000001200000002000000000000000000010000")]
    [InlineData("1600000012000000020000000000000000000100000041")]
    public void A_batch_with_broken_headers_or_text_closes_after_an_error(string hex)
    {
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, Convert.FromHexString(hex));
        Assert.Equal(4002, ErrorNumber(client.ReadMessage()));
        Assert.True(client.IsClosed());
        Assert.Empty(_lab.Server.Log);
    }

    [Fact]
    public void A_length_that_lies_costs_no_memory()
    {
        // nvarchar(max) whose chunk pretends to have 2 GB
        byte[] parameter = [0, 0, 0xE7, 0xFF, 0xFF, 9, 4, 0xD0, 0, 0x34, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 0xFF, 0xFF, 0x7F, 1, 2];
        byte[] call = [1, 0, (byte)'p', 0, 0, 0, .. parameter];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TdsProtocolException>(() => RpcMessage.Read(new TdsReader(call)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.Rpc, [.. RawClient.Headers(), .. call]);
        Assert.Equal(4002, ErrorNumber(client.ReadMessage()));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void A_request_longer_than_allowed_closes()
    {
        using TdsLab lab = new(certificate, new TdsListenerOptions { MaxRequestBytes = 10_000 });
        using RawClient client = RawClient.LoggedIn(lab.Listener.Port);
        for (int i = 0; i < 3; i++)
            client.Send(PacketType.SqlBatch, new byte[4000], status: 0);
        Assert.Equal(4002, ErrorNumber(client.ReadMessage()));
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void Garbage_closes_its_own_connection_only()
    {
        Random random = new(4711);
        using SqlConnection witness = _lab.Open();
        for (int i = 0; i < 60; i++)
        {
            byte[] garbage = new byte[random.Next(1, 300)];
            random.NextBytes(garbage);
            if (i % 3 == 0)
                garbage[0] = (byte)(i % 2 == 0 ? PacketType.Prelogin : PacketType.Login7);
            using RawClient client = i % 2 == 0 ? new RawClient(_lab.Listener.Port) : RawClient.LoggedIn(_lab.Listener.Port);
            try
            {
                client.Stream.Write(garbage);
                client.Stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            }
            catch (IOException)
            {
                continue; // closed already
            }

            Assert.True(client.IsClosed());
        }

        Assert.Empty(_lab.Faults);
        using SqlCommand command = new("still here", witness);
        command.ExecuteNonQuery();
    }

    [Fact]
    public void Mutated_requests_never_fault_the_server()
    {
        Random random = new(42);
        byte[] call = [.. RawClient.Headers(), 0xFF, 0xFF, 10, 0, 0, 0, .. Parameter("SELECT @a"), .. Parameter("@a int"), 2, (byte)'@', 0, (byte)'a', 0, 0, 0x62, 0x49, 0x1F, 0, 0, 6, 0, 0, 0, 0x38, 0, 1, 0, 0, 0];
        for (int i = 0; i < 300; i++)
        {
            byte[] mutated = [.. call];
            for (int n = random.Next(1, 4); n > 0; n--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
            client.Send(PacketType.Rpc, random.Next(4) == 0 ? mutated[..random.Next(mutated.Length)] : mutated);
            Assert.NotEmpty(client.ReadMessage());
        }

        Assert.Empty(_lab.Faults);
    }

    private static byte[] Parameter(string text)
    {
        byte[] data = Encoding.Unicode.GetBytes(text);
        return [0, 0, 0xE7, 0x40, 0x1F, 9, 4, 0xD0, 0, 0x34, (byte)data.Length, 0, .. data];
    }

    private static int ErrorNumber(byte[] answer)
    {
        Assert.Equal((byte)Token.Error, answer[0]);
        return BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(3));
    }
}
