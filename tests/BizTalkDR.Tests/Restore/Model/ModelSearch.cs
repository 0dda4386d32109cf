using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Tests.Restore.Model;

/// <summary>Tries everything: whether a server can bring a database to a mark with a set of files, and what state it is in then.</summary>
internal sealed class ModelSearch
{
    private readonly ServerModel _server;
    
    /// <summary>Every RESTORE DATABASE there can be.</summary>
    public List<ModelStatement> DatabaseStatements { get; } = [];

    /// <summary>Every RESTORE LOG there can be, to its end and to each mark in it.</summary>
    public List<ModelStatement> LogStatements { get; } = [];

    public ModelSearch(IReadOnlyList<ModelFile> files, string mark)
    {
        _server = new ServerModel(files);
        foreach (IGrouping<Guid, ModelFile> medium in files.GroupBy(f => f.MediaSet))
        {
            foreach (IReadOnlyList<string> paths in Choices(medium.ToList()))
            {
                AddStatements(paths, medium.First(), mark);
            }
        }
    }

    /// <summary>Finds every state in which a RESTORE LOG stopped at a mark of the given name.</summary>
    /// <param name="mark">The mark.</param>
    /// <returns>The transactions stopped at with the state; empty when no sequence of statements gets there.</returns>
    public IReadOnlyList<(ModelMark Mark, ModelDatabase Database)> Ends(string mark)
    {
        var ends = new List<(ModelMark, ModelDatabase)>();
        var seen = new HashSet<ModelDatabase>();
        var queue = new Queue<ModelDatabase?>();
        queue.Enqueue(null);
        while (queue.Count > 0)
        {
            ModelDatabase? from = queue.Dequeue();
            foreach (ModelStatement statement in from is null ? DatabaseStatements : DatabaseStatements.Concat(LogStatements))
            {
                ModelAnswer answer = _server.Run(from, statement);
                if (answer.Error != 0 || answer.Database is not { } next)
                {
                    continue;
                }

                if (answer.StoppedAt is { } stop && string.Equals(stop.Name, mark, StringComparison.Ordinal) && !ends.Contains((stop, next)))
                {
                    ends.Add((stop, next));
                }

                if (seen.Add(next))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return ends;
    }

    /// <summary>Finds every state that RESTORE DATABASE … WITH NORECOVERY of one backup set leaves, and nothing else.</summary>
    /// <remarks>
    /// A full holds the database as it was when the backup ended (https://learn.microsoft.com/sql/relational-databases/backup-restore/full-database-backups-sql-server),
    /// so that only that very set, given by every file of its medium and its position (RESTORE arguments, FILE), shows that moment.
    /// </remarks>
    /// <param name="set">Id of the backup set.</param>
    public IReadOnlyList<ModelDatabase> EndsOf(Guid set) => DatabaseStatements
        .Where(s => _server.SetOf(s).SetId == set)
        .Select(s => _server.Run(null, s))
        .Where(a => a.Error == 0)
        .Select(a => a.Database!)
        .Distinct()
        .ToList();

    /// <summary>Finds a shortest sequence of statements that stops at a transaction of the given name.</summary>
    /// <returns>The statements; null when there is none.</returns>
    public IReadOnlyList<ModelStatement>? WayTo(string mark, int transaction)
    {
        var seen = new HashSet<ModelDatabase>();
        var queue = new Queue<(ModelDatabase? Database, ModelStatement[] Way)>();
        queue.Enqueue((null, []));
        while (queue.Count > 0)
        {
            (ModelDatabase? from, ModelStatement[] way) = queue.Dequeue();
            foreach (ModelStatement statement in from is null ? DatabaseStatements : LogStatements)
            {
                ModelAnswer answer = _server.Run(from, statement);
                if (answer.Error != 0 || answer.Database is not { } next)
                {
                    continue;
                }

                if (answer.StoppedAt is { } stop && stop.Transaction == transaction && string.Equals(stop.Name, mark, StringComparison.Ordinal))
                {
                    return [.. way, statement];
                }

                if (seen.Add(next))
                {
                    queue.Enqueue((next, [.. way, statement]));
                }
            }
        }

        return null;
    }

    /// <summary>Every way to give one file for each stripe.</summary>
    private static IEnumerable<IReadOnlyList<string>> Choices(IReadOnlyList<ModelFile> medium)
    {
        IEnumerable<IReadOnlyList<string>> choices = [[]];
        for (int stripe = 1; stripe <= medium[0].Stripes; stripe++)
        {
            List<string> paths = medium.Where(f => f.Stripe == stripe).Select(f => f.Path).ToList();
            choices = choices.SelectMany(c => paths.Select(p => (IReadOnlyList<string>)[.. c, p])).ToList();
        }

        return choices;
    }

    private void AddStatements(IReadOnlyList<string> paths, ModelFile file, string mark)
    {
        for (int position = 1; position <= file.Sets.Count; position++)
        {
            ModelSet set = file.Sets[position - 1];
            if (set.Kind != ModelKind.Log)
            {
                DatabaseStatements.Add(new ModelStatement(ModelAction.RestoreDatabase, paths, position));
                continue;
            }

            LogStatements.Add(new ModelStatement(ModelAction.RestoreLog, paths, position));
            foreach (string stop in set.Marks.Select(m => m.Name).Append(mark).Distinct(StringComparer.Ordinal))
            {
                LogStatements.Add(new ModelStatement(ModelAction.RestoreLog, paths, position) { StopAtMark = stop });
            }
        }
    }
}
