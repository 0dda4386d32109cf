using System;
using System.Collections.Generic;
using Xunit;

namespace BizTalkDR.Tests.Restore.Model;

/// <summary>The model's own rules, each with its message.</summary>
public sealed class ServerModelTests
{
    private static readonly Guid Family = Guid.NewGuid();
    private static readonly Guid Fork1 = Guid.NewGuid();
    private static readonly Guid Fork2 = Guid.NewGuid();
    private readonly List<ModelFile> _files = [];
    private ModelDatabase? _database;

    [Fact]
    public void A_full_brings_the_database_to_the_lsn_behind_its_last_record()
    {
        Full("f", 10, 100);
        Assert.Equal(0, Restore("f"));
        Assert.Equal(100, _database!.Redo);
        Assert.Equal(ModelState.Restoring, _database.State);
    }

    [Fact]
    public void A_log_links_by_equality_of_lsns_and_not_over_a_gap()
    {
        Full("f", 10, 100);
        Log("a", 100, 200);
        Log("b", 201, 300);
        Restore("f");
        Assert.Equal(4305, Restore("b", log: true));
        Assert.Equal(0, Restore("a", log: true));
        Assert.Equal(4326, Restore("a", log: true));
        Assert.Equal(4305, Restore("b", log: true));
    }

    [Fact]
    public void An_empty_log_that_ends_where_the_database_stands_is_applied_and_changes_nothing()
    {
        Full("f", 10, 100);
        Log("before", 90, 90);
        Log("empty", 100, 100);
        Log("behind", 101, 101);
        Restore("f");
        Assert.Equal(4326, Restore("before", log: true));
        Assert.Equal(4305, Restore("behind", log: true));
        Assert.Equal(0, Restore("empty", log: true));
        Assert.Equal(100, _database!.Redo);
    }

    [Fact]
    public void A_mark_stops_roll_forward_behind_its_commit_and_no_earlier_mark_can_be_reached_afterwards()
    {
        Full("f", 10, 100);
        Log("a", 50, 200, new ModelMark("M1", 120, 121, 1), new ModelMark("M2", 150, 152, 2));
        Restore("f");
        Assert.Equal(0, Restore("a", log: true, mark: "M2"));
        Assert.Equal(152, _database!.Redo);
        Assert.Equal(4335, Restore("a", log: true, mark: "M1"));
    }

    [Fact]
    public void A_mark_that_is_not_in_the_log_lets_it_run_to_its_end_without_an_error()
    {
        Full("f", 10, 100);
        Log("a", 50, 200);
        Restore("f");
        Assert.Equal(0, Restore("a", log: true, mark: "M9"));
        Assert.Equal(200, _database!.Redo);
    }

    [Fact]
    public void A_bulk_logged_log_takes_no_stop_clause()
    {
        Full("f", 10, 100);
        Log("a", 50, 200);
        _files[^1] = _files[^1] with { Sets = [_files[^1].Sets[0] with { IsBulkLogged = true }] };
        Restore("f");
        Assert.Equal(4341, Restore("a", log: true, mark: "M1"));
        Assert.Equal(0, Restore("a", log: true));
    }

    [Fact]
    public void A_mark_name_is_refused_by_restore_database()
    {
        Full("f", 10, 100);
        Assert.Equal(4340, Restore("f", mark: "M1"));
    }

    [Fact]
    public void A_differential_goes_on_its_own_full_only()
    {
        Full("f", 10, 100);
        Full("copy", 60, 120, copyOnly: true);
        Differential("d", 200, 210, of: 0);
        Restore("copy");
        Assert.Equal(3136, Restore("d"));
        _database = null;
        Assert.Equal(3117, Restore("d"));
        Restore("f");
        Assert.Equal(0, Restore("d"));
        Assert.Equal(210, _database!.Redo);
    }

    [Fact]
    public void A_differential_is_refused_behind_a_log()
    {
        Full("f", 10, 100);
        Log("a", 100, 150);
        Differential("d", 200, 210, of: 0);
        Restore("f");
        Restore("a", log: true);
        Assert.Equal(3136, Restore("d"));
    }

    [Fact]
    public void A_log_that_changes_forks_is_taken_up_to_the_fork_point_only()
    {
        Full("f", 10, 100);
        Log("a", 100, 200, new ModelMark("M1", 150, 151, 1));
        _files.Add(new ModelFile("n", Guid.NewGuid(), 1, 1, [Set(ModelKind.Log, 151, 260) with { FirstFork = Fork1, LastFork = Fork2, ForkPoint = 151 }]));
        Restore("f");
        ModelDatabase full = _database!;
        Restore("a", log: true);
        Assert.Equal(4330, Restore("n", log: true));
        _database = full;
        Restore("a", log: true, mark: "M1");
        Assert.Equal(0, Restore("n", log: true));
        Assert.Equal(Fork2, _database!.Fork);
        Assert.Equal(4330, Restore("a", log: true));
    }

