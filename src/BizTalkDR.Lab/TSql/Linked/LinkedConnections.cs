using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>The connections of one session to linked servers, one for each instance.</summary>
internal sealed class LinkedConnections
{
    private readonly SqlSession _session;
    private readonly Dictionary<string, LinkedConnection> _byName = new(StringComparer.OrdinalIgnoreCase);

    public LinkedConnections(SqlSession session) => _session = session;

    private LabSqlServer Server => _session.Server;

    public void Close()
    {
        foreach (LinkedConnection connection in _byName.Values.Distinct())
        {
            connection.Dispose();
        }

        _byName.Clear();
    }

    public void Close(string server)
    {
        if (_byName.Remove(server, out LinkedConnection? connection) && !_byName.ContainsValue(connection))
        {
            connection.Dispose();
        }
    }

    /// <summary>sp_testlinkedserver: connects and says nothing when it works.</summary>
    public void Test(string server)
    {
        if (!Server.LinkedServers.IsLocal(server))
        {
            Connect(Server.LinkedServers.Require(server));
        }
    }

    /// <summary>A table on the other instance.</summary>
    public RemoteTable Table(string server, SchemaObjectName name, ExecutionFrame frame)
    {
        LinkedServer linked = Server.LinkedServers.Require(server);
        if (!linked.DataAccess)
        {
            throw new LabSqlException(7411, 16, 1, $"Server '{linked.Name}' is not configured for DATA ACCESS.");
        }

        return new RemoteTable(this, linked, RemoteName(name, linked), frame);
    }

    /// <summary>The rows of a text the other instance runs as it is (OPENQUERY).</summary>
    public RemoteQuery PassThrough(string server, string text, ExecutionFrame frame)
    {
        LinkedServer linked = Server.LinkedServers.Require(server);
        return linked.DataAccess
            ? new RemoteQuery(this, linked, text, frame)
            : throw new LabSqlException(7411, 16, 1, $"Server '{linked.Name}' is not configured for DATA ACCESS.");
    }

    /// <summary>Runs a text there (EXEC … AT).</summary>
    public void ExecuteText(string server, string text, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        LinkedServer linked = RequireRpc(server);
        var parameters = new List<SqlParameter>();
        string query = arguments.Count == 0 ? text : ReplaceMarkers(text, arguments, parameters);
        Run(linked, query, parameters, frame, frame.Sink, changes: true);
        Assign(arguments, parameters);
    }

    /// <summary>Runs a procedure there and gives its return status.</summary>
    public int? ExecuteProcedure(string server, SchemaObjectName name, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        LinkedServer linked = RequireRpc(server);
        var parameters = new List<SqlParameter>();
        var text = new StringBuilder("EXEC @lab_rc = ").Append(RemoteName(name, linked));
        for (int i = 0; i < arguments.Count; i++)
        {
            CallArgument argument = arguments[i];
            text.Append(i == 0 ? " " : ", ");
            if (argument.Name is not null)
            {
                text.Append(argument.Name).Append(" = ");
            }

            if (argument.IsDefault)
            {
                text.Append("DEFAULT");
                continue;
            }

            string parameter = "@lab_p" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            text.Append(parameter).Append(argument.IsOutput ? " OUTPUT" : string.Empty);
            parameters.Add(RemoteTypes.Parameter(parameter, argument.Type, argument.Value, argument.IsOutput));
        }

        SqlParameter status = RemoteTypes.Parameter("@lab_rc", SqlType.Int, null, output: true);
        Run(linked, text.ToString(), [.. parameters, status], frame, frame.Sink, changes: true);
        int next = 0;
        foreach (CallArgument argument in arguments.Where(a => !a.IsDefault))
        {
            SqlParameter parameter = parameters[next++];
            argument.Assign?.Invoke(argument.Type, parameter.Value is DBNull ? null : parameter.Value);
        }

        return status.Value as int?;
    }

    /// <summary>Runs a text and passes on all it gives; in a transaction the remote session takes part when the text changes data.</summary>
    public int Run(LinkedServer server, string text, IReadOnlyList<SqlParameter> parameters, ExecutionFrame frame, IResultSink sink, bool changes)
    {
        LinkedConnection connection = Connect(server);
        if (changes)
        {
            Enlist(connection, server, frame);
        }

        try
        {
            return connection.Run(
                text, parameters, Timeout(server), m => _session.Send(frame, m),
                sink.Columns,
                sink.Row,
                (count, isSelect) => sink.StatementDone(_session.Settings.NoCount ? null : count, isSelect, frame.NestLevel > 0),
                _session.Cancellation);
        }
        catch (LabSqlException error)
        {
            if (!connection.IsOpen)
            {
                Close(server.Name);
            }

            error.Data[ErrorMarks.Located] = true;
            error.Data[ErrorMarks.Scope] = null;
            throw error.WithReach(ErrorReach.Statement);
        }
    }

    internal LinkedConnection Connect(LinkedServer server)
    {
        if (_byName.TryGetValue(server.Name, out LinkedConnection? known))
        {
            if (known.IsOpen)
            {
                return known;
            }

            Close(server.Name);
        }

        LinkedConnection opened = OpenAs(server);
        if (_byName.Values.FirstOrDefault(c => c.IsOpen && string.Equals(c.RealName, opened.RealName, StringComparison.OrdinalIgnoreCase)) is { } shared)
        {
            // Two names for one instance share a session, so that a transaction has one branch there.
            opened.Dispose();
            opened = shared;
        }

        _byName[server.Name] = opened;
        return opened;
    }

