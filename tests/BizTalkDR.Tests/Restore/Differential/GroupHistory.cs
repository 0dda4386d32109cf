using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Where a recipe is played.</summary>
internal interface IStage
{
    /// <summary>Folder above all others; empty where there are no files.</summary>
    string Root { get; }

    /// <summary>Whether an operator may put two backups of one database into one file afterwards, and whether logs are striped.</summary>
    bool HasEverything { get; }

    /// <summary>Size of a file that was just written.</summary>
    long SizeOf(string path, IReadOnlyList<ModelSet> sets);

    /// <summary>Begins the history of a member.</summary>
    IMemberHistory Begin(string server, string database, Func<Guid> newId);
}

/// <summary>Plays a recipe: a group that is backed up, restored, renamed and mistreated, and the folder of files that comes of it.</summary>
internal sealed class GroupHistory
{
    private const int Striped = 4;
    private static readonly string[] Names = ["Biz_Talk'Mgmt", "Msg]Box \"1\";", "Ørdérs_Log_Db"];
    private readonly IStage _stage;
    private readonly List<IMemberHistory> _members = [];
    private readonly List<CaseFile> _files = [];
    private readonly List<string> _marks = [];
    private readonly List<string> _used = [];
    private readonly List<string> _order = [];
    private readonly List<CaseManifest> _manifests = [];
    private readonly List<CaseFullSet> _fullSets = [];
    private readonly int _stops;
    private readonly Random _ids;
    private DateTime _clock = new(2026, 10, 25, 0, 0, 0, DateTimeKind.Unspecified);
    private int _transaction;
    private bool _wasSetBack;

    private GroupHistory(CaseRecipe recipe, IStage stage)
    {
        _stage = stage;
        _stops = recipe.Stops;

        // Ids have to be the same for the same recipe, and different from each other; nothing else is drawn from this.
        _ids = new Random((recipe.Events.Length * 31) + recipe.Members);
        for (int i = 0; i < recipe.Members; i++)
        {
            _members.Add(stage.Begin(i == 2 ? @"SRV\INST_2" : "SRV1", Names[i], NewId));
        }
    }

    /// <summary>Plays it in mind.</summary>
    public static RestoreCase Play(CaseRecipe recipe) => Play(recipe, new Imagined());

    /// <summary>Plays it on a stage.</summary>
    public static RestoreCase Play(CaseRecipe recipe, IStage stage)
    {
        var history = new GroupHistory(recipe, stage);
        history.FullSet(1);
        foreach (int number in recipe.Events)
        {
            history.Happen(number);
        }

        var folder = new FolderDamage(history._files, stage, history.NewId);
        foreach (int number in recipe.Damage)
        {
            folder.Happen(number);
        }

        return new RestoreCase(recipe, [.. history._members.Select(m => new CaseMember(m.Server, m.Database, m.Family))], [.. history._files], history._marks)
        {
            Manifests = history._manifests,
            FullSets = history._fullSets,
            Order = history._order,
            ClockWasSetBack = history._wasSetBack,
        };
    }

    private Guid NewId()
    {
        byte[] bytes = new byte[16];
        _ids.NextBytes(bytes);
        return new Guid(bytes);
    }

    private void Happen(int number)
    {
        int detail = number / 100;
        IMemberHistory member = _members[detail % _members.Count];
        int records = 1 + (detail % 3);
        _clock = _clock.AddMinutes(15).AddMilliseconds(detail % 7);
        switch (number % 100)
        {
            case < 24:
                LogSet(detail);
                break;
            case < 40 when _stops == 0:
                LogSet(detail);
                break;
            case < 48:
                FullSet(records);
                break;
            case < 56:
                Add(member, ModelKind.Differential, $"{member.Database} diff {_clock:HHmmssfff}.bak", detail, paths => member.Differential(paths, records));
                break;
            case < 60:
                Add(member, ModelKind.Full, $"{member.Database} copy {_clock:HHmmssfff}.bak", detail, paths => member.Full(paths, records, copyOnly: true));
                break;
            case < 64:
                Add(member, ModelKind.Log, $"{member.Database} tran {_clock:HHmmssfff}.trn", detail, paths => member.Log(paths, copyOnly: false));
                break;
            case < 68:
                Add(member, ModelKind.Log, $"{member.Database} copy tran {_clock:HHmmssfff}.trn", detail, paths => member.Log(paths, copyOnly: true));
                break;
            case < 76:
                Return(detail);
                break;
            case < 79:
                member.Rename(member.Database + "2");
                break;
            case < 81:
                member.MoveTo(member.Server == "SRV1" ? "SRV3" : "SRV1");
                break;
            case < 84:
                SetClockBack();
                break;
            case < 87:
                member.BreakChain();
                break;
            case < 90:
                member.BulkLoad();
                break;
            default:
                member.Work(records);
                break;
        }
    }

    /// <summary>Once a year local time repeats an hour.</summary>
    private void SetClockBack()
    {
        _clock = _clock.AddHours(_wasSetBack ? 0 : -1);
        _wasSetBack = true;
    }

    private void FullSet(int records)
    {
        string stamp = Stamp();
        if (_stops > 0)
        {
            FullSetOfStoppedGroup(stamp);
            return;
        }

        foreach (IMemberHistory member in _members)
        {
            Add(member, ModelKind.Full, JobName(member, "Full", "BTS_" + stamp), 0, paths => member.Full(paths, records, copyOnly: false));
        }
    }

