using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Runs BACKUP and RESTORE statements, with the documented messages, and keeps msdb's history.</summary>
/// <remarks>
/// Errors come as on a SQL Server: the cause and all messages before it go to the message sink, the exception is 3013, which ends the statement.
/// 4329 and 4322 are sent whenever a log ends before the stop point, whatever the recovery option.
/// </remarks>
public sealed class BackupEngine
{
    private readonly HistoryWriter _history;
    private readonly BackupDevices _devices;

    /// <summary>Databases a RESTORE is working on.</summary>
    private readonly ConcurrentDictionary<string, byte> _restoring = new(StringComparer.OrdinalIgnoreCase);

    public BackupEngine(LabInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        Instance = instance;
        _history = new HistoryWriter(instance);
        _devices = new BackupDevices(instance);
        HistoryTables.Ensure(instance);
        instance.Marked += OnMarked;
        foreach (LabDatabase database in instance.Databases)
        {
            NoteDamage(database);
        }
    }

    public LabInstance Instance { get; }

    /// <summary>Gives the server's certificate of a thumbprint; set by the layer that keeps certificates.</summary>
    public Func<byte[], ServerCertificate?>? Certificates { get; set; }

    /// <summary>Runs BACKUP DATABASE or BACKUP LOG.</summary>
    public void Backup(BackupRequest request, IMessageSink messages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        string statement = request.Kind == BackupKind.Log ? "BACKUP LOG" : "BACKUP DATABASE";
        Terminating(statement, messages, () =>
        {
            StatementProgress progress = new(messages, Instance.Options.Clock, request.Stats, cancellation);
            BackupRun run = new(Instance, _devices, request, progress);
            try
            {
                run.Run();
            }
            finally
            {
                Suspect(messages, run);
            }

            Record(messages, () => _history.Backup(run.Media, run.Result));
            if (run.Damage.Count > 0)
            {
                messages.Message(new SqlMessage(
                    3042, 10, 1, "BACKUP WITH CONTINUE_AFTER_ERROR successfully generated a backup of the damaged database. Refer to the SQL Server error log for information about the errors that were encountered."));
            }

            progress.Succeeded(statement, run.PagesProcessed);
        });
    }

    /// <summary>Runs RESTORE DATABASE or RESTORE LOG.</summary>
    public void Restore(RestoreRequest request, IMessageSink messages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        string statement = request.Kind == RestoreKind.Log ? "RESTORE LOG" : "RESTORE DATABASE";
        Terminating(statement, messages, () =>
        {
            StatementProgress progress = new(messages, Instance.Options.Clock, request.Stats, cancellation);
            if (Instance.Find(request.Database) is { } joined && Instance.GroupOf(joined) is not null)
            {
                throw RestoreErrors.InAvailabilityGroup(joined.Name);
            }

            if (!_restoring.TryAdd(request.Database, 0))
            {
                throw new LabSqlException(3101, 16, 1, "Exclusive access could not be obtained because the database is in use.");
            }

            try
            {
                progress.Succeeded(statement, RestoreAlone(request, progress, messages));
            }
            finally
            {
                _restoring.TryRemove(request.Database, out _);
            }
        });
    }

    private long RestoreAlone(RestoreRequest request, StatementProgress progress, IMessageSink messages)
    {
        if (request.Disks.Count == 0)
        {
            new RecoveryRun(Instance, request).Run();
            return 0;
        }

        using BackupMedium medium = _devices.OpenForRestore(request.Disks, whole: true, Certificates);
        RestoreRun run = new(Instance, request, medium, progress, messages) { Certificates = Certificates };
        run.Run();
        Record(messages, () => NoteDamage(Instance.Find(request.Database)!));
        Record(messages, () => _history.Restore(FilesOf(medium), run.Set, request, run.Recovered, run.Files));
        return run.PagesProcessed;
    }

    private static (MediaInfo Media, string Path)[] FilesOf(BackupMedium medium) => [.. medium.Families.Select(f => (f.Media, UrlDevice.Is(f.Device) ? f.Device : f.Path))];

    /// <summary>Lists the backup sets of a medium.</summary>
    public ResultTable HeaderOnly(IReadOnlyList<string> disks, int? file, IMessageSink? messages = null)
    {
        ResultTable? result = null;
        Terminating("RESTORE HEADERONLY", messages, () =>
        {
            using BackupMedium medium = OpenMedia(disks);
            List<MediaSet> sets = [];
            foreach (MediaSet set in medium.First.Sets())
            {
                if (file is null || set.Info.Position == file)
                {
                    sets.Add(set);
                }
            }

            result = sets.Count == 0 && file is { } missing
                ? throw MediaErrors.NoSuchSet(medium.Device, missing)
                : HeaderTables.Headers(sets, medium.Media);
        });
        return result!;
    }

    /// <summary>Lists the files of a backup set; the first set when none is named.</summary>
    public ResultTable FileListOnly(IReadOnlyList<string> disks, int? file, bool checksum = false, IMessageSink? messages = null)
    {
        ResultTable? result = null;
        Terminating("RESTORE FILELIST", messages, () =>
        {
            using BackupMedium medium = OpenMedia(disks);
            BackupSetInfo set = medium.First.Find(file ?? 1).Info;
            RequireChecksums(checksum, set);
            result = HeaderTables.Files(set);
        });
        return result!;
    }

