using System;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

/// <summary>Opens connections with SqlClient: encrypted unless told otherwise, in master, never pooled.</summary>
/// <remarks>
/// A pooled connection would keep session locks (the backup job's application lock among them) until it is used again, so each is
/// really closed. The password goes in as a credential object and is in no connection string.
/// </remarks>
public sealed class SqlInstanceFactory : ISqlInstanceFactory
{
    /// <inheritdoc/>
    public ISqlInstance Open(SqlInstanceAddress address, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(address.Name))
        {
            throw new RecoveryException(RecoveryError.InvalidName, address.Name, "The name of the instance is empty.");
        }

        cancellationToken.ThrowIfCancelled(address.Name, $"Connecting to '{address.Name}'");
        SqlConnection connection = Connect(address);
        try
        {
            connection.Open();
            return new SmoSqlInstance(address, connection);
        }
        catch (SqlException error)
        {
            connection.Dispose();
            throw SqlErrors.WhileConnecting(address, error);
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException or System.Security.Authentication.AuthenticationException)
        {
            connection.Dispose();
            throw new RecoveryException(RecoveryError.InstanceUnreachable, address.Name, $"The instance '{address.Name}' could not be reached: {error.Message}", cause: error);
        }
    }

    /// <summary>Builds the connection string: everything but the password.</summary>
    internal static string ConnectionString(SqlInstanceAddress address) => new SqlConnectionStringBuilder
    {
        DataSource = address.Name,
        InitialCatalog = "master",
        ApplicationName = "BizTalkDR",
        IntegratedSecurity = address.Login is null,
        Encrypt = address.Encryption switch
        {
            ConnectionEncryption.Optional => SqlConnectionEncryptOption.Optional,
            ConnectionEncryption.Strict => SqlConnectionEncryptOption.Strict,
            _ => SqlConnectionEncryptOption.Mandatory,
        },
        TrustServerCertificate = address.TrustServerCertificate,
        ConnectTimeout = address.ConnectTimeoutSeconds,
        Pooling = false,
        ConnectRetryCount = 0,
    }.ConnectionString;

    private static SqlConnection Connect(SqlInstanceAddress address)
    {
        try
        {
            string text = ConnectionString(address);
            return address.Login is { } login ? new SqlConnection(text, new SqlCredential(login.UserName, login.Password)) : new SqlConnection(text);
        }
        catch (ArgumentException error)
        {
            throw new RecoveryException(RecoveryError.InvalidName, address.Name, $"'{address.Name}' is not the name of an instance: {error.Message}", cause: error);
        }
    }
}
