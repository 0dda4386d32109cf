using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>The connections of one session to other instances, one for each linked server, kept as long as the session.</summary>
internal sealed class LinkedConnections
{
    private readonly SqlSession _session;
    private readonly Dictionary<string, LinkedConnection> _open = new(StringComparer.OrdinalIgnoreCase);

    public LinkedConnections(SqlSession session) => _session = session;

    /// <summary>Opens a table or view by its four-part name.</summary>
    public IRowSource Table(string server, SchemaObjectName name, ExecutionFrame frame)
    {
        LinkedServer linked = Find(server);
        if (!linked.DataAccess)
        {
            throw new LabSqlException(7411, 16, 1, $"Server '{linked.Name}' is not configured for DATA ACCESS.");
        }

        return RemoteTable.Open(this, linked, RemoteName(name), frame);
    }

    /// <summary>EXEC ('…') AT server.</summary>
    public void ExecuteText(string server, string text, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        LinkedServer linked = FindForCalls(server);
        var command = new LinkedCommand(text);
        foreach (CallArgument argument in arguments)
        {
            command.Parameters.Add(new LinkedParameter($"@p{command.Parameters.Count}", argument.Type, argument.Value));
        }

        // Parameters of EXEC … AT are question marks in the text.
        command.Text = ReplaceMarkers(text, command.Parameters.Count);
        Report(Run(linked, command, frame, frame), frame);
    }

    /// <summary>EXEC server.database.schema.procedure; gives the return status, null when it did not come to its end.</summary>
    public int? ExecuteProcedure(string server, SchemaObjectName name, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        LinkedServer linked = FindForCalls(server);
        var text = new StringBuilder("EXEC @labStatus = ").Append(RemoteName(name));
        var command = new LinkedCommand(string.Empty);
        command.Parameters.Add(new LinkedParameter("@labStatus", SqlType.Int, null) { IsOutput = true });
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

            if (argument.Table is not null)
            {
                throw new LabSqlException(8142, 16, 1, "Table-valued parameters cannot be passed to a remote procedure.");
            }

            string parameter = $"@p{i}";
            text.Append(parameter).Append(argument.IsOutput ? " OUTPUT" : string.Empty);
            command.Parameters.Add(new LinkedParameter(parameter, argument.Type, argument.Value) { IsOutput = argument.IsOutput, Assign = argument.Assign });
        }

        command.Text = text.ToString();
        LinkedOutcome outcome = Run(linked, command, frame, frame);
        foreach (LinkedParameter parameter in command.Parameters.Where(p => p.IsOutput && p.WasReturned))
        {
            parameter.Assign?.Invoke(parameter.Type, parameter.Value);
        }

        Report(outcome, frame);
        return command.Parameters[0].Value as int?;
    }

    /// <summary>Runs a command on a linked server, in the session's transaction when it has one.</summary>
    /// <param name="linked">Where.</param>
    /// <param name="command">What.</param>
    /// <param name="frame">The frame that asks.</param>
    /// <param name="output">Frame whose client gets result sets; null to keep them in the outcome.</param>
    public LinkedOutcome Run(LinkedServer linked, LinkedCommand command, ExecutionFrame frame, ExecutionFrame? output)
    {
        LinkedConnection connection = Connection(linked);
        if (_session.Transaction.Current is { } transaction)
        {
            connection.Enlist(transaction);
            _session.Transaction.IsDistributed = true;
        }

        return connection.Execute(command, frame, output);
    }

    /// <summary>Ends a remote request with its errors: thrown inside TRY, else sent on while the caller's next statement runs.</summary>
    public void Report(LinkedOutcome outcome, ExecutionFrame frame)
    {
        if (outcome.Errors.Count == 0)
        {
            return;
        }

        SqlMessage last = outcome.Errors[^1];
        if (_session.TryDepth > 0 || frame.InFunction || outcome.IsBroken || _session.Settings.XactAbort)
        {
            throw new LabSqlException(last);
        }

        foreach (SqlMessage error in outcome.Errors)
        {
            _session.Send(frame, error);
        }

        _session.LastError = last.Number;
    }

    /// <summary>Opens the connection to a linked server, or says why it cannot be opened.</summary>
    public void Test(string server) => Connection(Find(server));

    /// <summary>Forgets the connection to one server.</summary>
    public void Close(string server)
    {
        if (_open.Remove(server, out LinkedConnection? connection))
        {
            connection.Dispose();
        }
    }

    public void Close()
    {
        foreach (LinkedConnection connection in _open.Values)
        {
            connection.Dispose();
        }

        _open.Clear();
    }

    /// <summary>Name of an object on the other side: the parts behind the server.</summary>
    private static string RemoteName(SchemaObjectName name)
    {
        string Part(Identifier? part) => part is { Value.Length: > 0 } ? Quote(part.Value) : string.Empty;
        string database = Part(name.DatabaseIdentifier);
        string schema = Part(name.SchemaIdentifier);
        string item = Quote(name.BaseIdentifier.Value);
        return database.Length > 0 ? $"{database}.{schema}.{item}" : schema.Length > 0 ? $"{schema}.{item}" : item;
    }

    internal static string Quote(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";

    private static string ReplaceMarkers(string text, int count)
    {
        if (count == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        int next = 0;
        bool quoted = false;
        foreach (char c in text)
        {
            quoted ^= c == '\'';
            if (c == '?' && !quoted && next < count)
            {
                result.Append("@p").Append(next++);
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private LinkedServer Find(string server) => _session.Server.LinkedServers.Find(server) ?? throw ServerErrors.UnknownServer(server);

    private LinkedServer FindForCalls(string server)
    {
        LinkedServer linked = Find(server);
        return linked.RpcOut ? linked : throw new LabSqlException(7411, 16, 1, $"Server '{linked.Name}' is not configured for RPC.");
    }

    private LinkedConnection Connection(LinkedServer linked)
    {
        if (_open.TryGetValue(linked.Name, out LinkedConnection? open))
        {
            if (open.IsUsable)
            {
                return open;
            }

            open.Dispose();
            _open.Remove(linked.Name);
        }

        LinkedConnection connection = LinkedConnection.Open(_session.Server, linked, _session.OriginalLogin.Name);
        _open.Add(linked.Name, connection);
        return connection;
    }
}
