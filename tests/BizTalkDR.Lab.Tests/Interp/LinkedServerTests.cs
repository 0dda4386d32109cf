using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.Tests.Log;
using BizTalkDR.Lab.Tests.Tds;
using BizTalkDR.Lab.TSql;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

/// <summary>Two instances that reach each other over sockets.</summary>
internal sealed class TwoInstances : ILabDirectory, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CertificateFolder _certificate;
    private readonly Dictionary<string, (LabInstance Instance, LabSqlServer Server, TdsListener Listener)> _running = new(StringComparer.OrdinalIgnoreCase);

    public TwoInstances(CertificateFolder certificate)
    {
        _certificate = certificate;
        foreach (string name in Names)
        {
            Start(name);
        }

        First = Open("LABSQL1");
        Second = Open("LABSQL2");
        foreach (ISqlSession session in new[] { First, Second })
        {
            Do(session, "CREATE DATABASE work");
            Do(session, "USE work");
            Do(session, "CREATE TABLE dbo.t (a int PRIMARY KEY, b nvarchar(20) NULL)");
            Do(session, "CREATE PROCEDURE dbo.adds @a int, @count int = NULL OUTPUT AS SET NOCOUNT ON; INSERT dbo.t VALUES (@a, @@SERVERNAME); SELECT @count = COUNT(*) FROM dbo.t; PRINT 'added'; RETURN 3");
            Do(session, "CREATE PROCEDURE dbo.marks @name nvarchar(128) AS BEGIN TRAN @name WITH MARK; INSERT dbo.t VALUES (777, @name); COMMIT TRAN @name");
        }

        Do(First, "EXEC sp_addlinkedserver N'LABSQL2', N'SQL Server'; EXEC sp_serveroption N'LABSQL2', 'rpc out', 'true'");
    }

    public string LinkSecret => "shared by both";

    public IReadOnlyList<string> Names => ["LABSQL1", "LABSQL2"];

    public ISqlSession First { get; }

    public ISqlSession Second { get; }

    public LabSqlServer Server(string name) => _running[name].Server;

    public LabInstance Instance(string name) => _running[name].Instance;

    public LabEndpoint? Find(string serverName) => _running.TryGetValue(serverName, out var found) ? new LabEndpoint("127.0.0.1", found.Listener.Port) : null;

    public static Reply Do(ISqlSession session, string text)
    {
        Reply reply = InterpLab.Run(session, text);
        Assert.True(!reply.Errors.Any(), string.Join('\n', reply.Errors.Select(e => $"{e.Number} {e.Procedure} {e.Line}: {e.Text}")));
        return reply;
    }

    public ISqlSession Open(string server) =>
        _running[server].Server.Login(new LoginRequest("sa", "Passw0rd!", string.Empty, "client", "tests", server, string.Empty, 1, false));

    public void Start(string name)
    {
        var options = new InstanceOptions { ServerName = name, Folder = Path.Combine(_folder.Folder, name) };
        LabInstance instance = LabInstance.Exists(options.Folder) ? LabInstance.Open(options) : LabInstance.Create(options);
        var server = new LabSqlServer(instance, this, "sa", "Passw0rd!");
        var listener = new TdsListener(server, _certificate.Certificate);
        listener.Start();
        _running[name] = (instance, server, listener);
    }

    public void Stop(string name)
    {
        if (_running.Remove(name, out var running))
        {
            running.Listener.Dispose();
            running.Server.Dispose();
            running.Instance.Dispose();
        }
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        foreach (string name in Names)
        {
            Stop(name);
        }

        _folder.Dispose();
    }
}

