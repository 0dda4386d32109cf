using System;
using System.Collections.Generic;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Group;

/// <summary>Runs business transactions against a group: each writes a row into several members on both instances, or into none.</summary>
/// <remarks>Plain SqlClient connections. A distributed transaction is begun on the Management database's instance and reaches the other one
/// through the linked server. Every transaction is in the ledger before its first byte is sent.</remarks>
public sealed class Workload
{
    private const int PauseAfterFailureMilliseconds = 50;

    private readonly GroupDefinition _group;
    private readonly string _connectionString;
    private readonly Ledger _ledger;
    private readonly WorkloadOptions _options;
    private readonly TimeProvider _clock;
    private long _lastId;
    private int _acknowledged;
    private int _failed;
    private int _unknown;

    /// <param name="group">The group that is written.</param>
    /// <param name="connectionStrings">Connection string by network name; the Management server's is used.</param>
    /// <param name="ledger">Where everything is noted.</param>
    /// <param name="options">Seed and bounds.</param>
    /// <param name="clock">Bounds the run.</param>
    public Workload(GroupDefinition group, IReadOnlyDictionary<string, string> connectionStrings, Ledger ledger, WorkloadOptions options, TimeProvider clock)
    {
        _group = group;
        _connectionString = new SqlConnectionStringBuilder(connectionStrings[group.Management.Server]) { InitialCatalog = "master", Pooling = false }.ConnectionString;
        _ledger = ledger;
        _options = options;
        _clock = clock;
        _lastId = options.FirstId - 1;
    }

    /// <summary>Number of transactions acknowledged so far, over all runs.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Runs until the count is sent, the longest run is over, or somebody cancels; what is in flight then is waited for, never cut off.</summary>
    /// <param name="count">Number of transactions to send.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>What became of the transactions of this run.</returns>
    public async Task<WorkloadResult> RunAsync(int count, CancellationToken cancellation)
    {
        long started = _clock.GetTimestamp();
        (int acknowledged, int failed, int unknown) = (_acknowledged, _failed, _unknown);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using ITimer timer = _clock.CreateTimer(_ => Expire(limit), null, _options.LongestRun, Timeout.InfiniteTimeSpan);
        Tickets tickets = new(count);
        await Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => Task.Run(() => WorkAsync(tickets, limit.Token), CancellationToken.None))).ConfigureAwait(false);
        return new WorkloadResult(_acknowledged - acknowledged, _failed - failed, _unknown - unknown, _clock.GetElapsedTime(started));
    }

    private static void Expire(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run ended in the same moment: there is nothing left to stop.
            return;
        }
    }

    private async Task WorkAsync(Tickets tickets, CancellationToken stop)
    {
        SqlConnection? connection = null;
        try
        {
            while (!stop.IsCancellationRequested && (connection is not null || tickets.Left))
            {
                if (connection is null && (connection = await ConnectAsync(stop).ConfigureAwait(false)) is null)
                    continue;
                if (!tickets.Take())
                    return;
                if (await TransactAsync(connection, Interlocked.Increment(ref _lastId)).ConfigureAwait(false))
                    continue;
                await connection.DisposeAsync().ConfigureAwait(false);
                connection = null;
            }
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens a connection; null, after a short pause, when the instance is not to be reached.</summary>
    private async Task<SqlConnection?> ConnectAsync(CancellationToken stop)
    {
        SqlConnection connection = new(_connectionString);
        try
        {
            await connection.OpenAsync(stop).ConfigureAwait(false);
            return connection;
        }
        catch (Exception failure) when (failure is SqlException or OperationCanceledException or InvalidOperationException or TimeoutException)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(PauseAfterFailureMilliseconds), _clock, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Runs one transaction; false when the connection is of no more use.</summary>
    private async Task<bool> TransactAsync(SqlConnection connection, long id)
    {
        BusinessTransaction business = BusinessTransaction.Create(_group, _options, id, _group.Management.Server);
        _ledger.Sent(id, business.Members.Select(member => member.Key).ToList());
        try
        {
            await ExecuteAsync(connection, "SET XACT_ABORT ON; BEGIN DISTRIBUTED TRANSACTION;", null).ConfigureAwait(false);
            await ExecuteAsync(connection, business.Statements, business).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SqlException or InvalidOperationException)
        {
            // COMMIT was never sent: with XACT_ABORT, or with the end of the connection, all of it is undone.
            Interlocked.Increment(ref _failed);
            _ledger.Failed(id, failure.Message);
            return await RollBackAsync(connection).ConfigureAwait(false);
        }

        try
        {
            await ExecuteAsync(connection, "COMMIT TRANSACTION;", null).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SqlException or InvalidOperationException)
        {
            Interlocked.Increment(ref _unknown);
            _ledger.Unknown(id, failure.Message);
            return false;
        }

        Interlocked.Increment(ref _acknowledged);
        _ledger.Acknowledged(id);
        return true;
    }

    private async Task<bool> RollBackAsync(SqlConnection connection)
    {
        if (connection.State != ConnectionState.Open)
            return false;
        try
        {
            await ExecuteAsync(connection, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;", null).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is SqlException or InvalidOperationException)
        {
            // Closing the connection rolls back too.
            return false;
        }
    }

    private async Task ExecuteAsync(SqlConnection connection, string text, BusinessTransaction? business)
    {
        using SqlCommand command = new(text, connection) { CommandTimeout = _options.StatementTimeoutSeconds };
        if (business is not null)
        {
            command.Parameters.Add("@Id", SqlDbType.BigInt).Value = business.Id;
            command.Parameters.Add("@Payload", SqlDbType.NVarChar, 400).Value = business.Payload;
        }

        // Not cancelled on purpose: a cut-off answer would only turn a known outcome into an unknown one.
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Counts down the transactions that may still be sent.</summary>
    private sealed class Tickets(int count)
    {
        private int _left = count;

        public bool Left => Volatile.Read(ref _left) > 0;

        public bool Take() => Interlocked.Decrement(ref _left) >= 0;
    }
}
