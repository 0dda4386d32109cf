using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

internal sealed partial class TdsConnection
{
    private bool _strict;

    /// <summary>Negotiates encryption and logs the client in; false when it was turned away.</summary>
    private async Task<bool> OpenAsync()
    {
        TdsMessage login;
        using (CancellationTokenSource limit = new(_listener.Options.LoginTimeout, _listener.Options.Clock))
        using (CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _lifetime.Token))
        {
            if (await ReadLoginAsync(both.Token).ConfigureAwait(false) is not { } message)
                return false;
            login = message;
        }

        LoginPacket packet;
        try
        {
            packet = LoginPacket.Read(login.Payload);
        }
        catch (TdsProtocolException error)
        {
            return await RefuseAsync(TdsErrors.InvalidLoginPacket(error.Message)).ConfigureAwait(false);
        }

        if (TdsDialect.Negotiate(packet.TdsVersion, _strict) is not { } dialect)
            return await RefuseAsync(TdsErrors.InvalidLoginPacket("This server speaks TDS 7.1 to 7.4 and 8.0.")).ConfigureAwait(false);
        if (packet.Request.IntegratedSecurity)
            return await RefuseAsync(TdsErrors.UntrustedDomain()).ConfigureAwait(false);
        if (packet.ChangesPassword)
            return await RefuseAsync(TdsErrors.LoginFailed(packet.Request.UserName)).ConfigureAwait(false);
        return await LoginAsync(packet, dialect).ConfigureAwait(false);
    }

    private async Task<TdsMessage?> ReadLoginAsync(CancellationToken cancellation)
    {
        int first = await _transport.PeekAsync(cancellation).ConfigureAwait(false);
        if (first < 0)
            return null;
        if (first == TdsProtocol.TlsHandshakeRecord)
        {
            _strict = true;
            await StartTlsAsync(cancellation).ConfigureAwait(false);
            UseTls();
        }

        TdsMessage? message = await _reader.ReadAsync(TdsProtocol.DefaultPacketSize, cancellation).ConfigureAwait(false);
        bool loginOnly = false;
        if (message is { Type: PacketType.Prelogin })
        {
            EncryptionOption wanted = Prelogin.ReadEncryption(message.Payload);
            EncryptionOption answer = _strict ? EncryptionOption.NotSupported : Prelogin.Negotiate(wanted, _listener.Options.RequireEncryption);
            _packets.Write(Prelogin.Answer(answer));
            _packets.End();
            loginOnly = answer == EncryptionOption.Off;
            if (!_strict && wanted == EncryptionOption.NotSupported && answer == EncryptionOption.Required)
                return null;
            if (answer != EncryptionOption.NotSupported)
                await StartTlsInPreloginAsync(loginOnly, cancellation).ConfigureAwait(false);
            message = await _reader.ReadAsync(TdsProtocol.MaxLoginBytes, cancellation).ConfigureAwait(false);
        }
        else if (_listener.Options.RequireEncryption && !_strict)
        {
            throw new TdsProtocolException("A login without negotiation is not encrypted.");
        }

        if (loginOnly)
            LeaveTls();
        return message is null or { Type: PacketType.Login7, Ignored: false } ? message : throw new TdsProtocolException("A login packet was expected.");
    }

    private async Task StartTlsInPreloginAsync(bool loginOnly, CancellationToken cancellation)
    {
        _transport.Mode = TransportMode.PreloginPackets;
        await StartTlsAsync(cancellation).ConfigureAwait(false);
        UseTls();
        _transport.Mode = loginOnly ? TransportMode.TlsRecords : TransportMode.Raw;
        if (loginOnly)
            _reader.BetweenPackets = LeaveTlsBetweenPacketsAsync;
    }

    /// <summary>TLS 1.2 inside PRELOGIN packets; TLS 1.3 is for TDS 8.0 only ([MS-TDS] 3.2.5.1).</summary>
    private async Task StartTlsAsync(CancellationToken cancellation)
    {
        _tls = new SslStream(_transport, leaveInnerStreamOpen: true);
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = _listener.CertificateContext,
            EnabledSslProtocols = _strict ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls12,
            ClientCertificateRequired = false,
            AllowRenegotiation = false,
            ApplicationProtocols = _strict ? new List<SslApplicationProtocol> { new(TdsProtocol.Tds8Alpn) } : null,
        };
        await _tls.AuthenticateAsServerAsync(options, cancellation).ConfigureAwait(false);
    }

    private void UseTls()
    {
        _reader.Stream = _tls!;
        _packets.Stream = _tls!;
    }

    private void LeaveTls()
    {
        _reader.BetweenPackets = null;
        _reader.Stream = _transport;
        _packets.Stream = _transport;
        _transport.Mode = TransportMode.Raw;
    }

    /// <summary>With login-only encryption some clients encrypt the first packet of a long login only, others all of it.</summary>
    private async ValueTask LeaveTlsBetweenPacketsAsync(CancellationToken cancellation)
    {
        if (_reader.HasBuffered)
            return;
        int next = await _transport.PeekAsync(cancellation).ConfigureAwait(false);
        if (next != TdsProtocol.TlsApplicationRecord)
            LeaveTls();
    }

    private async Task<bool> LoginAsync(LoginPacket packet, TdsDialect dialect)
    {
        _worker = new SessionWorker("TDS session");
        try
        {
            _session = await _worker.RunAsync(() => _listener.Server.Login(packet.Request)).ConfigureAwait(false);
        }
        catch (LabSqlException error)
        {
            // A database that cannot be opened ends in a failed login, as a second error.
            SqlMessage[] errors = error.Number == 4060 ? [error.Error, TdsErrors.LoginFailed(packet.Request.UserName)] : [error.Error];
            return await RefuseAsync(errors).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _listener.Report(error);
            return await RefuseAsync(TdsErrors.Unexpected(error)).ConfigureAwait(false);
        }

        AnswerLogin(packet, dialect);
        return true;
    }

    private void AnswerLogin(LoginPacket packet, TdsDialect dialect)
    {
        const string language = "us_english";
        int packetSize = _packets.Stream == _tls ? Math.Min(packet.PacketSize, TdsProtocol.MaxEncryptedPacketSize) : packet.PacketSize;
        string database = _session!.Database;
        _packets.SessionId = _session.SessionId;
        _tokens.Dialect = dialect;
        _sink.Begin();
        _tokens.TextChange(EnvironmentChange.Database, database, "master");
        _tokens.Message(new SqlMessage(5701, 0, 2, $"Changed database context to '{database}'."));
        _tokens.CollationChange();
        _tokens.TextChange(EnvironmentChange.Language, language, string.Empty);
        _tokens.Message(new SqlMessage(5703, 0, 1, $"Changed language setting to {language}."));
        _tokens.LoginAcknowledged(dialect.Version);
        _tokens.TextChange(
            EnvironmentChange.PacketSize,
            packetSize.ToString(CultureInfo.InvariantCulture),
            TdsProtocol.DefaultPacketSize.ToString(CultureInfo.InvariantCulture));
        _sink.End(attention: false);
        _packets.PacketSize = packetSize;
    }

    /// <summary>Sends why a login failed, and closes.</summary>
    private async Task<bool> RefuseAsync(params SqlMessage[] errors)
    {
        _sink.Begin();
        foreach (SqlMessage error in errors)
            _sink.Message(error);
        _sink.End(attention: false);
        await LingerAsync().ConfigureAwait(false);
        return false;
    }
}
