using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Draws recipes, and makes a failing one smaller.</summary>
internal static class Recipes
{
    private static readonly ulong Seed = ulong.TryParse(System.Environment.GetEnvironmentVariable("BIZTALKDR_SEED"), out ulong seed) ? seed : 20261121;

    public static Arbitrary<CaseRecipe> Arbitrary() => Arb.From(Generator(), Smaller);

    public static Config Config(int cases) => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Seed, 7919);

    private static Gen<CaseRecipe> Generator() =>
        from members in Gen.Choose(1, 3)
        from eventCount in Gen.Choose(2, 22)
        from events in Gen.Choose(0, 99_999).ArrayOf(eventCount)
        from damageCount in Gen.Frequency((2, Gen.Constant(0)), (5, Gen.Choose(1, 6)))
        from damage in Gen.Choose(0, 99_999).ArrayOf(damageCount)
        from known in Gen.Elements(true, false)
        from stops in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 99_999)))
        select new CaseRecipe(members, events, damage, known) { Stops = stops };

    private static System.Collections.Generic.IEnumerable<CaseRecipe> Smaller(CaseRecipe recipe)
    {
        for (int i = 0; i < recipe.Events.Length; i++)
        {
            yield return recipe with { Events = [.. recipe.Events.Where((_, at) => at != i)] };
        }

        for (int i = 0; i < recipe.Damage.Length; i++)
        {
            yield return recipe with { Damage = [.. recipe.Damage.Where((_, at) => at != i)] };
        }

        if (recipe.Members > 1)
        {
            yield return recipe with { Members = recipe.Members - 1 };
        }
    }
}
