using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>Commits, ends processes at chosen syncs, starts them again and looks at what is there.</summary>
internal sealed class CommitKiller(KillLab lab)
{
    /// <summary>Rows every database must hold in the end, by identifier; and none besides.</summary>
    private readonly Dictionary<(string Server, string Database), SortedSet<int>> _expected = KillLab.AllDatabases().ToDictionary(d => d, _ => new SortedSet<int>());
    private int _lastId;

    private enum Answer
    {
        Acknowledged, Refused, None,
    }

    public async Task<KillResult> RunAsync(KillPoint point)
    {
        string coordinator = KillLab.Server(point.FromSecond);
        string participant = KillLab.Server(!point.FromSecond);
        int id = ++_lastId;
        List<string> failures = [];
        Answer answer;
        long? coordinatorSyncs;
        long? participantSyncs;
        (string, string)[] written = Written(point.Shape, coordinator, participant);
        int? open = null;
        await using (SqlConnection client = await lab.OpenAsync(coordinator))
        await using (SqlConnection second = await lab.OpenAsync(coordinator))
        {
            await PrepareAsync(client, point.Shape, coordinator, participant, id);
            if (point.Shape == CommitShape.Checkpoint)
            {
                open = ++_lastId;
                await KillLab.ExecuteAsync(second, $"BEGIN TRANSACTION; {Insert(null, KillLab.Databases(coordinator)[0])}", open);
            }

            long before = (await lab.Child(coordinator).EndAfterSyncAsync(point.Coordinator, Limit()))!.Value;
            long beforeThere = (await lab.Child(participant).EndAfterSyncAsync(point.Participant, Limit()))!.Value;
            answer = await CommitAsync(client, point.Shape == CommitShape.Checkpoint ? "CHECKPOINT;" : "COMMIT TRANSACTION;");
            coordinatorSyncs = await lab.Child(coordinator).EndAfterSyncAsync(0, Limit()) - before;
            participantSyncs = await lab.Child(participant).EndAfterSyncAsync(0, Limit()) - beforeThere;
        }

        string[] dead = [.. new[] { (coordinator, coordinatorSyncs), (participant, participantSyncs) }.Where(p => p.Item2 is null).Select(p => p.Item1)];
        bool restartKilled = await RestartAsync(dead, point.Restart, id);
        Stopwatch watch = Stopwatch.StartNew();
        answer = point.Shape == CommitShape.Checkpoint ? Answer.Acknowledged : answer;
        await JudgeAsync(written, id, answer, failures);
        if (open is not null)
            await JudgeAsync([(coordinator, KillLab.Databases(coordinator)[0])], open.Value, Answer.Refused, failures);
        TimeSpan settled = watch.Elapsed;
        watch.Restart();
        await GoOnAsync(coordinator, participant, failures);
        return new KillResult(point, dead.Length, restartKilled, coordinatorSyncs ?? 0, participantSyncs ?? 0, settled, watch.Elapsed, failures);
    }

    /// <summary>Compares all tables with all that was seen before: what was there stays, what was gone does not come back.</summary>
    public async Task<IReadOnlyList<string>> CompareAllAsync()
    {
        List<string> failures = [];
        foreach (((string server, string database), SortedSet<int> expected) in _expected)
        {
            IReadOnlyList<int> found = await lab.ReadAsync(server, database);
            if (!expected.SetEquals(found) || found.Count != expected.Count)
                failures.Add($"{database} lacks [{string.Join(", ", expected.Except(found))}] and should not hold [{string.Join(", ", found.Except(expected))}]");
        }

        return failures;
    }

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private static (string Server, string Database)[] Written(CommitShape shape, string coordinator, string participant) => shape switch
    {
        CommitShape.OneDatabase => [(coordinator, KillLab.Databases(coordinator)[0])],
        CommitShape.TwoDatabases or CommitShape.MarkedTwoDatabases => [.. KillLab.Databases(coordinator).Select(d => (coordinator, d))],
        _ => [.. KillLab.Databases(coordinator).Select(d => (coordinator, d)), .. KillLab.Databases(participant).Select(d => (participant, d))],
    };

    private static string Insert(string? server, string database) =>
        $"INSERT INTO {(server is null ? string.Empty : $"[{server}].")}[{database}].dbo.T (Id, Content) VALUES (@id, N'row');\n";

