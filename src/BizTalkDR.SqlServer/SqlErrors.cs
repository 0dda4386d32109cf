using System;
using System.Linq;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

/// <summary>Turns exceptions of the client library into errors of the catalogue.</summary>
internal static class SqlErrors
{
    // Windows error codes of a certificate that does not hold: untrusted root, wrong name, chain not trusted, expired.
    private static readonly int[] CertificateNumbers = [unchecked((int)0x80090325), unchecked((int)0x80090322), unchecked((int)0x800B0109), unchecked((int)0x80090328)];

    private static readonly Regex CertificateWord = new("certificate", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The connection could not be opened.</summary>
    public static RecoveryException WhileConnecting(SqlInstanceAddress address, SqlException error)
    {
        RecoveryError code = IsAboutCertificate(error)
            ? RecoveryError.CertificateNotTrusted
            : SqlErrorMap.From(error.Number) is RecoveryError.LoginFailed ? RecoveryError.LoginFailed : RecoveryError.InstanceUnreachable;
        string message = code switch
        {
            RecoveryError.CertificateNotTrusted => $"The certificate of the instance '{address.Name}' is not trusted: {error.Message}",
            RecoveryError.LoginFailed => $"The instance '{address.Name}' refused the login '{address.Login?.UserName ?? "(Windows account)"}': {error.Message}",
            _ => $"The instance '{address.Name}' could not be reached: {NetworkCause(error)}{error.Message}",
        };
        return new RecoveryException(code, address.Name, message, cause: error);
    }

    /// <summary>A query failed.</summary>
    public static RecoveryException WhileAsking(SqlInstanceAddress address, string what, SqlException error, bool connectionOpen)
    {
        if (IsLost(error, connectionOpen))
        {
            return Lost(address, what, error);
        }

        SqlError? cause = error.Errors.Cast<SqlError>().FirstOrDefault(e => e.Class > 10 && !SqlErrorMap.OnlyAccompanies(e.Number));
        int number = cause?.Number ?? error.Number;
        return new RecoveryException(SqlErrorMap.From(number) ?? RecoveryError.StatementFailed, address.Name, $"{what} on '{address.Name}' failed: {number}, {cause?.Message ?? error.Message}", cause: error);
    }

    /// <summary>The connection broke while a statement ran.</summary>
    public static RecoveryException Lost(SqlInstanceAddress address, string what, Exception error) =>
        new(RecoveryError.ConnectionLost, address.Name, $"The connection to '{address.Name}' was lost during: {what}. {error.Message}", cause: error);

    /// <summary>The operator cancelled.</summary>
    public static RecoveryException Cancelled(SqlInstanceAddress address, string what, Exception? error) =>
        new(RecoveryError.OperationCancelled, address.Name, $"{what} on '{address.Name}' was cancelled.", cause: error);

    /// <summary>Whether the connection is gone.</summary>
    public static bool IsLost(SqlException error, bool connectionOpen) => !connectionOpen || error.Class >= 20 || SqlErrorMap.From(error.Number) is RecoveryError.ConnectionLost;

    /// <summary>Gives the server's words without the client library's.</summary>
    public static ServerMessage MessageOf(SqlError error) => new(error.Number, error.Class, error.State, error.Message)
    {
        Procedure = error.Procedure ?? string.Empty,
        Server = error.Server ?? string.Empty,
    };

    // The client library says only "network-related"; what the system said (an unknown host, for one) is further inside.
    private static string NetworkCause(SqlException error) => error.GetBaseException() is SocketException { SocketErrorCode: not SocketError.Success } cause ? cause.Message + ". " : string.Empty;

    private static bool IsAboutCertificate(SqlException error)
    {
        if (CertificateNumbers.Contains(error.Number) || CertificateNumbers.Contains(error.HResult))
        {
            return true;
        }

        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
            {
                return true;
            }
        }

        // The managed network layer reports it as text only.
        return error.Number != 18456 && CertificateWord.IsMatch(error.Message);
    }
}
