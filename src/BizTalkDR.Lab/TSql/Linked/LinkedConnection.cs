using System;
using System.Collections.Generic;
using System.Data;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>A connection to another instance of the lab.</summary>
internal sealed class LinkedConnection : IDisposable
{
    /// <summary>The name SQL Server gives its own sessions on another server [inferred].</summary>
    public const string ProgramName = "Microsoft SQL Server";

    private readonly SqlConnection _connection;
    private Action<SqlMessage>? _message;

    private LinkedConnection(SqlConnection connection)
    {
        _connection = connection;
        _connection.FireInfoMessageEventOnUserErrors = true;
        _connection.InfoMessage += (_, e) =>
        {
            foreach (SqlError error in e.Errors)
            {
                _message?.Invoke(Translate(error));
            }
        };
        RealName = ReadRealName();
    }

    /// <summary>The instance's own network name.</summary>
    public string RealName { get; }

    /// <summary>Transaction the remote session takes part in; null = none.</summary>
    public Guid? Enlisted { get; set; }

    public bool IsOpen => _connection.State == ConnectionState.Open;

    /// <summary>Connects as a login of the remote instance; an empty name gives a session for control only.</summary>
    /// <exception cref="SqlException">The instance cannot be reached or refuses the login.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static LinkedConnection Open(LabEndpoint endpoint, string login, string secret, string? database, int connectTimeout)
    {
        RequireListener(endpoint);
        var builder = new SqlConnectionStringBuilder
        {
            DataSource = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"tcp:{endpoint.Host},{endpoint.Port}"),
            UserID = LabSqlServer.LinkPrefix + login,
            Password = secret,
            InitialCatalog = database ?? string.Empty,
            Encrypt = SqlConnectionEncryptOption.Mandatory,
            TrustServerCertificate = true,
            Pooling = false,
            ConnectRetryCount = 0,
            ConnectTimeout = connectTimeout <= 0 ? 15 : connectTimeout,
            ApplicationName = ProgramName,
        };
        var connection = new SqlConnection(builder.ConnectionString);
        try
        {
            connection.Open();
            return new LinkedConnection(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a text; result sets go to the reader, information at once to <paramref name="message"/>. Throws the last error; those before it go to <paramref name="message"/> too.</summary>
    public int Run(string text, IReadOnlyList<SqlParameter> parameters, int timeout, Action<SqlMessage> message, Action<IReadOnlyList<ResultColumn>>? columns, Action<object?[]>? row, Action<long?, bool>? done, CancellationToken cancellation)
    {
        var errors = new List<SqlMessage>();
        _message = m =>
        {
            if (m.IsError)
            {
                errors.Add(m);
            }
            else
            {
                message(m);
            }
        };
        using SqlCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.CommandTimeout = timeout;
        command.Parameters.AddRange([.. parameters]);
        int affected = -1;
        using CancellationTokenRegistration registration = cancellation.Register(command.Cancel);
        try
        {
            using SqlDataReader reader = command.ExecuteReader();
            do
            {
                ReadResult(reader, columns, row, done);
            }
            while (reader.NextResult());

            reader.Close();
            affected = reader.RecordsAffected;
        }
        catch (SqlException error)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (SqlError one in error.Errors)
            {
                (one.Class > 10 ? errors.Add : message)(Translate(one));
            }
        }
        finally
        {
            _message = null;
        }

        if (errors.Count > 0)
        {
            errors.SkipLast(1).ToList().ForEach(message);
            throw new LabSqlException(errors[^1]);
        }

        return affected;
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Asks whether somebody listens: SqlClient would knock at the port of a dead instance until its timeout, while the instance is back at another one.</summary>
    private static void RequireListener(LabEndpoint endpoint)
    {
        using var probe = new TcpClient();
        probe.Connect(endpoint.Host, endpoint.Port);
    }

    private static void ReadResult(SqlDataReader reader, Action<IReadOnlyList<ResultColumn>>? columns, Action<object?[]>? row, Action<long?, bool>? done)
    {
        if (reader.FieldCount == 0)
        {
            return;
        }

        ResultColumn[] shape = [.. reader.GetColumnSchema().Select(RemoteTypes.Column)];
        columns?.Invoke(shape);
        long count = 0;
        while (reader.Read())
        {
            var values = new object?[shape.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = RemoteTypes.Value(reader, i, shape[i].Type);
            }

            row?.Invoke(values);
            count++;
        }

        done?.Invoke(count, true);
    }

    private static SqlMessage Translate(SqlError error) =>
        new(error.Number, error.Class, error.State, error.Message, string.IsNullOrEmpty(error.Procedure) ? null : error.Procedure, error.LineNumber);

    private string ReadRealName()
    {
        using SqlCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT CONVERT(sysname, SERVERPROPERTY(N'ServerName'))";
        return (string)command.ExecuteScalar();
    }
}