    private static async Task PrepareAsync(SqlConnection client, CommitShape shape, string coordinator, string participant, int id)
    {
        string[] here = KillLab.Databases(coordinator);
        string[] there = KillLab.Databases(participant);
        string text = shape switch
        {
            CommitShape.OneDatabase => "BEGIN TRANSACTION;\n" + Insert(null, here[0]),
            CommitShape.TwoDatabases => "BEGIN TRANSACTION;\n" + Insert(null, here[0]) + Insert(null, here[1]),
            CommitShape.MarkedTwoDatabases => "BEGIN TRANSACTION M WITH MARK N'kill';\n" + Insert(null, here[0]) + Insert(null, here[1]),
            CommitShape.MarkedTwoInstances =>
                "BEGIN TRANSACTION M WITH MARK N'kill';\n" + Insert(null, here[0]) + Insert(null, here[1])
                + $"EXEC [{participant}].[{there[0]}].dbo.WriteMarked @id;\n" + Insert(participant, there[1]),
            _ => "BEGIN DISTRIBUTED TRANSACTION;\n" + Insert(null, here[0]) + Insert(participant, there[0]) + Insert(null, here[1]) + Insert(participant, there[1]),
        };
        await KillLab.ExecuteAsync(client, "SET XACT_ABORT ON;");
        await KillLab.ExecuteAsync(client, text, id);
        if (shape == CommitShape.Checkpoint)
            await KillLab.ExecuteAsync(client, $"COMMIT TRANSACTION; USE [{here[0]}];");
    }

    private static async Task<Answer> CommitAsync(SqlConnection client, string text)
    {
        try
        {
            await KillLab.ExecuteAsync(client, text);
            return Answer.Acknowledged;
        }
        catch (SqlException refused) when (refused.Number is 1206 or 3928)
        {
            return Answer.Refused;
        }
        catch (Exception lost) when (lost is SqlException or InvalidOperationException)
        {
            return Answer.None;
        }
    }

    /// <summary>Starts what died, now in this order, now in the other. True when the first new start ended too.</summary>
    private async Task<bool> RestartAsync(string[] dead, int endFirstAt, int id)
    {
        bool killed = false;
        foreach (string server in id % 2 == 0 ? dead : dead.Reverse())
        {
            if (endFirstAt > 0 && server == dead[0] && !await lab.RestartAsync(server, endFirstAt))
                killed = true;
            else if (endFirstAt > 0 && server == dead[0])
                continue;
            await lab.RestartAsync(server, 0);
        }

        return killed;
    }

    /// <summary>Reads all tables of a transaction: rows in doubt are locked, so reading waits until their outcome is known.</summary>
    private async Task JudgeAsync((string Server, string Database)[] written, int id, Answer answer, List<string> failures)
    {
        List<(string Server, string Database)> holding = [];
        foreach ((string server, string database) in written)
        {
            try
            {
                if ((await lab.ReadAsync(server, database, id)).Count == 1)
                {
                    holding.Add((server, database));
                    _expected[(server, database)].Add(id);
                }
            }
            catch (SqlException unreadable)
            {
                failures.Add($"{database} cannot be read: {unreadable.Number} {unreadable.Message}");
            }
        }

        if (holding.Count != 0 && holding.Count != written.Length)
            failures.Add($"HALF: transaction {id} is in {string.Join(", ", holding.Select(h => h.Database))} only");
        if (answer == Answer.Acknowledged && holding.Count < written.Length)
            failures.Add($"LOST: transaction {id} was acknowledged");
        if (answer == Answer.Refused && holding.Count > 0)
            failures.Add($"TOO MUCH: transaction {id} was rolled back");
    }

    /// <summary>A marked commit over both instances: it goes through only when no barrier and no row is held any more.</summary>
    private async Task GoOnAsync(string coordinator, string participant, List<string> failures)
    {
        int id = ++_lastId;
        try
        {
            await using SqlConnection client = await lab.OpenAsync(coordinator);
            await PrepareAsync(client, CommitShape.MarkedTwoInstances, coordinator, participant, id);
            await KillLab.ExecuteAsync(client, "COMMIT TRANSACTION;");
        }
        catch (SqlException refused)
        {
            failures.Add($"The next marked commit failed: {refused.Number} {refused.Message}");
        }

        await JudgeAsync(Written(CommitShape.MarkedTwoInstances, coordinator, participant), id, failures.Count == 0 ? Answer.Acknowledged : Answer.None, failures);
    }
}
