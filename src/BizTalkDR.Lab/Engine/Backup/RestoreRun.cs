using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>One RESTORE DATABASE or RESTORE LOG statement with a backup.</summary>
internal sealed class RestoreRun
{
    /// <summary>Database version of SQL Server 2022.</summary>
    private const int SupportedVersion = 957;

    private readonly LabInstance _instance;
    private readonly RestoreRequest _request;
    private readonly StatementProgress _progress;
    private readonly IMessageSink _messages;
    private readonly StopPlan? _stop;
    private readonly BackupMedium _medium;
    private readonly MediaContent _content;
    private readonly Dictionary<int, long> _pages = [];
    private long _logBytes;

    public RestoreRun(LabInstance instance, RestoreRequest request, BackupMedium medium, StatementProgress progress, IMessageSink messages)
    {
        _instance = instance;
        _request = request;
        _medium = medium;
        _progress = progress;
        _messages = messages;
        _stop = StopPlan.From(request.Stop);
        _content = medium.Find(request.File, request.ContinueAfterError, request.NoChecksum);
    }

    public BackupSetInfo Set => _content.Info;

    /// <summary>Gives the server's certificate of a thumbprint.</summary>
    public Func<byte[], ServerCertificate?>? Certificates { get; init; }

    /// <summary>Whether the database was brought online.</summary>
    public bool Recovered { get; private set; }

    public IReadOnlyList<DatabaseFile> Files { get; private set; } = [];

    public long PagesProcessed { get; private set; }

    public void Run()
    {
        RequireUsableSet();
        if (_request.Restart)
        {
            _messages.Message(RestoreErrors.NothingToRestart(System.IO.Path.Combine(_instance.BackupFolder, _request.Database + ".ckp")));
        }

        if (_request.Recovery == RecoveryOption.Standby)
        {
            RestoreErrors.StandbyPath(_request, _instance);
        }

        LabDatabase database;
        bool reached = false;
        if (Set.Type == 'D')
        {
            database = new FullRestore(_instance, _request, Set, _stop, _messages).Prepare();
            _progress.Expect(_content.Length);
            database.Restore.LoadPages(CountedPages(), Set.FirstLsn, _request.ContinueAfterError);
            database.Restore.RollForward(CountedLog(), null, Set.LastLsn);
            database.Restore.NoteTime(Set.FinishDate);
        }
        else
        {
            database = _instance.Find(_request.Database) ?? throw RestoreErrors.NoDatabase(_request.Database);
            RestoreSteps(database, out reached);
        }

        Files = database.Files;
        _progress.Complete();
        Report(database);
        if (_content.MetDamage || Set.IsDamaged || database.DamagedPages.Count > 0)
        {
            database.Restore.NoteDamage();
            _messages.Message(RestoreErrors.DamageAccepted());
        }

        if (_stop is not null && !reached)
        {
            // The database stays restoring, even when it was to be recovered: the stop point may lie in the next log.
            _messages.Message(_stop.NotReached());
            return;
        }

        Recovered = RecoveryRun.Finish(database, _request, _instance);
    }

    private void RestoreSteps(LabDatabase database, out bool reached)
    {
        RestoreErrors.RequireContinueAfterError(_request, database);
        if (Set.Type == 'I')
        {
            DifferentialRestore differential = new(_request, Set, _stop);
            differential.Require(database);

            // Read once before anything is changed: which pages there are, and whether they can be read.
            HashSet<int> numbers = [.. _content.Pages().Select(p => p.Number)];
            _progress.Expect(_content.Length);
            differential.Apply(database, numbers, CountedPages());
            database.Restore.RollForward(CountedLog(), null, Set.LastLsn);
            database.Restore.NoteTime(Set.FinishDate);
            reached = false;
            return;
        }

        LogRestore log = new(_request, _content, _stop);
        log.Require(database);
        _progress.Expect(_content.Length);
        reached = log.Apply(database, CountedLog());
    }

    private void RequireUsableSet()
    {
        bool isLog = Set.Type == 'L';
        if (isLog != (_request.Kind == RestoreKind.Log) || Set.Type is not ('L' or 'D' or 'I'))
        {
            throw RestoreErrors.WrongKind(_medium.Device, Set.Type);
        }

        if (Set.DatabaseVersion > SupportedVersion)
        {
            throw RestoreErrors.NewerVersion(Set);
        }

        if (Set.DatabaseVersion < SupportedVersion && _request.Recovery == RecoveryOption.Standby)
        {
            throw RestoreErrors.UpgradeNeeded();
        }

        if (Set.Encryption is { } encryption && Certificates?.Invoke(encryption.Thumbprint)?.PrivateKey is null)
        {
            throw MediaErrors.NoCertificate(encryption.Thumbprint);
        }

        if (_request.MediaName is { } wanted && wanted != (_medium.Media.Name ?? string.Empty))
        {
            throw MediaErrors.OtherMediaName(_medium, wanted);
        }

        BackupEngine.RequireChecksums(_request.Checksum, Set);
        if (Set.IsDamaged)
        {
            _messages.Message(_request.ContinueAfterError ? RestoreErrors.WrittenDamaged() : throw RestoreErrors.DamagedSet());
        }
    }

    private IEnumerable<NumberedPage> CountedPages()
    {
        foreach (NumberedPage page in _content.Pages())
        {
            int file = PageFormat.FileOf(page.Number);
            _pages[file] = _pages.GetValueOrDefault(file) + 1;
            _progress.Advance(page.Bytes.Length);
            yield return page;
        }
    }

    private IEnumerable<RawLogBlock> CountedLog()
    {
        foreach (RawLogBlock block in _content.CompleteLog())
        {
            _logBytes += block.Bytes.Length;
            _progress.Advance(block.Bytes.Length);
            yield return block;
        }
    }

    private void Report(LabDatabase database)
    {
        long logPages = (_logBytes + 8191) / 8192;
        foreach (DatabaseFile file in database.Files.OrderBy(f => f.IsLog))
        {
            _progress.Processed(file.IsLog ? logPages : _pages.GetValueOrDefault(file.FileId), database.Name, file.LogicalName, Set.Position);
        }

        PagesProcessed = _pages.Values.Sum() + logPages;
    }
}
