using System;
using System.Linq;
using System.Reflection;
using BizTalkDR.Tests.Restore.Differential;
using Xunit;

namespace BizTalkDR.Tests.Restore.Mutants;

/// <summary>What a mutant has to survive: the tables of the planner, and planner against model on seeded cases.</summary>
public static class MutantProbe
{
    /// <summary>Seeded cases; far fewer than a usual run, and enough.</summary>
    private const int Cases = 150;

    /// <summary>Runs everything until something fails.</summary>
    /// <returns>What failed; null when nothing did.</returns>
    public static string? Run() => FailingTable(typeof(ChainTests)) ?? FailingTable(typeof(RestorePlannerTests)) ?? FailingCase();

    private static string? FailingTable(Type tests)
    {
        foreach (MethodInfo test in tests.GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null && m.GetParameters().Length == 0))
        {
            try
            {
                test.Invoke(Activator.CreateInstance(tests), null);
            }
            catch (TargetInvocationException error)
            {
                return $"{test.Name}: {error.InnerException!.GetType().Name}: {error.InnerException.Message}";
            }
        }

        return null;
    }

    private static string? FailingCase()
    {
        for (int seed = 0; seed < Cases; seed++)
        {
            try
            {
                if (new PlanCheck(GroupHistory.Play(CaseRecipe.FromSeed(seed))).Run() is { } difference)
                {
                    return $"case {seed}: {difference}";
                }
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                return $"case {seed}: {error.GetType().Name}: {error.Message}";
            }
        }

        return null;
    }
}
