using System;
using System.Collections.Generic;
using System.Data;
using System.Diagnostics;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Smo = Microsoft.SqlServer.Management.Smo;

namespace BizTalkDR.SqlServer;

/// <summary>One connection to one instance. Restores and headers go through SMO, everything else through SqlClient on the same connection.</summary>
internal sealed partial class SmoSqlInstance : ISqlInstance
{
    // Seconds for a query that only looks; statements that back up or restore have no limit.
    private const int QueryTimeoutSeconds = 120;

    private readonly SqlConnection _connection;
    private SqlInstanceIdentity? _identity;
    private Smo.Server? _server;

    public SmoSqlInstance(SqlInstanceAddress address, SqlConnection connection)
    {
        Address = address;
        _connection = connection;
    }

    /// <inheritdoc/>
    public SqlInstanceAddress Address { get; }

    /// <inheritdoc/>
    public SqlInstanceIdentity Identity => _identity ??= ReadIdentity();

    /// <summary>SMO on this connection: it neither closes it between statements nor opens another.</summary>
    private Smo.Server Server
    {
        get
        {
            if (_server is null)
            {
                var connection = new ServerConnection(_connection)
                {
                    AutoDisconnectMode = AutoDisconnectMode.NoAutoDisconnect,
                    StatementTimeout = 0,
                };
                _server = new Smo.Server(connection);
            }

            return _server;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private SqlInstanceIdentity ReadIdentity()
    {
        List<SqlInstanceIdentity> rows = Query("Reading the instance's identity", SqlText.Identity, r => new SqlInstanceIdentity(
            Text(r, 0),
            Version.TryParse(Text(r, 1), out Version? version) ? version : new Version(0, 0),
            Text(r, 2),
            WithSeparator(Text(r, 3)),
            WithSeparator(Text(r, 4)),
            TimeSpan.FromMinutes(r.GetInt32(6)))
        {
            BackupPath = r.IsDBNull(5) ? null : r.GetString(5),
            Product = Text(r, 7).Split('\n')[0].Trim(),
        }, CancellationToken.None);
        return rows.Count == 1 ? rows[0] : throw new RecoveryException(RecoveryError.StatementFailed, Address.Name, $"The instance '{Address.Name}' does not say what it is.");
    }

    private List<T> Query<T>(string what, string text, Func<SqlDataReader, T> read, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        using SqlCommand command = Command(text, parameters);
        command.CommandTimeout = QueryTimeoutSeconds;
        return Guarded(what, command, () =>
        {
            var rows = new List<T>();
            using SqlDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            // Errors that come after the rows are only raised when the rest is read.
            while (reader.NextResult())
            {
                continue;
            }

            return rows;
        }, cancellationToken);
    }

    private SqlCommand Command(string text, params (string Name, object? Value)[] parameters)
    {
        SqlCommand command = _connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.Add(value switch
            {
                long number => new SqlParameter(name, SqlDbType.BigInt) { Value = number },
                bool flag => new SqlParameter(name, SqlDbType.Bit) { Value = flag },
                string words => new SqlParameter(name, SqlDbType.NVarChar, words.Length > 4000 ? -1 : 4000) { Value = words },
                _ => new SqlParameter(name, value ?? DBNull.Value),
            });
        }

        return command;
    }

    private T Guarded<T>(string what, SqlCommand command, Func<T> run, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw SqlErrors.Cancelled(Address, what, null);
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(command.Cancel);
        try
        {
            return run();
        }
        catch (SqlException error)
        {
            throw cancellationToken.IsCancellationRequested
                ? SqlErrors.Cancelled(Address, what, error)
                : SqlErrors.WhileAsking(Address, what, error, _connection.State == ConnectionState.Open);
        }
        catch (InvalidOperationException error)
        {
            throw SqlErrors.Lost(Address, what, error);
        }
    }

    /// <summary>Runs a statement to its end and gives back everything the server said; only a lost connection or a cancel throws.</summary>
    private StatementOutcome Execute(string text, Action<ServerMessage>? onMessage, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        using SqlCommand command = Command(text, parameters);
        command.CommandTimeout = 0;
        var messages = new List<ServerMessage>();
        void Take(object sender, SqlInfoMessageEventArgs e)
        {
            foreach (SqlError error in e.Errors)
            {
                ServerMessage message = SqlErrors.MessageOf(error);
                messages.Add(message);
                onMessage?.Invoke(message);
            }
        }

        // With the flag, messages arrive while the statement runs and errors up to class 16 arrive as messages, not as exceptions.
        Stopwatch watch = Stopwatch.StartNew();
        _connection.FireInfoMessageEventOnUserErrors = true;
        _connection.InfoMessage += Take;
        try
        {
            Guarded(text, command, () => RunToEnd(command, messages), cancellationToken);
        }
        finally
        {
            _connection.InfoMessage -= Take;
            _connection.FireInfoMessageEventOnUserErrors = false;
        }

        if (_connection.State != ConnectionState.Open)
        {
            throw SqlErrors.Lost(Address, text, new InvalidOperationException("The connection is closed."));
        }

        return cancellationToken.IsCancellationRequested && messages.Exists(m => m.IsError)
            ? throw SqlErrors.Cancelled(Address, text, null)
            : new StatementOutcome(text, messages, watch.Elapsed);
    }

    private int RunToEnd(SqlCommand command, List<ServerMessage> messages)
    {
        try
        {
            return command.ExecuteNonQuery();
        }
        catch (SqlException error) when (!SqlErrors.IsLost(error, _connection.State == ConnectionState.Open))
        {
            foreach (SqlError one in error.Errors)
            {
                messages.Add(SqlErrors.MessageOf(one));
            }

            return 0;
        }
    }

    private static string WithSeparator(string folder) => folder.Length == 0 ? folder : ServerPath.Join(folder, string.Empty);

    private static string Text(SqlDataReader reader, int column) => reader.IsDBNull(column) ? string.Empty : Convert.ToString(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty;

    private static Guid? Id(SqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);
}
