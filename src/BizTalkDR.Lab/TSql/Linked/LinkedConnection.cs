using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>One connection of a session to a linked server, in or out of a distributed transaction.</summary>
internal sealed class LinkedConnection : IDisposable
{
    /// <summary>Longest wait for a row lock on the other side: a deadlock over two instances ends with 1222 instead of never.</summary>
    private const int LockTimeoutMilliseconds = 20_000;

    private readonly LabSqlServer _server;
    private readonly LinkedServer _linked;
    private readonly SqlConnection _connection;
    private List<SqlMessage>? _errors;
    private ExecutionFrame? _frame;
    private LabTransaction? _enlisted;

    private LinkedConnection(LabSqlServer server, LinkedServer linked, SqlConnection connection)
    {
        _server = server;
        _linked = linked;
        _connection = connection;
        _connection.FireInfoMessageEventOnUserErrors = true;
        _connection.InfoMessage += Receive;
    }

    public bool IsUsable => _connection.State == ConnectionState.Open && _enlisted is null or { State: TransactionState.Active };

    /// <summary>Real network name of the other instance.</summary>
    public string ServerName { get; private set; } = string.Empty;

    public static LinkedConnection Open(LabSqlServer server, LinkedServer linked, string login)
    {
        LabEndpoint endpoint = server.Directory.Find(linked.DataSource) ?? server.Directory.Find(linked.Name)
            ?? throw new LabSqlException(7303, 16, 1, $"Cannot initialize the data source object of OLE DB provider \"{linked.Provider}\" for linked server \"{linked.Name}\".");
        SqlConnection connection = LinkLogin.Connect(server, endpoint, login, linked.ConnectTimeout);
        try
        {
            connection.Open();
            var result = new LinkedConnection(server, linked, connection);
            using SqlCommand command = new($"SET LOCK_TIMEOUT {LockTimeoutMilliseconds}; SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(128));", connection);
            result.ServerName = (string)command.ExecuteScalar();
            return result;
        }
        catch (SqlException e)
        {
            connection.Dispose();
            throw new LabSqlException(
                e.Number == 18456 ? new SqlMessage(18456, 14, 1, e.Message) : new SqlMessage(7303, 16, 1, $"Cannot initialize the data source object of OLE DB provider \"{linked.Provider}\" for linked server \"{linked.Name}\"."));
        }
    }

    /// <summary>Makes what follows part of a transaction of this instance.</summary>
    public void Enlist(LabTransaction transaction)
    {
        if (ReferenceEquals(_enlisted, transaction))
        {
            return;
        }

        try
        {
            LinkLogin.Call(_connection, LinkProcedures.Enlist, ("@gtid", transaction.GlobalId), ("@coordinator", _server.ServerName));
        }
        catch (SqlException e)
        {
            throw new LabSqlException(7391, 16, 2, $"The operation could not be performed because OLE DB provider \"{_linked.Provider}\" for linked server \"{_linked.Name}\" was unable to begin a distributed transaction. {e.Message}");
        }

        _enlisted = transaction;
        transaction.Participants.Add(new LinkParticipant(_connection, ServerName));
    }

    public LinkedOutcome Execute(LinkedCommand request, ExecutionFrame frame, ExecutionFrame? output)
    {
        var errors = new List<SqlMessage>();
        var results = new List<(IReadOnlyList<ResultColumn>, List<object?[]>)>();
        _errors = errors;
        _frame = frame;
        long rows = 0;
        bool broken = false;
        try
        {
            using SqlCommand command = new(request.Text, _connection) { CommandTimeout = _linked.QueryTimeout };
            foreach (LinkedParameter parameter in request.Parameters)
            {
                command.Parameters.Add(LinkedTypes.Parameter(parameter));
            }

            using (frame.Cancellation.Register(command.Cancel))
            using (SqlDataReader reader = command.ExecuteReader())
            {
                do
                {
                    if (reader.FieldCount > 0)
                    {
                        Read(reader, results, output);
                    }
                }
                while (reader.NextResult());
                reader.Close();
                rows = Math.Max(0, reader.RecordsAffected);
            }

            for (int i = 0; i < request.Parameters.Count; i++)
            {
                if (request.Parameters[i].IsOutput)
                {
                    request.Parameters[i].Value = LinkedTypes.FromClient(command.Parameters[i].Value, request.Parameters[i].Type);
                    request.Parameters[i].WasReturned = true;
                }
            }
        }
        catch (SqlException e)
        {
            frame.Cancellation.ThrowIfCancellationRequested();
            broken = _connection.State != ConnectionState.Open || e.Class >= 20;
            AddErrors(errors, e.Errors);
        }
        catch (InvalidOperationException e)
        {
            broken = true;
            errors.Add(new SqlMessage(7399, 16, 1, $"The OLE DB provider \"{_linked.Provider}\" for linked server \"{_linked.Name}\" reported an error. {e.Message}"));
        }
        finally
        {
            _errors = null;
            _frame = null;
        }

        return new LinkedOutcome(results, rows, errors, broken);
    }

    public void Dispose() => _connection.Dispose();

    private static void Read(SqlDataReader reader, List<(IReadOnlyList<ResultColumn>, List<object?[]>)> results, ExecutionFrame? output)
    {
        IReadOnlyList<ResultColumn> columns = LinkedTypes.Columns(reader);
        output?.Sink.Columns(columns);
        var rows = new List<object?[]>();
        long count = 0;
        while (reader.Read())
        {
            var row = new object?[columns.Count];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = LinkedTypes.FromClient(reader.GetValue(i), columns[i].Type);
            }

            count++;
            if (output is null)
            {
                rows.Add(row);
            }
            else
            {
                output.Sink.Row(row);
            }
        }

        output?.Sink.StatementDone(count, isSelect: true, inProcedure: true);
        if (output is null)
        {
            results.Add((columns, rows));
        }
    }

    private void Receive(object sender, SqlInfoMessageEventArgs e)
    {
        foreach (SqlError error in e.Errors)
        {
            if (error.Class > 10)
            {
                _errors?.Add(Message(error));
            }
            else if (error.Number is not (5701 or 5703))
            {
                _frame?.Inform(Message(error));
            }
        }
    }

    private static void AddErrors(List<SqlMessage> errors, SqlErrorCollection more)
    {
        foreach (SqlError error in more)
        {
            if (error.Class > 10 && !errors.Any(e => e.Number == error.Number && string.Equals(e.Text, error.Message, StringComparison.Ordinal)))
            {
                errors.Add(Message(error));
            }
        }
    }

    private static SqlMessage Message(SqlError error) =>
        new(error.Number, error.Class, error.State, error.Message, string.IsNullOrEmpty(error.Procedure) ? null : error.Procedure, error.LineNumber);
}
