using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

[Collection("tds")]
public sealed class ConnectionTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("Mandatory")]
    [InlineData("Optional")]
    [InlineData("Strict")]
    public void Connects_with_every_way_to_encrypt(string encrypt)
    {
        SqlConnectionStringBuilder settings = encrypt == "Strict" ? _lab.Strict() : _lab.Settings();
        settings.Encrypt = SqlConnectionEncryptOption.Parse(encrypt);
        settings.InitialCatalog = "BizTalkMgmtDb";
        settings.ApplicationName = "the test";
        settings.WorkstationID = "HOST1";
        using SqlConnection connection = new(settings.ConnectionString);
        connection.Open();
        Assert.Equal("16.00.4135", connection.ServerVersion);
        Assert.Equal("BizTalkMgmtDb", connection.Database);
        Assert.Equal(51, connection.ServerProcessId);
        using SqlCommand command = new("x", connection);
        Assert.Equal(-1, command.ExecuteNonQuery());
        LoginRequest login = Assert.Single(_lab.Server.Logins);
        Assert.Equal(("sa", TdsLab.Password, "BizTalkMgmtDb", "HOST1", "the test"), (login.UserName, login.Password, login.Database, login.HostName, login.ApplicationName));
        Assert.Equal(Environment.ProcessId, login.ClientProcessId);
    }

    [Fact]
    public void Mandatory_encryption_accepts_the_pinned_certificate()
    {
        using SqlConnection connection = _lab.Open(s =>
        {
            s.TrustServerCertificate = false;
            s.ServerCertificate = LabCertificate.CerPath(certificate.Folder);
        });
        Assert.Equal("16.00.4135", connection.ServerVersion);
    }

    [Fact]
    public void An_untrusted_certificate_is_refused_by_the_client_and_the_listener_goes_on()
    {
        Assert.Throws<SqlException>(() => _lab.Open(s => s.TrustServerCertificate = false));
        using SqlConnection connection = _lab.Open();
        Assert.Equal("master", connection.Database);
    }

    [Fact]
    public void A_server_that_requires_encryption_encrypts_for_an_optional_client()
    {
        using TdsLab lab = new(certificate, new TdsListenerOptions { RequireEncryption = true });
        using SqlConnection connection = lab.Open(s => s.Encrypt = SqlConnectionEncryptOption.Optional);
        Assert.Equal("master", connection.Database);
    }

    // SqlClient 6.1 does not read unencrypted packets near 32 KB although all of them arrive; the raw client tests those.
    [Theory]
    [InlineData(512, "Optional", 512)]
    [InlineData(8000, "Optional", 8000)]
    [InlineData(16383, "Optional", 16383)]
    [InlineData(20000, "Optional", 20000)]
    [InlineData(512, "Mandatory", 512)]
    [InlineData(32767, "Mandatory", 16383)]
    [InlineData(32767, "Strict", 16383)]
    public void Uses_the_packet_size_the_client_asks_for(int size, string encrypt, int used)
    {
        string text = new('ä', 100_000);
        _lab.Server.OnBatch = (_, batch, sink, _) => Answers.Scalar(sink, SqlType.NVarCharMax, batch);
        SqlConnectionStringBuilder settings = encrypt == "Strict" ? _lab.Strict() : _lab.Settings();
        settings.Encrypt = SqlConnectionEncryptOption.Parse(encrypt);
        settings.PacketSize = size;
        using SqlConnection connection = new(settings.ConnectionString);
        connection.Open();
        Assert.Equal(used, connection.PacketSize);
        using SqlCommand command = new(text, connection) { CommandTimeout = 30 };
        Assert.Equal(text, command.ExecuteScalar());
    }

    [Theory]
    [InlineData("Mandatory")]
    [InlineData("Optional")]
    [InlineData("Strict")]
    public void A_wrong_password_is_error_18456(string encrypt)
    {
        SqlConnectionStringBuilder settings = encrypt == "Strict" ? _lab.Strict() : _lab.Settings();
        settings.Encrypt = SqlConnectionEncryptOption.Parse(encrypt);
        settings.Password = "wrong";
        using SqlConnection connection = new(settings.ConnectionString);
        SqlException error = Assert.Throws<SqlException>(connection.Open);
        Assert.Equal((18456, 14, 8), (error.Number, error.Class, error.State));
        Assert.Equal("Login failed for user 'sa'.", error.Errors[0].Message);
    }

    [Fact]
    public void A_database_that_cannot_be_opened_is_error_4060_and_then_18456()
    {
        _lab.Server.OnLogin = login => throw new LabSqlException(4060, 11, 1, $"Cannot open database \"{login.Database}\" requested by the login. The login failed.");
        SqlException error = Assert.Throws<SqlException>(() => _lab.Open(s => s.InitialCatalog = "nowhere"));
        Assert.Equal([4060, 18456], error.Errors.Cast<SqlError>().Select(e => e.Number));
    }

    [Fact]
    public void A_pooled_connection_is_reset_before_its_next_request()
    {
        SqlConnectionStringBuilder settings = _lab.Settings(pooling: true);
        settings.MaxPoolSize = 1;
        int first;
        using (SqlConnection connection = new(settings.ConnectionString))
        {
            connection.Open();
            first = connection.ServerProcessId;
            Run(connection, "one");
        }

        using (SqlConnection connection = new(settings.ConnectionString))
        {
            connection.Open();
            Assert.Equal(first, connection.ServerProcessId);
            Run(connection, "two");
            SqlConnection.ClearPool(connection);
        }

        Assert.Equal(["batch one", "reset False", "batch two"], _lab.Server.Log.Take(3));
    }

    [Fact]
    public void A_request_for_mars_works_without_it()
    {
        using SqlConnection connection = _lab.Open(s => s.MultipleActiveResultSets = true);
        Run(connection, "x");
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_what_it_left_running()
    {
        using SemaphoreSlim started = new(0);
        TaskCompletionSource cancelled = new();
        _lab.Server.OnBatch = (_, _, _, cancellation) =>
        {
            started.Release();
            cancellation.WaitHandle.WaitOne();
            cancelled.SetResult();
            cancellation.ThrowIfCancellationRequested();
        };
        using RawClient client = RawClient.LoggedIn(_lab.Listener.Port);
        client.Send(PacketType.SqlBatch, RawClient.Batch("wait"));
        await started.WaitAsync(TimeSpan.FromSeconds(30));
        client.Dispose();
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_silent_client_is_dropped_after_the_login_timeout()
    {
        using TdsLab lab = new(certificate, new TdsListenerOptions { LoginTimeout = TimeSpan.FromMilliseconds(50) });
        using TcpClient client = new("127.0.0.1", lab.Listener.Port);
        client.ReceiveTimeout = 30_000;
        Assert.Equal(0, client.GetStream().Read(new byte[1], 0, 1));
    }

    [Fact]
    public void More_connections_than_allowed_are_closed()
    {
        using TdsLab lab = new(certificate, new TdsListenerOptions { MaxConnections = 1 });
        using SqlConnection first = lab.Open();
        using TcpClient second = new("127.0.0.1", lab.Listener.Port);
        second.ReceiveTimeout = 30_000;
        Assert.Equal(0, second.GetStream().Read(new byte[1], 0, 1));
        Run(first, "still there");
    }

    [Fact]
    public void Stop_ends_connections_and_disposes_their_sessions()
    {
        using SqlConnection connection = _lab.Open();
        Assert.Equal(1, _lab.Server.OpenSessions);
        _lab.Listener.Stop();
        Assert.Equal(0, _lab.Server.OpenSessions);
        Assert.Throws<SqlException>(() => Run(connection, "x"));
    }

    [Fact]
    public void Kill_ends_an_idle_session()
    {
        using SqlConnection connection = _lab.Open();
        Assert.False(_lab.Listener.Kill(4711));
        Assert.True(_lab.Listener.Kill(connection.ServerProcessId));
        Assert.Throws<SqlException>(() => Run(connection, "x"));
    }

    [Fact]
    public async Task Kill_ends_a_running_statement_with_error_596()
    {
        using SemaphoreSlim started = new(0);
        _lab.Server.OnBatch = (_, _, _, cancellation) =>
        {
            started.Release();
            cancellation.WaitHandle.WaitOne();
            cancellation.ThrowIfCancellationRequested();
        };
        using SqlConnection connection = _lab.Open();
        int id = connection.ServerProcessId;
        Task<SqlException> run = Task.Run(() => Assert.Throws<SqlException>(() => Run(connection, "wait")));
        await started.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(_lab.Listener.Kill(id));
        Assert.Equal(596, (await run).Number);
    }

    // Whether the answer or the end of the connection is first is a race; neither may look like a statement that ended well.
    [Fact]
    public async Task Stop_never_lets_a_running_statement_look_finished()
    {
        for (int round = 0; round < 20; round++)
        {
            using TdsLab lab = new(certificate);
            using SemaphoreSlim started = new(0);
            lab.Server.OnBatch = (_, _, _, cancellation) =>
            {
                started.Release();
                cancellation.WaitHandle.WaitOne();
            };
            using SqlConnection connection = lab.Open();
            Task<SqlException> run = Task.Run(() => Assert.Throws<SqlException>(() => Run(connection, "wait")));
            await started.WaitAsync(TimeSpan.FromSeconds(30));
            lab.Listener.Stop();
            await run;
        }
    }

    [Fact]
    public void The_certificate_is_kept_and_only_its_owner_can_read_the_key()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tds-cert-");
        try
        {
            using var first = LabCertificate.LoadOrCreate(folder.FullName, ["LABSQL1"]);
            using var second = LabCertificate.LoadOrCreate(folder.FullName, ["labsql1"]);
            using var third = LabCertificate.LoadOrCreate(folder.FullName, ["LABSQL2"]);
            Assert.Equal(first.Thumbprint, second.Thumbprint);
            Assert.NotEqual(first.Thumbprint, third.Thumbprint);
            Assert.True(third.HasPrivateKey);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LabCertificate.PfxPath(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Run(SqlConnection connection, string text)
    {
        using SqlCommand command = new(text, connection);
        command.ExecuteNonQuery();
    }
}
