using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.TSql;
using BizTalkDR.Lab.Tests.Log;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

/// <summary>What a batch sent back.</summary>
internal sealed class Reply : IResultSink
{
    public List<SqlMessage> Messages { get; } = [];

    public List<(IReadOnlyList<ResultColumn> Columns, List<object?[]> Rows)> Results { get; } = [];

    public List<long?> Counts { get; } = [];

    public List<(string Name, object? Value)> Outputs { get; } = [];

    public List<TransactionChange> Transactions { get; } = [];

    public int? Status { get; private set; }

    public IEnumerable<SqlMessage> Errors => Messages.Where(m => m.IsError);

    public IReadOnlyList<int> ErrorNumbers => [.. Errors.Select(e => e.Number)];

    public IReadOnlyList<string> Prints => [.. Messages.Where(m => m.Number == 0).Select(m => m.Text)];

    /// <summary>First value of the last result set.</summary>
    public object? Value => Results[^1].Rows[0][0];

    public void Message(SqlMessage message) => Messages.Add(message);

    public void Columns(IReadOnlyList<ResultColumn> columns) => Results.Add((columns, []));

    public void Row(object?[] values)
    {
        IReadOnlyList<ResultColumn> columns = Results[^1].Columns;
        for (int i = 0; i < values.Length; i++)
            Assert.True(values[i] is not null || columns[i].Nullable, $"Column {columns[i].Name} was announced as NOT NULL and holds NULL.");
        Results[^1].Rows.Add(values);
    }

    public void StatementDone(long? rowCount, bool isSelect, bool inProcedure) => Counts.Add(rowCount);

    public void ReturnStatus(int status) => Status = status;

    public void OutputParameter(string name, SqlType type, object? value) => Outputs.Add((name, value));

    public void DatabaseChanged(string newName, string oldName)
    {
    }

    public void TransactionChanged(TransactionChange change, long descriptor) => Transactions.Add(change);

    /// <summary>Rows of a result set as text, one line each.</summary>
    public string Text(int result = 0) => string.Join('\n', Results[result].Rows.Select(r => string.Join(',', r.Select(Show))));

    private static string Show(object? value) => value switch
    {
        null => "NULL",
        byte[] bytes => Convert.ToHexString(bytes),
        bool b => b ? "1" : "0",
        IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}

/// <summary>One instance in a temporary folder, spoken to without sockets.</summary>
internal sealed class InterpLab : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InterpLab(string serverName = "LABSQL1")
    {
        Directory = new OneInstance(serverName);
        Instance = LabInstance.Create(new InstanceOptions { ServerName = serverName, Folder = System.IO.Path.Combine(_folder.Folder, "instance") });
        Server = new LabSqlServer(Instance, Directory, "sa", "Passw0rd!");
        Session = Open();
    }

    public ILabDirectory Directory { get; }

    public LabInstance Instance { get; private set; }

    public LabSqlServer Server { get; private set; }

    public ISqlSession Session { get; private set; }

    public string Folder => _folder.Folder;

    public ISqlSession Open(string login = "sa", string password = "Passw0rd!", string database = "") =>
        Server.Login(new LoginRequest(login, password, database, "client", "tests", Server.ServerName, string.Empty, 1, false));

    public Reply Run(string text) => Run(Session, text);

    public static Reply Run(ISqlSession session, string text)
    {
        var reply = new Reply();
        session.ExecuteBatch(text, reply, default);
        return reply;
    }

    /// <summary>Runs a batch that must not fail.</summary>
    public Reply Do(string text)
    {
        Reply reply = Run(text);
        Assert.True(!reply.Errors.Any(), string.Join('\n', reply.Errors.Select(e => $"{e.Number} line {e.Line} {e.Procedure}: {e.Text}")));
        return reply;
    }

    public object? Scalar(string text) => Do(text).Value;

    /// <param name="meanwhile">What happens to the files while it is stopped.</param>
    public void Restart(Action? meanwhile = null)
    {
        Session.Dispose();
        Server.Dispose();
        Instance.Dispose();
        meanwhile?.Invoke();
        Instance = LabInstance.Open(new InstanceOptions { ServerName = Directory.Names[0], Folder = System.IO.Path.Combine(_folder.Folder, "instance") });
        Server = new LabSqlServer(Instance, Directory, "sa", "Passw0rd!");
        Session = Open();
    }

    public void Dispose()
    {
        Session.Dispose();
        Server.Dispose();
        Instance.Dispose();
        _folder.Dispose();
    }

    private sealed class OneInstance : ILabDirectory
    {
        public OneInstance(string name) => Names = [name];

        public string LinkSecret => "secret of the tests";

        public IReadOnlyList<string> Names { get; }

        public LabEndpoint? Find(string serverName) => null;
    }
}
