using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

// CONTRACT between the protocol (Tds) and the T-SQL layer (TSql).

/// <summary>What a client said at login.</summary>
public sealed record LoginRequest(string UserName, string Password, string Database, string HostName, string ApplicationName, string ServerName, string Language, int ClientProcessId, bool IntegratedSecurity);

/// <summary>A parameter of a remote procedure call.</summary>
public sealed record RpcParameter(string Name, SqlType Type, object? Value, bool IsOutput);

/// <summary>Describes a result column.</summary>
public sealed record ResultColumn(string Name, SqlType Type, bool Nullable = true, bool IsIdentity = false);

/// <summary>Receives what a request produces, in order. Messages are flushed at once.</summary>
/// <remarks>
/// Nothing here throws because the client is gone or sent an attention: the request's token is cancelled then and output is dropped,
/// except <see cref="DatabaseChanged"/> and <see cref="TransactionChanged"/>, which a client must always learn.
/// <see cref="Row"/> throws <see cref="LabSqlException"/> 8115 or 8152 for a value that does not fit its column; nothing of that row is sent.
/// </remarks>
public interface IResultSink : IMessageSink
{
    /// <summary>Starts a result set.</summary>
    void Columns(IReadOnlyList<ResultColumn> columns);

    /// <summary>Sends a row of the result set started last.</summary>
    void Row(object?[] values);

    /// <summary>Ends a statement. rowCount null = no count. Inside procedures the protocol sends DONEINPROC.</summary>
    void StatementDone(long? rowCount, bool isSelect, bool inProcedure);

    /// <summary>Ends a procedure with its return status (RPC by name, and EXEC at the top level). In an RPC the last one counts, and it and the output parameters may come in any order.</summary>
    void ReturnStatus(int status);

    /// <summary>Sends an output parameter of an RPC.</summary>
    void OutputParameter(string name, SqlType type, object? value);

    /// <summary>Tells the client that the database context changed (INFO 5701 is sent by the session as a message).</summary>
    void DatabaseChanged(string newName, string oldName);

    /// <summary>Tells the client that a transaction began, was committed or rolled back. The id is the 8-byte descriptor.</summary>
    void TransactionChanged(TransactionChange change, long descriptor);
}

public enum TransactionChange : byte
{
    Begin = 8, Commit = 9, Rollback = 10,
}

/// <summary>Kinds of transaction manager requests of the protocol.</summary>
public enum TransactionRequestKind : ushort
{
    Begin = 5, Commit = 7, Rollback = 8, Save = 9,
}

/// <summary>A transaction manager request. Isolation: 1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot; 0 = unchanged.</summary>
public sealed record TransactionRequest(TransactionRequestKind Kind, string? Name, byte Isolation, bool BeginsNew, string? NewName, byte NewIsolation);

/// <summary>One logged-in session. Requests come one at a time; <c>cancellation</c> is the client's attention.</summary>
public interface ISqlSession : IDisposable
{
    int SessionId { get; }

    string Database { get; }

    void ExecuteBatch(string text, IResultSink sink, CancellationToken cancellation);

    /// <summary>sp_executesql and the sp_prepare family arrive by their names too.</summary>
    void ExecuteRpc(string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink, CancellationToken cancellation);

    void TransactionManager(TransactionRequest request, IResultSink sink);

    /// <summary>The reset flag of a pooled connection: back to the login's database and default settings; temp tables dropped.</summary>
    void Reset(bool keepTransaction);
}

/// <summary>Opens sessions.</summary>
public interface ISqlServer
{
    /// <summary>SERVERPROPERTY('ServerName').</summary>
    string ServerName { get; }

    /// <summary>Checks the login. Throws <see cref="LabSqlException"/> 18456 (class 14) or 4060 (class 11).</summary>
    ISqlSession Login(LoginRequest request);

    /// <summary>Login time settings the protocol announces.</summary>
    string Collation { get; }
}
