using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>The participant's side of distributed transactions, and what is left to do after a restart.</summary>
internal sealed class DistributedBranches
{
    /// <summary>Seconds until an instance counts as out of reach. Whoever asks will ask again, so an instance that is just dying must not hold anybody up.</summary>
    private const int ControlTimeout = 3;

    private readonly LabSqlServer _server;

    public DistributedBranches(LabSqlServer server) => _server = server;

    /// <summary>Opens a session on another instance that serves the protocol only.</summary>
    /// <exception cref="LabSqlException">8501: the instance cannot be reached.</exception>
    public LinkedConnection Control(string server)
    {
        LabEndpoint endpoint = _server.Directory.Find(server) ?? throw Unavailable(server);
        try
        {
            return LinkedConnection.Open(endpoint, string.Empty, _server.Directory.LinkSecret, null, ControlTimeout);
        }
        catch (Exception failure) when (failure is SqlException or SocketException)
        {
            throw Unavailable(server);
        }
    }

    public void Enlist(SqlSession session, Guid globalId, string coordinator)
    {
        if (session.Transaction.Current is { } current)
        {
            if (session.Transaction.IsBranch && current.GlobalId == globalId)
            {
                return;
            }

            throw new LabSqlException(3910, 16, 2, "Transaction context in use by another session.");
        }

        session.Transaction.Adopt(_server.Instance.BeginBranch(globalId, coordinator), branch: true);
    }

    /// <summary>Takes the commit barrier for the session's branch. It belongs to the branch: when the session ends before it is prepared, both are gone.</summary>
    public void TakeBarrier(SqlSession session, Guid globalId, bool exclusive, TimeSpan timeout)
    {
        RequireBranch(session, globalId);
        _server.Instance.AcquireBarrier(globalId, exclusive, timeout, session.Cancellation);
    }

    public void Prepare(SqlSession session, Guid globalId) => _server.Instance.Prepare(RequireBranch(session, globalId));

    public void Commit(SqlSession session, Guid globalId)
    {
        _server.Instance.CommitPrepared(globalId);
        Leave(session, globalId);
    }

    public void Abort(SqlSession session, Guid globalId)
    {
        _server.Instance.AbortPrepared(globalId);
        Leave(session, globalId);
    }

    /// <summary>Ends prepared transactions whose coordinator knows the outcome; repeats commits nobody confirmed.</summary>
    public int Resolve()
    {
        int ended = 0;
        foreach ((Guid id, string coordinator) in _server.Instance.InDoubt)
        {
            TransactionOutcome outcome = Ask(id, coordinator);
            if (outcome == TransactionOutcome.Active)
            {
                continue;
            }

            if (outcome == TransactionOutcome.Committed)
            {
                _server.Instance.CommitPrepared(id);
            }
            else
            {
                _server.Instance.AbortPrepared(id);
            }

            ended++;
        }

        return ended + _server.Instance.RetryUnconfirmed(name => _server.Directory.Find(name) is null ? null : new LinkedParticipant(_server, name));
    }

    private TransactionOutcome Ask(Guid id, string coordinator)
    {
        if (_server.LinkedServers.IsLocal(coordinator))
        {
            return _server.Instance.QueryOutcome(id);
        }

        try
        {
            using LinkedConnection control = Control(coordinator);
            SqlParameter outcome = RemoteTypes.Parameter("@outcome", SqlType.Int, null, output: true);
            control.Run("EXEC sp_lab_outcome @gtid, @outcome OUTPUT", [RemoteTypes.Parameter("@gtid", SqlType.UniqueIdentifier, id), outcome], 30, _ => { }, null, null, null, default);
            return (TransactionOutcome)(byte)(int)outcome.Value;
        }
        catch (LabSqlException)
        {
            // The coordinator is not there: the transaction stays in doubt, its rows stay locked, until it is.
            return TransactionOutcome.Active;
        }
    }

    /// <summary>Gives the session's branch of the transaction; when there is none that can commit, the transaction is aborted here.</summary>
    private LabTransaction RequireBranch(SqlSession session, Guid globalId)
    {
        LabTransaction? branch = session.Transaction.Current;
        if (branch is null || !session.Transaction.IsBranch || branch.GlobalId != globalId || session.Transaction.Doomed)
        {
            _server.Instance.AbortPrepared(globalId);
            session.Transaction.Release();
            throw new LabSqlException(1206, 18, 118, "The Microsoft Distributed Transaction Coordinator (MS DTC) has cancelled the distributed transaction.");
        }

        return branch;
    }

    private static void Leave(SqlSession session, Guid globalId)
    {
        if (session.Transaction.IsBranch && session.Transaction.Current is { } branch && branch.GlobalId == globalId)
        {
            session.Transaction.Release();
        }
    }

    private static LabSqlException Unavailable(string server) => new(8501, 16, 1, $"MSDTC on server '{server}' is unavailable.");
}

/// <summary>Private procedures one instance of the lab calls on another; other sessions do not see them.</summary>
internal static class DistributedProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        Private("sp_lab_enlist", "@gtid uniqueidentifier, @coordinator sysname", call => call.Server.Distributed.Enlist(call.Frame.Session, Id(call), call.Text("@coordinator")!)),
        Private("sp_lab_barrier", "@gtid uniqueidentifier, @exclusive bit, @timeout int", call => call.Server.Distributed.TakeBarrier(call.Frame.Session, Id(call), (bool)call["@exclusive"]!, TimeSpan.FromMilliseconds(call.Int("@timeout") ?? 0))),
        Private("sp_lab_prepare", "@gtid uniqueidentifier, @coordinator sysname", call => call.Server.Distributed.Prepare(call.Frame.Session, Id(call))),
        Private("sp_lab_commit", "@gtid uniqueidentifier", call => call.Server.Distributed.Commit(call.Frame.Session, Id(call))),
        Private("sp_lab_abort", "@gtid uniqueidentifier", call => call.Server.Distributed.Abort(call.Frame.Session, Id(call))),
        Private("sp_lab_outcome", "@gtid uniqueidentifier, @outcome int OUTPUT", call => call.SetOutput("@outcome", SqlType.Int, (int)call.Server.Instance.QueryOutcome(Id(call)))),
    ];

    private static Guid Id(SystemCall call) => (Guid)call["@gtid"]!;

    private static SystemProcedure Private(string name, string parameters, Action<SystemCall> run) => new(name, parameters, call =>
    {
        if (!call.Frame.Session.IsLink)
        {
            throw ServerErrors.UnknownProcedure(name);
        }

        run(call);
    });
}
