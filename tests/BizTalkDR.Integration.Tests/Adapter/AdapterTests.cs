using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.Tests.Tds;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;
using Xunit;

namespace BizTalkDR.Integration.Tests.Adapter;

/// <summary>The traps of SMO and SqlClient (facts: smo-and-tds.md §3.4), each met on a scripted server.</summary>
[Collection("tds")]
public sealed class AdapterTests(CertificateFolder certificate) : IDisposable
{
    private readonly TdsLab _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_restore_gives_back_every_message_and_the_progress()
    {
        Script((_, sink, _) => Say(sink, (3211, 0), (3211, 0), (4035, 0), (3014, 0)));
        List<int> percent = [];
        StatementOutcome outcome = Restore(onPercent: percent.Add);
        Assert.Equal([50, 100], percent);
        Assert.True(outcome.Says(3014));
        Assert.True(outcome.Says(4035));
        Assert.False(outcome.HasErrors);
        Assert.Single(Sent("RESTORE LOG"));
    }

    [Fact]
    public void An_error_after_3014_is_not_swallowed()
    {
        Script((_, sink, _) => Say(sink, (3014, 0), (3203, 16), (3013, 16)));
        StatementOutcome outcome = Restore();
        Assert.True(outcome.Says(3014));
        Assert.Equal(3203, outcome.Cause!.Number);
    }

    [Fact]
    public void A_failure_keeps_its_number()
    {
        Script((_, sink, _) => Say(sink, (4305, 16), (3013, 16)));
        Assert.Equal(4305, Restore().Cause!.Number);
    }

    [Fact]
    public void A_mark_that_was_not_reached_is_a_message()
    {
        Script((_, sink, _) => Say(sink, (4329, 10), (3014, 0)));
        StatementOutcome outcome = Restore();
        Assert.True(outcome.Says(4329));
        Assert.False(outcome.HasErrors);
    }

    [Fact]
    public void A_lost_connection_throws_and_the_statement_is_not_sent_again()
    {
        Script((_, _, _) => throw new InvalidOperationException("The session dies."));
        RecoveryException error = Assert.Throws<RecoveryException>(() => Restore());
        Assert.Equal(RecoveryError.ConnectionLost, error.Code);
        Assert.Single(Sent("RESTORE LOG"));
    }

    [Fact]
    public void A_cancel_reaches_the_server()
    {
        using var cancel = new CancellationTokenSource();
        using var seen = new ManualResetEventSlim();
        Script((_, _, cancellation) =>
        {
            cancel.Cancel();
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(20));
            seen.Set();
        });
        RecoveryException error = Assert.Throws<RecoveryException>(() => Restore(cancellation: cancel.Token));
        Assert.Equal(RecoveryError.OperationCancelled, error.Code);
        Assert.True(seen.Wait(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void One_connection_serves_all_statements_and_asks_once_what_the_server_is()
    {
        Script((_, sink, _) => Say(sink, (3014, 0)));
        using ISqlInstance instance = Open();
        for (int i = 0; i < 3; i++)
        {
            instance.Restore(Log, null);
            instance.Restore(new RestoreStatement(RestoreAction.Resume, "labdb"), null);
        }

        Assert.Single(_lab.Server.Logins);
        Assert.Single(_lab.Server.Log, l => l.Contains("DatabaseEngineType", StringComparison.Ordinal));
    }

    [Fact]
    public void Our_own_statements_give_back_errors_as_messages_too()
    {
        Script((_, sink, _) => Say(sink, (3180, 16), (3013, 16)));
        using ISqlInstance instance = Open();
        StatementOutcome outcome = instance.Restore(new RestoreStatement(RestoreAction.Standby, "labdb") { StandbyFile = "/d/x.tuf" }, null);
        Assert.Equal(3180, outcome.Cause!.Number);
    }

    [Fact]
    public void A_header_that_cannot_be_read_names_file_and_number()
    {
        Script((_, sink, _) => Say(sink, (3241, 16), (3013, 16)));
        using ISqlInstance instance = Open();
        RecoveryException error = Assert.Throws<RecoveryException>(() => instance.ReadHeaders("/b/x.bak"));
        Assert.Equal(RecoveryError.BackupMediaUnreadable, error.Code);
        Assert.Contains("3241", error.Message, StringComparison.Ordinal);
        Assert.Equal("/b/x.bak", error.Target);
    }

    [Fact]
    public void A_header_is_read_by_the_names_of_its_columns()
    {
        Script((_, sink, _) => Answers.Table(
            sink,
            [
                new("BackupType", SqlType.SmallInt), new("Position", SqlType.SmallInt), new("ServerName", SqlType.SysName), new("DatabaseName", SqlType.SysName),
                new("FirstLSN", SqlType.Decimal(25, 0)), new("LastLSN", SqlType.Decimal(25, 0)), new("BackupSetGUID", SqlType.UniqueIdentifier), new("SoftwareVersionMajor", SqlType.Int), new("IsDamaged", SqlType.Bit),
            ],
            [(short)2, (short)1, "SRC", "labdb", 34000000012300001m, 34000000099900001m, Guid.Parse("11111111-2222-3333-4444-555555555555"), 16, true]));
        using ISqlInstance instance = Open();
        BackupHeader header = Assert.Single(instance.ReadHeaders("/b/x.bak"));
        Assert.Equal((MediaBackupKind.Log, "SRC", "labdb", "34000000012300001", true), (header.Kind, header.ServerName, header.DatabaseName, header.FirstLsn.ToString(), header.IsDamaged));
        Assert.Equal(16, header.SoftwareVersion.Major);
    }

    [Fact]
    public void A_wrong_password_is_a_refused_login_and_the_password_is_nowhere()
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => new SqlInstanceFactory().Open(Address("wrong-Passw0rd")));
        Assert.Equal(RecoveryError.LoginFailed, error.Code);
        Assert.DoesNotContain("wrong-Passw0rd", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-Passw0rd", SqlInstanceFactory.ConnectionString(Address("wrong-Passw0rd")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_nobody_vouches_for_is_refused_unless_trusted()
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => new SqlInstanceFactory().Open(Address(TdsLab.Password) with { TrustServerCertificate = false }));
        Assert.Equal(RecoveryError.CertificateNotTrusted, error.Code);
        Assert.Contains("-TrustServerCertificate", error.Hint, StringComparison.Ordinal);
        Assert.Empty(_lab.Server.Logins);
    }

