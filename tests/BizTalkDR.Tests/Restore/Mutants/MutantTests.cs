using System;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Tests.Restore.Mutants;

/// <summary>A planner that is wrong in one place does not pass the planner's tests.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_mutant_of_the_planner_is_noticed_and_the_right_planner_is_not()
    {
        var planner = new MutatedPlanner(RepositoryRoot());
        Assert.True(PlannerMutants.All.Count >= 20);
        Assert.All(PlannerMutants.All, m => Assert.True(planner.Fits(m), $"{m}: its text does not stand in {m.File} exactly once"));
        string? right = planner.KilledBy(null);
        Assert.True(right is null, $"The right planner fails: {right}");
        var alive = PlannerMutants.All.Where(m =>
        {
            string? by = planner.KilledBy(m);
            output.WriteLine($"{(by is null ? "ALIVE " : "killed")} {m}: {by?.Split('\n')[0]}");
            return by is null;
        }).ToList();
        Assert.Empty(alive);
    }

    [Fact]
    public void Every_mutant_is_listed_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "testing.md"));
        Assert.All(PlannerMutants.All, m => Assert.Contains(m.Name, page, StringComparison.Ordinal));
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BizTalkDR.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository was not found above the tests.");
    }
}
