using System;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>Ends branches whose coordinator, or whose connection to it, was lost between prepare and outcome.</summary>
internal sealed class DistributedBranches
{
    private readonly LabSqlServer _server;

    public DistributedBranches(LabSqlServer server) => _server = server;

    /// <summary>Asks the coordinators of transactions in doubt; gives the number of those ended.</summary>
    public int Resolve()
    {
        int ended = 0;
        foreach ((Guid globalId, string coordinator) in _server.Instance.InDoubt)
        {
            switch (Ask(globalId, coordinator))
            {
                case TransactionOutcome.Committed:
                    _server.Instance.CommitPrepared(globalId);
                    ended++;
                    break;
                case TransactionOutcome.Aborted:
                    _server.Instance.AbortPrepared(globalId);
                    ended++;
                    break;
                default:
                    break;
            }
        }

        return ended;
    }

    private TransactionOutcome Ask(Guid globalId, string coordinator)
    {
        if (_server.Directory.Find(coordinator) is not { } endpoint)
        {
            return TransactionOutcome.Active;
        }

        try
        {
            using SqlConnection connection = LinkLogin.Connect(_server, endpoint, LoginRecord.BuiltInAdministrator.Name, connectTimeout: 2);
            connection.Open();
            return LinkLogin.Call(connection, LinkProcedures.Outcome, ("@gtid", globalId)) is int outcome ? (TransactionOutcome)(byte)outcome : TransactionOutcome.Active;
        }
        catch (SqlException)
        {
            // The coordinator is not up: the transaction stays in doubt, its rows stay locked, and it is asked again.
            return TransactionOutcome.Active;
        }
    }
}
