using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>The procedures the instances of a lab call on each other; no other login sees them.</summary>
internal static class LinkProcedures
{
    public const string Enlist = "sp_lab_enlist";
    public const string Barrier = "sp_lab_barrier";
    public const string Prepare = "sp_lab_prepare";
    public const string Commit = "sp_lab_commit";
    public const string Abort = "sp_lab_abort";
    public const string Outcome = "sp_lab_outcome";

    /// <summary>Whether a call of this session is one of these.</summary>
    public static bool Handles(SqlSession session, string procedure) =>
        session.IsLink && procedure.StartsWith("sp_lab_", StringComparison.OrdinalIgnoreCase);

    /// <summary>Runs the call; errors are thrown.</summary>
    public static void Run(SqlSession session, string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink)
    {
        LabInstance instance = session.Server.Instance;
        var globalId = (Guid)Value(parameters, "@gtid")!;
        switch (procedure.ToLowerInvariant())
        {
            case Enlist:
                if (session.Transaction.Current is not null)
                {
                    throw new LabSqlException(3910, 16, 2, "Transaction context in use by another session.");
                }

                session.Transaction.Adopt(instance.BeginBranch(globalId, (string)Value(parameters, "@coordinator")!), branch: true);
                break;
            case Barrier:
                instance.AcquireBarrier(globalId, (bool)Value(parameters, "@exclusive")!, TimeSpan.FromMilliseconds((int)Value(parameters, "@milliseconds")!));
                break;
            case Prepare:
                PrepareBranch(session, instance, globalId);
                break;
            case Commit:
                instance.CommitPrepared(globalId);
                break;
            case Abort:
                AbortBranch(session, instance, globalId);
                break;
            case Outcome:
                sink.Columns([new ResultColumn("outcome", SqlType.Int, Nullable: false)]);
                sink.Row([(int)instance.QueryOutcome(globalId)]);
                sink.StatementDone(1, isSelect: true, inProcedure: true);
                break;
            default:
                throw ServerErrors.UnknownProcedure(procedure);
        }

        sink.ReturnStatus(0);
    }

    /// <summary>Prepares the session's branch. From then on it belongs to the instance: only the coordinator's word ends it, not this session's end.</summary>
    private static void PrepareBranch(SqlSession session, LabInstance instance, Guid globalId)
    {
        if (session.Transaction.Current is not { } branch || branch.GlobalId != globalId || session.Transaction.Doomed)
        {
            session.Transaction.RollbackAll(null);
            instance.ReleaseBarrier(globalId);
            throw new LabSqlException(1206, 18, 118, "The Microsoft Distributed Transaction Coordinator (MS DTC) has cancelled the distributed transaction.");
        }

        instance.Prepare(branch);
        session.Transaction.Release();
    }

    private static void AbortBranch(SqlSession session, LabInstance instance, Guid globalId)
    {
        if (session.Transaction.Current is { } branch && branch.GlobalId == globalId)
        {
            session.Transaction.RollbackAll(null);
            instance.ReleaseBarrier(globalId);
        }
        else if (instance.InDoubt.Any(d => d.GlobalId == globalId))
        {
            instance.AbortPrepared(globalId);
        }
        else
        {
            instance.ReleaseBarrier(globalId);
        }
    }

    private static object? Value(IReadOnlyList<RpcParameter> parameters, string name) =>
        parameters.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))?.Value
        ?? throw new LabSqlException(201, 16, 4, $"The procedure expects parameter '{name}', which was not supplied.");
}