[Collection("tds")]
public sealed class LinkedServerTests(CertificateFolder certificate) : IDisposable
{
    private readonly TwoInstances _lab = new(certificate);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Reads_and_changes_tables_of_the_other_instance()
    {
        TwoInstances.Do(_lab.First, "INSERT LABSQL2.work.dbo.t VALUES (1, N'from one'), (2, NULL)");
        TwoInstances.Do(_lab.First, "UPDATE LABSQL2.work.dbo.t SET b = N'changed' WHERE a = 2; DELETE FROM LABSQL2.work.dbo.t WHERE a = 1");
        Assert.Equal("2,changed", TwoInstances.Do(_lab.First, "SELECT a, b FROM LABSQL2.work.dbo.t").Text());
        Assert.Equal("2,changed", TwoInstances.Do(_lab.Second, "SELECT a, b FROM work.dbo.t").Text());
        Assert.Equal("2,NULL", TwoInstances.Do(_lab.First, "INSERT dbo.t VALUES (2, NULL); SELECT l.a, l.b FROM dbo.t AS l JOIN LABSQL2.work.dbo.t AS r ON r.a = l.a").Text());
    }

    [Fact]
    public void Calls_procedures_there_with_outputs_status_messages_and_rows()
    {
        Reply reply = TwoInstances.Do(_lab.First, "DECLARE @rc int, @n int; EXEC @rc = LABSQL2.work.dbo.adds 5, @count = @n OUTPUT; SELECT @rc, @n");
        Assert.Equal("3,1", reply.Text());
        Assert.Equal(["added"], reply.Prints);
        Assert.Equal("LABSQL2", TwoInstances.Do(_lab.First, "EXEC ('SELECT @@SERVERNAME') AT LABSQL2").Value);
        Assert.Equal("LABSQL1", TwoInstances.Do(_lab.First, "EXEC ('SELECT @@SERVERNAME') AT LABSQL1").Value);
        Assert.Equal(1, TwoInstances.Do(_lab.First, "DECLARE @s nvarchar(300) = N'LABSQL2.master.dbo.sp_executesql'; EXEC @s N'SELECT COUNT(*) FROM work.dbo.t'").Value);
    }

    [Fact]
    public void Passes_the_other_instances_errors_on()
    {
        Reply reply = InterpLab.Run(_lab.First, "EXEC LABSQL2.work.dbo.nothing; PRINT 'next'");
        Assert.Equal([2812], reply.ErrorNumbers);
        Assert.Equal(["next"], reply.Prints);
        TwoInstances.Do(_lab.First, "EXEC LABSQL2.work.dbo.adds 1");
        Reply caught = TwoInstances.Do(_lab.First, "BEGIN TRY EXEC LABSQL2.work.dbo.adds 1 END TRY BEGIN CATCH PRINT CONCAT(ERROR_NUMBER(), ' ', ERROR_PROCEDURE()) END CATCH");
        Assert.Equal("2627 adds", caught.Prints[^1]);
    }

