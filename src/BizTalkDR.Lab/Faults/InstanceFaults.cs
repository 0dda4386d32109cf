using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Faults;

/// <summary>Faults of what an instance stands on: its disk and its clock. They need instances with processes of their own, and end with the process.</summary>
internal static class InstanceFaults
{
    private const int CannotCreateFile = 5123;
    private static readonly TimeSpan _back = TimeSpan.FromHours(-1);
    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(5);

    public static async Task<string> FillDiskAsync(FaultTarget target, CancellationToken cancellation)
    {
        string name = target.ChooseInstance();
        await target.Environment.Child(name).LimitDiskAsync(0, cancellation).ConfigureAwait(false);
        return $"The disk of {name} is full. A restart of the instance gives it room again.";
    }

    /// <summary>Asks for a database, which needs room for its files; one that could be made is dropped again.</summary>
    public static async Task<bool> IsFullAsync(FaultTarget target, CancellationToken cancellation)
    {
        using SqlConnection connection = await OpenAsync(target, cancellation).ConfigureAwait(false);
        string probe = "[Room" + Guid.NewGuid().ToString("N") + "]";
        try
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {probe};", cancellation).ConfigureAwait(false);
        }
        catch (SqlException refused)
        {
            foreach (SqlError error in refused.Errors)
            {
                if (error.Number == CannotCreateFile)
                    return true;
            }

            throw;
        }

        await ExecuteAsync(connection, $"DROP DATABASE {probe};", cancellation).ConfigureAwait(false);
        return false;
    }

    public static async Task<string> SetClockBackAsync(FaultTarget target, CancellationToken cancellation)
    {
        string name = target.ChooseInstance();
        await target.Environment.Child(name).MoveClockAsync((long)_back.TotalSeconds, cancellation).ConfigureAwait(false);
        return $"The clock of {name} was set back by {-_back.TotalMinutes:0} minutes. A restart of the instance sets it right.";
    }

    public static async Task<bool> IsSetBackAsync(FaultTarget target, CancellationToken cancellation)
    {
        using SqlConnection connection = await OpenAsync(target, cancellation).ConfigureAwait(false);
        using SqlCommand ask = new("SELECT SYSUTCDATETIME();", connection);
        DateTime there = (DateTime)(await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        TimeSpan difference = there - TimeProvider.System.GetUtcNow().UtcDateTime;
        return (difference - _back).Duration() < _tolerance;
    }

    private static async Task<SqlConnection> OpenAsync(FaultTarget target, CancellationToken cancellation)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(target.Environment.ConnectionStrings[target.Instance]) { Pooling = false, ConnectRetryCount = 0 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ExecuteAsync(SqlConnection connection, string text, CancellationToken cancellation)
    {
        using SqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
