using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BizTalkDR.Tests.Restore.Mutants;

/// <summary>Compiles the domain with one text replaced and runs the planner's tests on it, beside the right one.</summary>
/// <remarks>The product knows nothing of this: the sources are read, changed in memory and loaded with a second copy of these tests in a context of their own.</remarks>
internal sealed class MutatedPlanner
{
    private const string Internals = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"BizTalkDR.Tests\")]";
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp13);

    /// <summary>What neither the planner nor its tests call: it is compiled without its bodies, in a fraction of the time. A call of it would fail the right planner too.</summary>
    private static readonly string[] s_unused =
        ["Backup/", "Configuration/", "Keys/", "Loss/", "Repair/", "Restore/Forecast/", "Restore/Plans/", "Restore/Resume/"];

    private readonly Dictionary<string, string> _sources;
    private readonly Dictionary<string, SyntaxTree> _trees;
    private readonly CSharpCompilation _right;

    public MutatedPlanner(string repository)
    {
        string root = Path.Combine(repository, "src", "BizTalkDR");
        string separator = Path.DirectorySeparatorChar.ToString();
        _sources = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains(separator + "obj" + separator, StringComparison.Ordinal) && !f.Contains(separator + "bin" + separator, StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(root, f).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);
        _sources.Add("internals", Internals);

        // The product's own stand-ins for newer types belong to the signatures that these tests were compiled against.
        _sources.Add("language", File.ReadAllText(Path.Combine(repository, "eng", "LanguageSupport.cs")));
        _trees = _sources.ToDictionary(s => s.Key, s => Parse(s.Key, s.Value), StringComparer.Ordinal);
        string own = typeof(BizTalkDR.Catalogue.BackupCatalogue).Assembly.Location;
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !string.Equals(Path.GetFileName(p), Path.GetFileName(own), StringComparison.OrdinalIgnoreCase) && !Path.GetFileName(p).StartsWith("BizTalkDR.Tests", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p));
        // Annotations alone: nobody reads the warnings.
        _right = CSharpCompilation.Create("BizTalkDR", _trees.Values, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Annotations));
    }

    /// <summary>Whether a mutant's text stands exactly once where it should.</summary>
    public bool Fits(PlannerMutant mutant) => _sources.TryGetValue(mutant.File, out string? text) && text.Split(mutant.From).Length == 2;

    /// <summary>Runs the tests on a mutant, or on the unchanged sources.</summary>
    /// <returns>What noticed it; null when nothing did.</returns>
    public string? KilledBy(PlannerMutant? mutant)
    {
        CSharpCompilation compilation = mutant is null
            ? _right
            : _right.ReplaceSyntaxTree(_trees[mutant.File], Parse(mutant.File, _sources[mutant.File].Replace(mutant.From, mutant.To, StringComparison.Ordinal)));
        using var image = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{mutant}: {result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error)}");
        }

        image.Position = 0;
        var context = new Context(image);
        try
        {
            MethodInfo probe = context.LoadFromAssemblyPath(typeof(MutantProbe).Assembly.Location).GetType(typeof(MutantProbe).FullName!)!.GetMethod(nameof(MutantProbe.Run), BindingFlags.Public | BindingFlags.Static)!;
            return (string?)probe.Invoke(null, null);
        }
        finally
        {
            context.Unload();
        }
    }

    private static SyntaxTree Parse(string file, string text)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text, Options);
        return s_unused.Any(f => file.StartsWith(f, StringComparison.Ordinal)) ? CSharpSyntaxTree.Create((CSharpSyntaxNode)new WithoutBodies().Visit(tree.GetRoot()), Options) : tree;
    }

    /// <summary>Lets every method and accessor throw.</summary>
    private sealed class WithoutBodies : CSharpSyntaxRewriter
    {
        private static readonly ExpressionSyntax s_throw = SyntaxFactory.ParseExpression("throw null!");

        public override SyntaxNode? VisitBlock(BlockSyntax node) => SyntaxFactory.Block(SyntaxFactory.ParseStatement("throw null!;"));

        public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node) => node.WithExpression(s_throw);
    }

    /// <summary>Holds the mutant and these tests; everything else comes from outside.</summary>
    private sealed class Context : AssemblyLoadContext
    {
        private readonly Assembly _mutant;

        public Context(Stream image)
            : base("mutant", isCollectible: true) => _mutant = LoadFromStream(image);

        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == "BizTalkDR" ? _mutant : null;
    }
}
