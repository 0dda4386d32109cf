using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>One database over time.</summary>
internal interface IMemberHistory
{
    string Server { get; }

    string Database { get; }

    Guid Family { get; }

    /// <summary>Marks of the timeline the database is on, oldest first.</summary>
    IReadOnlyList<ModelMark> Marks { get; }

    /// <summary>How many transactions changed its content so far; the group's own bookkeeping not counted.</summary>
    int Commits { get; }

    void Work(int records);

    /// <summary>The group's own procedure writes a row of its history, into a table that is not the content looked at.</summary>
    void Bookkeep();

    void BulkLoad();

    void Mark(string name, int transaction, int records);

    /// <summary>The SIMPLE recovery model for a while: the log chain ends, and begins anew with the next full.</summary>
    void BreakChain();

    ModelSet Full(IReadOnlyList<string> paths, int records, bool copyOnly);

    /// <summary>A differential; null where there is no full to build on.</summary>
    ModelSet? Differential(IReadOnlyList<string> paths, int records);

    /// <summary>A log backup; null where SQL Server gives 4214, because there is no full to follow.</summary>
    ModelSet? Log(IReadOnlyList<string> paths, bool copyOnly);

    /// <summary>Whether the database can go back to a marked transaction with the files there are.</summary>
    bool CanReturnTo(int transaction, IReadOnlyList<CaseFile> files);

    /// <summary>Restored to a mark and recovered there: a new fork, and the log goes on from the mark.</summary>
    void ReturnTo(int transaction);

    void Rename(string name);

    void MoveTo(string newServer);
}

/// <summary>A database in mind: its log, its recovery forks, and the backup sets it gives.</summary>
internal sealed class MemberHistory(string server, string database, Func<Guid> newId) : IMemberHistory
{
    private readonly List<ModelMark> _marks = [];
    private long _lsn = 100;
    private long? _logStart;
    private long _forkPoint;
    private Guid _fork = newId();
    private Guid _logFork;
    private ModelSet? _base;
    private bool _bulk;

    public string Server { get; private set; } = server;

    public string Database { get; private set; } = database;

    public Guid Family { get; } = newId();

    public IReadOnlyList<ModelMark> Marks => _marks;

    public int Commits { get; private set; }

    public void Work(int records)
    {
        _lsn += records;
        Commits += records;
    }

    public void Bookkeep() => _lsn++;

    public void BulkLoad()
    {
        _bulk = true;
        Commits++;
        _lsn += 3;
    }

    public void Mark(string name, int transaction, int records)
    {
        _marks.Add(new ModelMark(name, _lsn, _lsn + records, transaction));
        _lsn += records;
        Commits++;
    }

    public void BreakChain()
    {
        _logStart = null;
        _lsn += 5;
        _forkPoint = 0;
    }

    public ModelSet Full(IReadOnlyList<string> paths, int records, bool copyOnly)
    {
        ModelSet set = Whole(ModelKind.Full, records) with { IsCopyOnly = copyOnly };
        if (!copyOnly)
        {
            _base = set;
        }

        if (_logStart is null && !copyOnly)
        {
            _logStart = set.FirstLsn;
            _logFork = _fork;
        }

        return set;
    }

    public ModelSet? Differential(IReadOnlyList<string> paths, int records)
    {
        if (_base is null)
        {
            return null;
        }

        return Whole(ModelKind.Differential, records) with { BaseId = _base.SetId, BaseLsn = _base.CheckpointLsn };
    }

    public ModelSet? Log(IReadOnlyList<string> paths, bool copyOnly)
    {
        if (_logStart is not { } first)
        {
            return null;
        }

        bool changesFork = _logFork != _fork;
        var set = new ModelSet(ModelKind.Log, newId())
        {
            Family = Family,
            FirstLsn = first,
            LastLsn = _lsn,
            CheckpointLsn = _base?.CheckpointLsn ?? 0,
            FirstFork = _logFork,
            LastFork = _fork,
            ForkPoint = changesFork ? _forkPoint : 0,
            IsBulkLogged = _bulk,
            IsCopyOnly = copyOnly,
            Marks = _marks.Where(m => m.Lsn >= first && m.Lsn < _lsn).ToList(),
        };
        if (!copyOnly)
        {
            _logStart = _lsn;
            _logFork = _fork;
            _bulk = false;
        }

        return set;
    }

    public bool CanReturnTo(int transaction, IReadOnlyList<CaseFile> files) => true;

    public void ReturnTo(int transaction)
    {
        ModelMark mark = _marks.First(m => m.Transaction == transaction);
        _marks.RemoveAll(m => m.Lsn > mark.Lsn);
        _lsn = mark.NextLsn;
        _forkPoint = mark.NextLsn;
        _logFork = _fork;
        _logStart = mark.NextLsn;
        _fork = newId();
        _base = null;
        _bulk = false;
    }

    public void Rename(string name) => Database = name;

    public void MoveTo(string newServer) => Server = newServer;

    /// <summary>A backup has records of its own, also where nobody works.</summary>
    private ModelSet Whole(ModelKind kind, int records)
    {
        long first = _lsn;
        _lsn += Math.Max(1, records);
        Commits += records;
        return new ModelSet(kind, newId()) { Family = Family, FirstLsn = first, LastLsn = _lsn, CheckpointLsn = first, FirstFork = _fork, LastFork = _fork };
    }
}
