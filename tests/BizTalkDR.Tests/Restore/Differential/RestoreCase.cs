using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>What a seeded choice is made of: shrinks by itself, as numbers do.</summary>
/// <param name="Members">How many members, 1 to 3.</param>
/// <param name="Events">What happens to the group, one number an event.</param>
/// <param name="Damage">What happens to the files afterwards.</param>
/// <param name="KnowsGroup">Whether the members are known from elsewhere than the files.</param>
internal sealed record CaseRecipe(int Members, int[] Events, int[] Damage, bool KnowsGroup)
{
    /// <summary>Draws how processing was stopped for the full sets, and what the manifests saw of it; 0 where there are no manifests.</summary>
    public int Stops { get; init; }

    /// <summary>Draws one without FsCheck, for runs that need no smaller counterexample.</summary>
    /// <param name="seed">The same seed gives the same recipe.</param>
    /// <param name="mostEvents">The most events there are.</param>
    /// <param name="mostDamage">The most things that happen to the files.</param>
    public static CaseRecipe FromSeed(int seed, int mostEvents = 22, int mostDamage = 6)
    {
        var random = new Random(seed);
        int[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(100_000))];
        return new CaseRecipe(random.Next(1, 4), Numbers(random.Next(2, mostEvents + 1)), Numbers(random.Next(4) == 0 ? 0 : random.Next(1, mostDamage + 1)), random.Next(2) == 0)
        {
            Stops = random.Next(4) == 0 ? random.Next(1, 100_000) : 0,
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Members = {Members}, Events = [{string.Join(", ", Events)}], Damage = [{string.Join(", ", Damage)}], KnowsGroup = {(KnowsGroup ? "true" : "false")}, Stops = {Stops}");
}

/// <summary>A backup file as the case has it: what the server would read in it, and what its header says beside that.</summary>
/// <param name="File">The content.</param>
/// <param name="Server">Server name in the headers.</param>
/// <param name="Database">Database name in the headers.</param>
internal sealed record CaseFile(ModelFile File, string Server, string Database)
{
    /// <summary>Where it was written first; a file that was renamed, copied or swapped lies elsewhere now.</summary>
    public string WrittenTo { get; init; } = string.Empty;

    /// <summary>Whether the headers can be read although the file cannot be restored from.</summary>
    public bool ShowsHeader { get; init; } = true;

    /// <summary>Whether the file is cut off or still being written.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>Size when it was last written to.</summary>
    public long SizeBytes { get; init; }
}

/// <summary>A member as it is at the end.</summary>
internal sealed record CaseMember(string Server, string Database, Guid Family);

/// <summary>A group's history as files, and what really happened.</summary>
/// <param name="Recipe">What it was made of.</param>
/// <param name="Members">Members as they are at the end.</param>
/// <param name="Files">The files that are left.</param>
/// <param name="Marks">Every mark that was ever placed, oldest first; a name may occur twice.</param>
internal sealed record RestoreCase(CaseRecipe Recipe, IReadOnlyList<CaseMember> Members, IReadOnlyList<CaseFile> Files, IReadOnlyList<string> Marks)
{
    /// <summary>The manifests beside the files.</summary>
    public IReadOnlyList<CaseManifest> Manifests { get; init; } = [];

    /// <summary>The full sets that processing was to be stopped for, oldest first.</summary>
    public IReadOnlyList<CaseFullSet> FullSets { get; init; } = [];

    /// <summary>Marks and full sets by name, as they really came about.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>Whether stamps deceive about the order.</summary>
    public bool ClockWasSetBack { get; init; }

    /// <summary>Names that two transactions bear.</summary>
    public IReadOnlySet<string> Repeated { get; } = Marks.GroupBy(m => m, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>The files as the model takes them.</summary>
    public IReadOnlyList<ModelFile> ModelFiles { get; } = Files.Select(f => f.File).ToList();

    /// <summary>Gives the recipe and every file, a set each line.</summary>
    public override string ToString() => string.Join('\n', Files
        .SelectMany(f => f.File.Sets.Select((s, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"{f.File.Path} {i + 1}, stripe {f.File.Stripe} of {f.File.Stripes}{(f.File.IsReadable ? string.Empty : ", damaged")}: {s} checkpoint {s.CheckpointLsn} base {s.BaseLsn} fork {s.FirstFork:N} to {s.LastFork:N} at {s.ForkPoint}{(s.IsBulkLogged ? ", bulk-logged" : string.Empty)}{(s.IsCopyOnly ? ", copy-only" : string.Empty)}: {string.Join(", ", s.Marks.Select(m => $"{m.Name} {m.Lsn} {m.NextLsn}"))}")))
        .Concat(Manifests.Select(m => $"{m.Found.Path} of {m.Point} at {m.Found.Content.WrittenUtc:HH:mm}, {(m.Proves ? "proves it" : QuiescenceJudge.WhyNot(m.Found.Content))}"))
        .Prepend(Recipe.ToString()));
}
