using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Kinds of what an instance holds outside its databases, in the order in which they can be made.</summary>
public enum SqlObjectKind
{
    /// <summary>An option of sp_configure.</summary>
    Setting,

    /// <summary>A credential: its name and identity; nobody can read its secret.</summary>
    Credential,

    Login,

    LinkedServer,

    /// <summary>The account on a linked server under which local logins appear there.</summary>
    RemoteLogin,

    MailAccount,

    MailProfile,

    /// <summary>An operator of SQL Server Agent.</summary>
    Operator,

    /// <summary>A proxy of SQL Server Agent.</summary>
    Proxy,

    /// <summary>A job of SQL Server Agent, with its steps and schedules.</summary>
    Job,

    /// <summary>An alert of SQL Server Agent, with those it notifies.</summary>
    Alert,

    /// <summary>Part of a login: a fixed server role it is a member of.</summary>
    ServerRole,

    /// <summary>Part of a job.</summary>
    JobStep,

    /// <summary>Part of a job.</summary>
    JobSchedule,

    /// <summary>Part of an alert: an operator.</summary>
    Notification,

    /// <summary>Part of a mail profile.</summary>
    ProfileAccount,

    /// <summary>Part of a proxy.</summary>
    Subsystem,
}

/// <summary>Something that an instance holds outside its databases.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; of a step of a job its number.</param>
public sealed record SqlObject(SqlObjectKind Kind, string Name)
{
    /// <summary>Name of the value that holds the hash of a login's password.</summary>
    public const string PasswordHash = "password_hash";

    /// <summary>Its values, named as the parameters of the procedure that makes it; null is not given. Booleans are 0 and 1, bytes hexadecimal.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>What it consists of.</summary>
    public IReadOnlyList<SqlObject> Parts { get; init; } = [];

    /// <summary>A value; null when it is not given.</summary>
    public string? this[string name] => Values.TryGetValue(name, out string? value) ? value : null;
}

/// <summary>Reads and makes what an instance holds outside its databases.</summary>
public interface ISqlObjects
{
    /// <summary>Reads everything but system logins, by kind and name. The hash of a password is there only when the login may see it (CONTROL SERVER).</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>.</exception>
    IReadOnlyList<SqlObject> ReadObjects(CancellationToken cancellationToken = default);

    /// <summary>Reads the SIDs of a database's users, as hexadecimal text.</summary>
    IReadOnlyList<string> ReadUserSids(string database, CancellationToken cancellationToken = default);

    /// <summary>Makes an object whole or not at all.</summary>
    /// <returns>What the server said; no text of a statement holds one of the object's values.</returns>
    StatementOutcome CreateObject(SqlObject what, CancellationToken cancellationToken = default);
}
