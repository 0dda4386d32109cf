using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.SqlServer;
using Xunit;

namespace BizTalkDR.Integration.Tests.Blobs;

/// <summary>A service that fails for a while: answers that Azurite does not give, from a socket.</summary>
public sealed class BlobRetryTests
{
    private const string Empty = "<?xml version=\"1.0\"?><EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
    private readonly List<double> _waits = [];

    [Fact]
    public async Task What_may_pass_is_asked_again()
    {
        await using var server = new Answers("503 Busy|Retry-After: 3", "429 Slow", "500 Broken", "", "200 OK||" + Empty);
        Assert.Empty(Store().List(server.Url, true).Blobs);
        Assert.Equal(5, server.Asked);
        Assert.Equal([3000, 1000, 2000, 4000], _waits);
    }

    [Fact]
    public async Task What_does_not_pass_is_named_after_five_tries()
    {
        await using var server = new Answers("503 Busy|x-ms-error-code: ServerBusy|", "503 Busy|x-ms-error-code: ServerBusy|", "503 Busy|x-ms-error-code: ServerBusy|", "503 Busy|x-ms-error-code: ServerBusy|", "503 Busy|x-ms-error-code: ServerBusy|");
        RecoveryException error = Refused.With(RecoveryError.BlobStoreUnreachable, () => Store().List(server.Url, true));
        Assert.Contains("503 (ServerBusy)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(5, server.Asked);
    }

    [Theory]
    [InlineData("302 Moved|Location: http://127.0.0.1:1/|")]
    [InlineData("200 OK||<html>Log in</html>")]
    [InlineData("200 OK||no XML")]
    [InlineData("200 OK||<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>")]
    [InlineData("400 Bad")]
    public async Task What_is_no_blob_service_is_named_at_once(string answer)
    {
        await using var server = new Answers(answer);
        Refused.With(RecoveryError.BlobStoreUnreachable, () => Store().List(server.Url, true));
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task An_answer_with_other_bytes_is_not_taken()
    {
        await using var server = new Answers("206 Part|Content-Range: bytes 0-2/100000|abc", "206 Part|Content-Range: bytes 0-2/100000|abc");
        using Stream blob = Store().Open(server.Url + "/a.bak");
        blob.Position = 50_000;
        Refused.With(RecoveryError.BlobStoreUnreachable, () => blob.ReadByte());
    }

    [Fact]
    public void Nobody_there()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        int port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Refused.With(RecoveryError.BlobStoreUnreachable, () => Store().List($"http://127.0.0.1:{port}/account/container", true));
        Assert.Equal(4, _waits.Count);
    }

    private BlobStore Store() => new(new BlobClient(Secrets.Of("sv=1&sig=secret"))
    {
        Wait = (time, _) =>
        {
            _waits.Add(time.TotalMilliseconds);
            return Task.CompletedTask;
        },
    });

    /// <summary>Gives each connection the next answer: status, headers and body between bars; nothing for an answer that ends too early.</summary>
    private sealed class Answers : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _work;

        public Answers(params string[] answers)
        {
            _listener.Start();
            _work = Task.Run(() => ServeAsync(answers));
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/account/container";

        public int Asked { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _work;
            _listener.Stop();
        }

        private async Task ServeAsync(string[] answers)
        {
            foreach (string answer in answers)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromMinutes(1));
                await using NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                }

                Asked++;
                if (answer.Length == 0)
                {
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<?xml"u8.ToArray());
                    continue;
                }

                string[] parts = [.. answer.Split('|', 3), "", ""];
                string headers = parts[1].Length == 0 ? string.Empty : parts[1] + "\r\n";
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {parts[0]}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(parts[2])}\r\nConnection: close\r\n\r\n{parts[2]}"));
            }
        }
    }
}
