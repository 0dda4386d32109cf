using System;
using System.Data;
using System.Globalization;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>Logs one instance of the lab in to another, as the login whose session asks.</summary>
/// <remarks>On real servers a link hands the caller's own credentials on; the lab's instances prove with their shared secret that the caller is logged in there.</remarks>
internal static class LinkLogin
{
    public static SqlConnection Connect(LabSqlServer server, LabEndpoint endpoint, string login, int connectTimeout)
    {
        var builder = new SqlConnectionStringBuilder
        {
            DataSource = string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host},{endpoint.Port}"),
            UserID = LabSqlServer.LinkPrefix + login,
            Password = server.Directory.LinkSecret,
            Encrypt = SqlConnectionEncryptOption.Optional,
            TrustServerCertificate = true,
            Pooling = false,
            ConnectRetryCount = 0,
            ConnectTimeout = connectTimeout > 0 ? connectTimeout : 10,
            ApplicationName = "Linked server of " + server.ServerName,
        };
        return new SqlConnection(builder.ConnectionString);
    }

    /// <summary>Calls one of the procedures the instances of a lab have for each other.</summary>
    public static object? Call(SqlConnection connection, string procedure, params (string Name, object Value)[] parameters)
    {
        using SqlCommand command = new(procedure, connection) { CommandType = CommandType.StoredProcedure, CommandTimeout = 60 };
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        // With FireInfoMessageEventOnUserErrors an error would be an event and nobody would notice.
        bool quiet = connection.FireInfoMessageEventOnUserErrors;
        connection.FireInfoMessageEventOnUserErrors = false;
        try
        {
            return command.ExecuteScalar();
        }
        finally
        {
            connection.FireInfoMessageEventOnUserErrors = quiet;
        }
    }
}
