using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Planner and model on thousands of seeded histories: they agree on what is possible, and plans end at exactly the mark.</summary>
public sealed class PlannerAgainstModelTests(ITestOutputHelper output)
{
    private const int DefaultCases = 2000;

    /// <summary>A group restored to the later of two marks of one name in one log: nobody can stop there again by name.</summary>
    [Fact]
    public void They_agree_where_a_fork_was_left_at_the_second_mark_of_a_name() =>
        Assert.Null(new PlanCheck(GroupHistory.Play(new CaseRecipe(1, [70407, 49493, 77083, 59905, 8224, 12769, 85235], [], true))).Run());

    /// <summary>Logs of both passes through the repeated hour, two of them under each other's names.</summary>
    [Fact]
    public void They_agree_where_logs_of_the_repeated_hour_bear_each_others_names() =>
        Assert.Null(new PlanCheck(GroupHistory.Play(new CaseRecipe(
            1, [82419, 56064, 39221, 84452, 66304, 59739, 80126, 29650, 48519, 91856, 74567, 64067, 70364, 905, 88362], [3085, 91263, 62520, 13681, 83392], false))).Run());

    /// <summary>A mark that its name promises and its log places elsewhere: the logs around it are read before a newer mark is given up, though no mark was asked for.</summary>
    [Fact]
    public void They_agree_where_the_newest_mark_stands_in_a_log_of_another_name() =>
        Assert.Null(new PlanCheck(GroupHistory.Play(new CaseRecipe(1, [72556, 33720, 76160, 49429, 57470, 16114, 96719], [65297, 94098], true))).Run());

    /// <summary>Restored twice to one mark with nothing done between: the first fork's log is empty, and the second's begins where it does.</summary>
    [Fact]
    public void They_agree_where_empty_logs_change_forks_at_one_point() =>
        Assert.Null(new PlanCheck(GroupHistory.Play(new CaseRecipe(1, [60135, 89750, 87162, 2507, 31041, 52532, 7274, 64666, 3603, 35873, 86463, 42339], [92250, 19074], true))).Run());

    /// <summary>Quiesced sets among a log under the name of a full (38), fulls that are all renamed (45), members renamed since (95), shorter files under their names (112), and a full that deceives about the order (162).</summary>
    [Theory]
    [InlineData(38, 1179)]
    [InlineData(45, 1396)]
    [InlineData(95, 2946)]
    [InlineData(112, 3473)]
    [InlineData(162, 5023)]
    public void They_agree_where_files_of_a_quiesced_set_are_mistaken_for_others(int seed, int stops) =>
        Assert.Null(new PlanCheck(GroupHistory.Play(CaseRecipe.FromSeed(seed) with { Stops = stops })).Run());

    [Fact]
    public void Planner_and_model_agree_on_every_case_and_every_plan_ends_at_its_mark()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("BIZTALKDR_PLAN_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : DefaultCases;
        (int reachable, int unreachable) = (0, 0);
        (int quiesced, int notQuiesced) = (0, 0);
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        Property agrees = Prop.ForAll(Recipes.Arbitrary(), recipe =>
        {
            var check = new PlanCheck(GroupHistory.Play(recipe));
            string? difference = check.Run();
            reachable += check.Seen.Reachable;
            unreachable += check.Seen.Unreachable;
            quiesced += check.Quiesced.Seen.Reachable;
            notQuiesced += check.Quiesced.Seen.Unreachable;
            foreach (KeyValuePair<string, int> use in check.Used)
            {
                used[use.Key] = used.GetValueOrDefault(use.Key) + use.Value;
            }

            return (difference is null).Label(difference ?? string.Empty);
        });
        agrees.Check(Recipes.Config(cases));
        output.WriteLine($"{cases} cases: {reachable} marks reachable, {unreachable} not; {quiesced} quiesced points reachable, {notQuiesced} full sets not.");
        output.WriteLine(string.Join(Environment.NewLine, used.OrderByDescending(u => u.Value).Select(u => $"{u.Value,8} {u.Key}")));

        // A generator that makes only one kind of case proves nothing.
        Assert.True(reachable > cases / 3, $"only {reachable} marks were reachable");
        Assert.True(unreachable > cases / 3, $"only {unreachable} marks were not reachable");
        Assert.True(quiesced > cases / 4, $"only {quiesced} quiesced points were reachable");
        Assert.True(notQuiesced > cases / 4, $"only {notQuiesced} full sets were no point or not reachable");
        Assert.All(used, u => Assert.True(u.Value > cases / 1000, $"only {u.Value} plans for: {u.Key}"));
    }
}