    [Fact]
    public void All_stripes_of_one_medium_are_needed()
    {
        Guid medium = Guid.NewGuid();
        ModelSet set = Set(ModelKind.Full, 10, 100);
        _files.Add(new ModelFile("s1", medium, 2, 1, [set]));
        _files.Add(new ModelFile("s2", medium, 2, 2, [set]));
        _files.Add(new ModelFile("other", Guid.NewGuid(), 2, 2, [set]));
        Assert.Equal(3132, Run(new ModelStatement(ModelAction.RestoreDatabase, ["s1"])));
        Assert.Equal(3132, Run(new ModelStatement(ModelAction.RestoreDatabase, ["s1", "s1"])));
        Assert.Equal(3227, Run(new ModelStatement(ModelAction.RestoreDatabase, ["s1", "other"])));
        Assert.Equal(0, Run(new ModelStatement(ModelAction.RestoreDatabase, ["s2", "s1"])));
    }

    [Fact]
    public void Files_that_are_missing_damaged_or_of_the_wrong_kind_are_refused()
    {
        Full("f", 10, 100);
        Log("a", 100, 200);
        _files.Add(_files[0] with { Path = "bad", IsReadable = false });
        Assert.Equal(3201, Restore("nowhere"));
        Assert.Equal(3241, Restore("bad"));
        Assert.Equal(3135, Restore("a"));
        Assert.Equal(3118, Restore("f", log: true));
        Assert.Equal(3277, Run(new ModelStatement(ModelAction.RestoreDatabase, ["f"], 2)));
    }

    [Fact]
    public void An_existing_database_is_protected_and_a_tail_taken_with_norecovery_leaves_it_restoring()
    {
        Full("f", 10, 100);
        _database = new ModelDatabase(ModelState.Online, Guid.NewGuid(), Fork1, 500) { HasTail = true };
        Assert.Equal(3154, Restore("f"));
        _database = _database with { Family = Family };
        Assert.Equal(3159, Restore("f"));
        Assert.Equal(3117, Restore("f", log: false, recover: true));
        Assert.Equal(0, Run(new ModelStatement(ModelAction.BackupTail, [])));
        Assert.Equal(ModelState.Restoring, _database!.State);
        Assert.Equal(927, Run(new ModelStatement(ModelAction.BackupTail, [])));
        Assert.Equal(0, Restore("f"));
        Assert.Equal(0, Restore("f", recover: true));
        Assert.NotEqual(Fork1, _database!.Fork);
    }

    [Fact]
    public void A_log_of_another_database_is_refused()
    {
        Full("f", 10, 100);
        Log("a", 100, 200);
        _files[^1] = _files[^1] with { Sets = [_files[^1].Sets[0] with { Family = Guid.NewGuid() }] };
        Restore("f");
        Assert.Equal(3154, Restore("a", log: true));
    }

    [Fact]
    public void The_search_stops_an_older_fork_at_its_own_mark_to_reach_a_mark_of_the_new_one()
    {
        Full("f", 10, 100);
        Log("a", 100, 200, new ModelMark("M1", 150, 151, 1));
        _files.Add(new ModelFile("n", Guid.NewGuid(), 1, 1, [Set(ModelKind.Log, 151, 260) with { FirstFork = Fork1, LastFork = Fork2, ForkPoint = 151, Marks = [new ModelMark("M3", 200, 202, 3)] }]));
        (ModelMark mark, ModelDatabase database) = Assert.Single(new ModelSearch(_files, "M3").Ends("M3"));
        Assert.Equal(3, mark.Transaction);
        Assert.Equal((202, Fork2), (database.Redo, database.Fork));
        _files.RemoveAt(1);
        Assert.Empty(new ModelSearch(_files, "M3").Ends("M3"));
    }

    private static ModelSet Set(ModelKind kind, long first, long last) =>
        new(kind, Guid.NewGuid()) { Family = Family, FirstLsn = first, LastLsn = last, CheckpointLsn = first, FirstFork = Fork1, LastFork = Fork1 };

    private void Full(string path, long first, long last, bool copyOnly = false) => _files.Add(new ModelFile(path, Guid.NewGuid(), 1, 1, [Set(ModelKind.Full, first, last) with { IsCopyOnly = copyOnly }]));

    private void Differential(string path, long first, long last, int of)
    {
        ModelSet full = _files[of].Sets[0];
        _files.Add(new ModelFile(path, Guid.NewGuid(), 1, 1, [Set(ModelKind.Differential, first, last) with { BaseId = full.SetId, BaseLsn = full.CheckpointLsn }]));
    }

    private void Log(string path, long first, long last, params ModelMark[] marks) => _files.Add(new ModelFile(path, Guid.NewGuid(), 1, 1, [Set(ModelKind.Log, first, last) with { Marks = marks }]));

    private int Restore(string path, bool log = false, string? mark = null, bool recover = false) =>
        Run(new ModelStatement(recover ? ModelAction.Recover : log ? ModelAction.RestoreLog : ModelAction.RestoreDatabase, [path]) { StopAtMark = mark });

    private int Run(ModelStatement statement)
    {
        ModelAnswer answer = new ServerModel(_files).Run(_database, statement);
        if (answer.Error == 0)
        {
            _database = answer.Database;
        }
        else
        {
            Assert.Same(_database, answer.Database);
        }

        return answer.Error;
    }
}