    [Theory]
    [InlineData("COMMIT", "1")]
    [InlineData("ROLLBACK", "")]
    public void Commits_and_rolls_back_on_both(string end, string expected)
    {
        TwoInstances.Do(_lab.First, $"BEGIN TRAN; INSERT dbo.t VALUES (1, NULL); EXEC LABSQL2.work.dbo.adds 1; {end}");
        Assert.Equal(expected, TwoInstances.Do(_lab.First, "SELECT a FROM work.dbo.t").Text());
        Assert.Equal(expected, TwoInstances.Do(_lab.Second, "SELECT a FROM work.dbo.t").Text());
        Assert.Equal(0, TwoInstances.Do(_lab.First, "SELECT @@TRANCOUNT").Value);

        // The remote session is free again.
        TwoInstances.Do(_lab.First, "EXEC LABSQL2.work.dbo.adds 50");
        Assert.Contains("50", TwoInstances.Do(_lab.Second, "SELECT a FROM work.dbo.t").Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Places_one_mark_on_both()
    {
        TwoInstances.Do(_lab.First, "BEGIN TRAN BTS_1 WITH MARK; INSERT dbo.t VALUES (777, N'BTS_1'); EXEC LABSQL2.work.dbo.marks N'BTS_1'; COMMIT TRAN BTS_1");
        foreach (ISqlSession session in new[] { _lab.First, _lab.Second })
        {
            Assert.Equal("work,BTS_1", TwoInstances.Do(session, "SELECT database_name, mark_name FROM msdb.dbo.logmarkhistory").Text());
            Assert.Equal("777,BTS_1", TwoInstances.Do(session, "SELECT a, b FROM work.dbo.t").Text());
        }
    }

    [Fact]
    public void A_doomed_branch_takes_the_whole_transaction_with_it()
    {
        TwoInstances.Do(_lab.Second, "CREATE PROCEDURE dbo.fails AS INSERT dbo.t VALUES (8, NULL); SELECT CONVERT(int, 'x')");
        Reply reply = InterpLab.Run(_lab.First, "BEGIN TRAN; INSERT dbo.t VALUES (8, NULL); EXEC LABSQL2.work.dbo.fails; COMMIT");
        Assert.Contains(245, reply.ErrorNumbers);
        Assert.Contains(1206, reply.ErrorNumbers);
        InterpLab.Run(_lab.First, "IF @@TRANCOUNT > 0 ROLLBACK");
        Assert.Equal(string.Empty, TwoInstances.Do(_lab.First, "SELECT a FROM work.dbo.t").Text());
        Assert.Equal(string.Empty, TwoInstances.Do(_lab.Second, "SELECT a FROM work.dbo.t").Text());
    }

    [Fact]
    public void A_lost_session_of_the_other_instance_rolls_back()
    {
        TwoInstances.Do(_lab.First, "BEGIN TRAN; EXEC LABSQL2.work.dbo.adds 9; INSERT dbo.t VALUES (9, NULL)");
        Assert.Equal(0, TwoInstances.Do(_lab.Second, "DECLARE @k nvarchar(20); SELECT @k = N'KILL ' + CONVERT(nvarchar(10), session_id) FROM sys.dm_exec_sessions WHERE program_name = N'Microsoft SQL Server'; EXEC(@k); SELECT 0").Value);
        Assert.NotEmpty(InterpLab.Run(_lab.First, "COMMIT").ErrorNumbers);
        InterpLab.Run(_lab.First, "IF @@TRANCOUNT > 0 ROLLBACK");
        Assert.Equal(string.Empty, TwoInstances.Do(_lab.First, "SELECT a FROM work.dbo.t").Text());
        Assert.Equal(string.Empty, TwoInstances.Do(_lab.Second, "SELECT a FROM work.dbo.t").Text());
    }

    [Fact]
    public void Asks_the_coordinator_for_the_outcome_after_a_restart()
    {
        LabSqlServer second = _lab.Server("LABSQL2");
        var committed = Guid.NewGuid();
        LabTransaction branch = _lab.Instance("LABSQL2").BeginBranch(committed, "LABSQL1");
        LabTable table = _lab.Instance("LABSQL2").Find("work")!.FindTable("dbo", "t")!;
        table.Insert(branch, [99, "in doubt"]);
        _lab.Instance("LABSQL2").AcquireBarrier(committed, exclusive: false, TimeSpan.FromSeconds(5));
        _lab.Instance("LABSQL2").Prepare(branch);
        Assert.Single(_lab.Instance("LABSQL2").InDoubt);
        Assert.Equal(1, TwoInstances.Do(_lab.Second, "SELECT COUNT(*) FROM sys.dm_tran_database_transactions AS d INNER JOIN sys.dm_tran_active_transactions AS a ON a.transaction_id = d.transaction_id WHERE d.database_id = DB_ID('work') AND d.database_transaction_begin_time IS NOT NULL AND d.database_transaction_state = 5 AND a.transaction_state = 5").Value);
        Assert.Equal(1, second.ResolveInDoubt());
        Assert.Empty(_lab.Instance("LABSQL2").InDoubt);
        Assert.Equal(string.Empty, TwoInstances.Do(_lab.Second, "SELECT a FROM work.dbo.t").Text());
    }

    [Fact]
    public void The_protocol_is_closed_to_other_sessions()
    {
        Assert.Equal([2812], InterpLab.Run(_lab.Second, "EXEC sp_lab_enlist '00000000-0000-0000-0000-000000000001', N'LABSQL1'").ErrorNumbers);
    }
}