    /// <summary>Somebody stopped processing, or believed to have, and wrote a full set with its manifest.</summary>
    private void FullSetOfStoppedGroup(string stamp)
    {
        var stopped = new StoppedSet(_members, (_stops * 7) + (_fullSets.Count * 6_151));
        string NameOf(IMemberHistory member) => JobName(member, "Full", "BTS_" + stamp);
        foreach (IMemberHistory member in _members)
        {
            ModelSet? written = null;
            Add(member, ModelKind.Full, NameOf(member), stopped.IsStriped && _stage.HasEverything ? Striped : 0, paths => written = member.Full(paths, 0, copyOnly: false));
            stopped.Wrote(member, written!);
        }

        _manifests.AddRange(stopped.Manifests(_stage.Root, NameOf(_members[0]), stamp, FileOf, [.. _manifests]));
        _fullSets.Add(new CaseFullSet("BTS_" + stamp, stopped.IsStill));
        _order.Add("BTS_" + stamp);

        (string Name, long Size) FileOf(ManifestedFull full)
        {
            CaseFile file = _files.First(f => f.File.Stripe == 1 && f.File.Sets.Contains(full.Set));
            return (file.File.Path[(file.File.Path.LastIndexOf('/') + 1)..], file.SizeBytes);
        }
    }

    private void LogSet(int detail)
    {
        // Two marks of one name on one timeline: local time, and the clock was set back to the millisecond.
        List<ModelMark> before = _members[0].Marks.Where(IsOfThisQuarter).ToList();
        string mark = detail % 20 == 19 && _wasSetBack && before.Count > 0 ? before[detail % before.Count].Name : "BTS_" + Stamp();
        _transaction++;
        _marks.Add(mark);
        _order.Add(mark);
        foreach (IMemberHistory member in _members)
        {
            member.Work(detail % 2);
            member.Mark(mark, _transaction, 1 + (detail % 2));
        }

        for (int i = 0; i < _members.Count; i++)
        {
            IMemberHistory member = _members[i];
            if (detail % 11 == i)
            {
                // The backup of this member fails and the set stays incomplete; its log goes on growing.
                continue;
            }

            member.Work(detail % 3);
            Add(member, ModelKind.Log, JobName(member, "Log", mark), detail, paths => member.Log(paths, copyOnly: false));
        }
    }

    private bool IsOfThisQuarter(ModelMark mark) =>
        Math.Abs((DateTime.ParseExact(mark.Name[4..], "yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture) - _clock).TotalMinutes) < 15;

    /// <summary>The whole group goes back to a mark that every member still has on its timeline.</summary>
    private void Return(int detail)
    {
        List<ModelMark> common = _members[0].Marks.Where(m => _members.All(o => o.Marks.Any(x => x.Transaction == m.Transaction))).ToList();
        if (common.Count == 0)
        {
            return;
        }

        int transaction = common[common.Count - 1 - (detail % Math.Min(3, common.Count))].Transaction;
        if (!_members.All(m => m.CanReturnTo(transaction, _files)))
        {
            return;
        }

        foreach (IMemberHistory member in _members)
        {
            member.ReturnTo(transaction);
            member.Work(detail % 2);
        }
    }

    private void Add(IMemberHistory member, ModelKind kind, string name, int detail, Func<IReadOnlyList<string>, ModelSet?> backUp)
    {
        string path = $"{_stage.Root}/b/{name}";
        int same = _files.FindIndex(f => f.File.Path == path);
        int last = _files.FindLastIndex(f => f.File.Stripes == 1 && f.Server == member.Server && f.Database == member.Database);
        if (same >= 0 || (detail % 13 == 5 && last >= 0 && kind != ModelKind.Log))
        {
            // INIT is not used: a second backup of one name is appended.
            Guid appended = _files[same >= 0 ? same : last].File.MediaSet;
            if (backUp([.. _files.Where(f => f.File.MediaSet == appended).OrderBy(f => f.File.Stripe).Select(f => f.File.Path)]) is { } further)
            {
                Append(appended, further);
            }

            return;
        }

        int stripes = detail % 17 == Striped && (kind != ModelKind.Log || _stage.HasEverything) ? 2 : 1;
        string[] paths = [.. Enumerable.Range(1, stripes).Select(s => s == 1 ? path : path + "." + s.ToString(CultureInfo.InvariantCulture))];
        if (backUp(paths) is not { } set)
        {
            return;
        }

        Guid medium = NewId();
        for (int stripe = 1; stripe <= stripes; stripe++)
        {
            _files.Add(new CaseFile(new ModelFile(paths[stripe - 1], medium, stripes, stripe, [set]), member.Server, member.Database)
            {
                WrittenTo = paths[stripe - 1],
                SizeBytes = _stage.SizeOf(paths[stripe - 1], [set]),
            });
        }
    }

    private void Append(Guid medium, ModelSet set)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            if (_files[i].File.MediaSet == medium)
            {
                ModelSet[] sets = [.. _files[i].File.Sets, set];
                _files[i] = _files[i] with { File = _files[i].File with { Sets = sets }, SizeBytes = _stage.SizeOf(_files[i].File.Path, sets) };
            }
        }
    }

    private string JobName(IMemberHistory member, string kind, string stamp) => $"{member.Server.Replace('\\', '_')}_{member.Database}_{kind}_{stamp}.bak";

    /// <summary>No two runs of the job begin in the same millisecond of one clock.</summary>
    private string Stamp()
    {
        string stamp;
        do
        {
            stamp = _clock.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
            _clock = _clock.AddMilliseconds(1);
        }
        while (_used.Contains(stamp));
        _used.Add(stamp);
        return stamp;
    }

    private sealed class Imagined : IStage
    {
        public string Root => string.Empty;

        public bool HasEverything => true;

        public long SizeOf(string path, IReadOnlyList<ModelSet> sets) => sets.Sum(s => 1000 + s.LastLsn - s.FirstLsn);

        public IMemberHistory Begin(string server, string database, Func<Guid> newId) => new MemberHistory(server, database, newId);
    }
}