    [Fact]
    public void An_instance_that_is_not_there_cannot_be_reached()
    {
        SqlInstanceAddress address = Address(TdsLab.Password);
        _lab.Dispose();
        Assert.Equal(RecoveryError.InstanceUnreachable, Assert.Throws<RecoveryException>(() => new SqlInstanceFactory().Open(address with { ConnectTimeoutSeconds = 3 })).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void A_name_that_is_no_instance_is_refused(string name) =>
        Assert.Equal(RecoveryError.InvalidName, Assert.Throws<RecoveryException>(() => new SqlInstanceFactory().Open(new SqlInstanceAddress(name))).Code);

    [Fact]
    public void A_query_error_becomes_its_name_in_the_catalogue()
    {
        _lab.Server.OnRpc = (_, _, _, sink, _) => Say(sink, (229, 14));
        using ISqlInstance instance = Open();
        Assert.Equal(RecoveryError.PermissionDenied, Assert.Throws<RecoveryException>(() => instance.ReadMarkHistory("labdb", "BTS")).Code);
    }

    private static RestoreStatement Log => new(RestoreAction.Log, "labdb") { Path = "/b/x.bak", StopAtMark = "BTS_2026_05_06_14_15_01_327" };

    private static void Say(IResultSink sink, params (int Number, int Severity)[] messages)
    {
        int percent = 0;
        foreach ((int number, int severity) in messages)
        {
            percent += 50;
            sink.Message(new SqlMessage(number, (byte)severity, 1, number == 3211 ? $"{percent} percent processed." : $"Message {number}."));
        }

        sink.StatementDone(null, false, false);
    }

    private SqlInstanceAddress Address(string password)
    {
        var secret = new SecureString();
        foreach (char c in password)
        {
            secret.AppendChar(c);
        }

        return new SqlInstanceAddress($"tcp:127.0.0.1,{_lab.Listener.Port}") { Login = new SqlLogin("sa", secret), TrustServerCertificate = true };
    }

    private ISqlInstance Open() => new SqlInstanceFactory().Open(Address(TdsLab.Password));

    private StatementOutcome Restore(Action<int>? onPercent = null, CancellationToken cancellation = default)
    {
        using ISqlInstance instance = Open();
        return instance.Restore(Log, onPercent, cancellation);
    }

    private IEnumerable<string> Sent(string text) => _lab.Server.Log.Where(l => l.Contains(text, StringComparison.Ordinal));

    private void Script(Action<string, IResultSink, CancellationToken> restore) => _lab.Server.OnBatch = (_, text, sink, cancellation) =>
    {
        if (text.Contains("DatabaseEngineType", StringComparison.Ordinal))
        {
            Answers.Table(
                sink,
                [
                    new("DatabaseEngineType", SqlType.Int), new("Edition", SqlType.SysName), new("EditionID", SqlType.BigInt), new("DatabaseEngineEdition", SqlType.Variant),
                    new("ProductVersion", SqlType.Variant), new("MicrosoftVersion", SqlType.Int), new("IsFabricServer", SqlType.Bit), new("Collation", SqlType.SysName),
                ],
                [1, "Enterprise Edition (64-bit)", 1804890536L, new SqlVariant(SqlType.Int, 3), new SqlVariant(SqlType.SysName, "16.0.4135.4"), 0x10001027, false, "SQL_Latin1_General_CP1_CI_AS"]);
            Answers.Table(sink, [new("host_platform", SqlType.NVarChar(256))], ["Linux"]);
            Answers.Table(sink, [new("ConnectionProtocol", SqlType.NVarChar(40))], ["TCP"]);
        }
        else if (text.Contains("RESTORE", StringComparison.Ordinal))
        {
            restore(text, sink, cancellation);
        }
        else
        {
            sink.StatementDone(null, false, false);
        }
    };
}