    /// <summary>Shows the label of a medium.</summary>
    public ResultTable LabelOnly(IReadOnlyList<string> disks, IMessageSink? messages = null)
    {
        ResultTable? result = null;
        Terminating("RESTORE LABELONLY", messages, () =>
        {
            using BackupMedium medium = OpenMedia(disks);
            result = HeaderTables.Label(medium.Media);
        });
        return result!;
    }

    /// <summary>Checks the whole set; 3262 on success. <paramref name="checksum"/> on media without checksums: 3187.</summary>
    public void VerifyOnly(IReadOnlyList<string> disks, int? file, bool checksum, bool loadHistory, IMessageSink messages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Terminating("VERIFY DATABASE", messages, () =>
        {
            using BackupMedium medium = _devices.OpenForRestore(disks, whole: true, Certificates);
            MediaContent content = medium.Find(file ?? 1);
            BackupSetInfo set = content.Info;
            RequireChecksums(checksum, set);
            StatementProgress progress = new(messages, Instance.Options.Clock, 0, cancellation);
            foreach (NumberedPage page in content.Pages())
            {
                progress.Advance(page.Bytes.Length);
            }

            foreach (RawLogBlock block in content.CompleteLog())
            {
                progress.Advance(block.Bytes.Length);
            }

            if (loadHistory)
            {
                _history.Load(FilesOf(medium), set);
            }

            messages.Message(new SqlMessage(3262, 0, 1, $"The backup set on file {set.Position} is valid."));
        });
    }

    internal static void RequireChecksums(bool checksum, BackupSetInfo set)
    {
        if (checksum && !set.HasChecksums)
        {
            throw new LabSqlException(
                3187, 16, 1, "RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.");
        }
    }

    /// <summary>Opens a medium for its headers: one of its files is enough.</summary>
    private BackupMedium OpenMedia(IReadOnlyList<string> disks) => _devices.OpenForRestore(disks, whole: false, Certificates);

    /// <summary>Why the last mark could not be written to logmarkhistory; null when it could.</summary>
    public LabSqlException? MarkHistoryError { get; private set; }

    /// <summary>The marked transaction is committed already: a history that cannot be written must not make it look failed.</summary>
    private void OnMarked(LabDatabase database, string name, string? description, Lsn lsn, DateTime time)
    {
        try
        {
            _history.Mark(database, name, description, lsn, time);
            MarkHistoryError = null;
        }
        catch (LabSqlException e)
        {
            MarkHistoryError = e;
        }
    }

    /// <summary>Lists pages in msdb's suspect_pages: those that could not be read when a database was opened, or others a check found.</summary>
    public void NoteDamage(LabDatabase database, IReadOnlyList<DamagedPage>? pages = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        if ((pages ?? database.DamagedPages) is { Count: > 0 } found)
        {
            SuspectPages.Note(database, found);
        }
    }

    /// <summary>Lists the damaged pages statements have met since the last time.</summary>
    public void NoteMetDamage()
    {
        while (Instance.MetDamage.TryDequeue(out (LabDatabase Database, DamagedPage Page) met))
        {
            try
            {
                SuspectPages.Note(met.Database, [met.Page]);
            }
            catch (LabSqlException)
            {
                // The statement has failed with 824 already; msdb cannot take the row as well.
                return;
            }
        }
    }

    /// <summary>Damaged pages a backup met are listed in msdb.</summary>
    private void Suspect(IMessageSink messages, BackupRun run)
    {
        if (run.Damage.Count > 0 && run.Database is { } database)
        {
            Record(messages, () => SuspectPages.Note(database, run.Damage));
        }
    }

    /// <summary>A history that cannot be written does not undo the work: 3009 says so and the statement succeeds.</summary>
    private static void Record(IMessageSink messages, Action write)
    {
        try
        {
            write();
        }
        catch (LabSqlException)
        {
            messages.Message(new SqlMessage(
                3009, 16, 1, "Could not insert a backup or restore history/detail record in the msdb database. This may indicate a problem with the msdb database. The backup/restore operation was still successful."));
        }
    }

    /// <summary>Runs a statement; its error goes to the sink and 3013 ends it. Without a sink the error itself is thrown.</summary>
    private static void Terminating(string statement, IMessageSink? messages, Action action)
    {
        LabSqlException? error = null;
        try
        {
            action();
        }
        catch (LabSqlException e)
        {
            error = e;
        }
        catch (Exception e) when (e is InvalidDataException or DamagedPageException)
        {
            error = MediaErrors.Damaged();
        }
        catch (IOException e)
        {
            error = new LabSqlException(3271, 16, 1, $"A nonrecoverable I/O error occurred on file \"{statement}:\" {e.Message}");
        }

        if (error is null)
        {
            return;
        }

        if (messages is null)
        {
            throw error;
        }

        messages.Message(error.Error);
        throw new LabSqlException(3013, 16, 1, $"{statement} is terminating abnormally.");
    }
}
