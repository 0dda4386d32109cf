using System;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>The other side of a link as a participant of a distributed transaction: stands in for MSDTC.</summary>
internal sealed class LinkParticipant : IRemoteParticipant
{
    private readonly SqlConnection _connection;

    public LinkParticipant(SqlConnection connection, string server)
    {
        _connection = connection;
        Server = server;
    }

    public string Server { get; }

    public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout) =>
        Call(LinkProcedures.Barrier, ("@gtid", globalId), ("@exclusive", exclusive), ("@milliseconds", (int)timeout.TotalMilliseconds));

    public void Prepare(Guid globalId, string coordinator) => Call(LinkProcedures.Prepare, ("@gtid", globalId), ("@coordinator", coordinator));

    public void Commit(Guid globalId) => Call(LinkProcedures.Commit, ("@gtid", globalId));

    public void Abort(Guid globalId) => Call(LinkProcedures.Abort, ("@gtid", globalId));

    private void Call(string procedure, params (string Name, object Value)[] parameters)
    {
        try
        {
            LinkLogin.Call(_connection, procedure, parameters);
        }
        catch (SqlException e)
        {
            throw new LabSqlException(e.Number is > 0 and < 50000 ? e.Number : 1206, 16, 1, $"{Server}: {e.Message}");
        }
        catch (InvalidOperationException e)
        {
            throw new LabSqlException(8501, 16, 3, $"MSDTC on server '{Server}' is unavailable. {e.Message}");
        }
    }
}