    private LinkedConnection OpenAs(LinkedServer server)
    {
        LabEndpoint endpoint = Server.LinkedServers.EndpointOf(server)
            ?? throw Unreachable(server, "A network-related or instance-specific error has occurred while establishing a connection to SQL Server. Server is not found or not accessible.");
        LinkedLogin mapping = Server.LinkedServers.LoginFor(server, _session.Login.Name)
            ?? throw new LabSqlException(7416, 16, 2, $"Access to the remote server is denied because no login-mapping exists.");
        try
        {
            if (!mapping.UseSelf && mapping.RemoteUser is not null)
            {
                VerifyPassword(endpoint, mapping);
            }

            string login = mapping.UseSelf || mapping.RemoteUser is null ? _session.Login.Name : mapping.RemoteUser;
            return LinkedConnection.Open(endpoint, login, Server.Directory.LinkSecret, server.Catalog, server.ConnectTimeout);
        }
        catch (SqlException error)
        {
            throw error.Number == 18456 ? new LabSqlException(18456, 14, 1, error.Message) : Unreachable(server, error.Message);
        }
        catch (SocketException error)
        {
            throw Unreachable(server, "A network-related or instance-specific error has occurred while establishing a connection to SQL Server. " + error.Message);
        }
    }

    /// <summary>A mapping to a named login works only with that login's password.</summary>
    private void VerifyPassword(LabEndpoint endpoint, LinkedLogin mapping)
    {
        var builder = new SqlConnectionStringBuilder
        {
            DataSource = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"tcp:{endpoint.Host},{endpoint.Port}"),
            UserID = mapping.RemoteUser,
            Password = mapping.RemotePassword is null ? string.Empty : Server.LinkedServers.Decrypt(mapping.RemotePassword),
            TrustServerCertificate = true,
            Pooling = false,
            ConnectRetryCount = 0,
        };
        using var probe = new SqlConnection(builder.ConnectionString);
        probe.Open();
    }

    private void Enlist(LinkedConnection connection, LinkedServer server, ExecutionFrame frame)
    {
        if (_session.Transaction.Current is not { } transaction || (!server.PromotesTransactions && !_session.Transaction.IsDistributed))
        {
            return;
        }

        if (connection.Enlisted == transaction.GlobalId)
        {
            return;
        }

        if (_session.Transaction.IsBranch)
        {
            throw new LabSqlException(7391, 16, 2, $"The operation could not be performed because OLE DB provider \"MSOLEDBSQL\" for linked server \"{server.Name}\" was unable to begin a distributed transaction.");
        }

        try
        {
            connection.Run(
                "EXEC sp_lab_enlist @gtid, @coordinator",
                [RemoteTypes.Parameter("@gtid", SqlType.UniqueIdentifier, transaction.GlobalId), RemoteTypes.Parameter("@coordinator", SqlType.SysName, Server.ServerName)],
                Timeout(server), _ => { }, null, null, null, _session.Cancellation);
        }
        catch (LabSqlException)
        {
            throw new LabSqlException(7391, 16, 2, $"The operation could not be performed because OLE DB provider \"MSOLEDBSQL\" for linked server \"{server.Name}\" was unable to begin a distributed transaction.");
        }

        connection.Enlisted = transaction.GlobalId;
        transaction.Participants.Add(new LinkedParticipant(Server, connection));
        _session.Transaction.IsDistributed = true;
    }

    private LinkedServer RequireRpc(string server)
    {
        LinkedServer linked = Server.LinkedServers.Require(server);
        return linked.RpcOut ? linked : throw new LabSqlException(7411, 16, 1, $"Server '{linked.Name}' is not configured for RPC.");
    }

    private int Timeout(LinkedServer server) => server.QueryTimeout > 0 ? server.QueryTimeout : Server.Configuration.InUse("remote query timeout (s)");

    private static string RemoteName(SchemaObjectName name, LinkedServer server)
    {
        string? database = name.DatabaseIdentifier is { Value.Length: > 0 } given ? given.Value : server.Catalog;
        string schema = name.SchemaIdentifier is { Value.Length: > 0 } s ? Interpreter.Quote(s.Value) : string.Empty;
        string tail = schema + "." + Interpreter.Quote(name.BaseIdentifier.Value);
        return database is null ? tail.TrimStart('.') : Interpreter.Quote(database) + "." + tail;
    }

    private static LabSqlException Unreachable(LinkedServer server, string cause) =>
        new(7303, 16, 1, $"Cannot initialize the data source object of OLE DB provider \"MSOLEDBSQL\" for linked server \"{server.Name}\". {cause}");

    private static string ReplaceMarkers(string text, IReadOnlyList<CallArgument> arguments, List<SqlParameter> parameters)
    {
        var query = new StringBuilder();
        int next = 0;
        bool quoted = false;
        foreach (char c in text)
        {
            quoted ^= c == '\'';
            if (c == '?' && !quoted && next < arguments.Count)
            {
                string name = "@lab_p" + next.ToString(System.Globalization.CultureInfo.InvariantCulture);
                parameters.Add(RemoteTypes.Parameter(name, arguments[next].Type, arguments[next].Value, arguments[next].IsOutput));
                query.Append(name).Append(arguments[next].IsOutput ? " OUTPUT" : string.Empty);
                next++;
                continue;
            }

            query.Append(c);
        }

        return query.ToString();
    }

    private static void Assign(IReadOnlyList<CallArgument> arguments, List<SqlParameter> parameters)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            arguments[i].Assign?.Invoke(arguments[i].Type, parameters[i].Value is DBNull ? null : parameters[i].Value);
        }
    }
}
