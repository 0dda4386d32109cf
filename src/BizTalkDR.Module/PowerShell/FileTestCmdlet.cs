using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.BackupFiles;
using BizTalkDR.Catalogue;
using BizTalkDR.Files;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters of a test of files without a server, beside those of a connection.</summary>
public abstract class FileTestCmdlet : BlobCmdlet
{
    /// <summary>Parameter set for paths with wildcards.</summary>
    protected const string FileSet = "File";

    /// <summary>Parameter set for paths taken as they are.</summary>
    protected const string LiteralSet = "LiteralFile";

    private readonly PathResolver _paths;
    private int _refused;

    /// <summary>Creates the cmdlet.</summary>
    protected FileTestCmdlet() => _paths = new PathResolver(this);

    /// <summary>Files and folders, every character taken as it is.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralSet)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>How deep: Structure, Content, Hash, or several; by default Structure and Content, and Hash with a manifest.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [Parameter(ParameterSetName = LiteralSet)]
    public VerificationLevel Level { get; set; } = VerificationLevel.Structure | VerificationLevel.Content;

    /// <summary>List of the SHA-256 that each file should have.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [Parameter(ParameterSetName = LiteralSet)]
    [ValidateNotNullOrEmpty]
    public string? Manifest { get; set; }

    /// <summary>Looks into the folders of folders too.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Names of files to take from folders; by default *.bak, *.trn and *.dif.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [Parameter(ParameterSetName = LiteralSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Include { get; set; } = [];

    /// <summary>Files tested at once; by default one for each processor.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [Parameter(ParameterSetName = LiteralSet)]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = Math.Min(8, Environment.ProcessorCount);

    /// <summary>Takes paths to test.</summary>
    protected void AddPaths(IEnumerable<string> paths, bool literal) => _paths.Add(paths, literal, problem =>
    {
        _refused++;
        WriteProblem(problem);
    });

    /// <summary>Tests the files under the paths that were taken.</summary>
    /// <param name="take">Takes each result, and at last the summary.</param>
    protected void TestFiles(Action<FileTestStep> take)
    {
        string? list = Manifest is null || BlobUrl.Is(Manifest) ? Manifest : GetUnresolvedProviderPathFromPSPath(Manifest);
        Stream(
            (log, stop) => new BackupFileTester(log) { Level = Level, Manifest = list is null ? null : HashManifest.Read(list), Parallelism = ThrottleLimit, RefusedPaths = _refused, Blobs = _paths.Paths.Any(BlobUrl.Is) ? PortsFor(log).Blobs : null }
                .Test(new FileSelection(_paths.Paths) { Names = Include, Recurse = Recurse }, stop),
            step =>
            {
                WriteProblem(step.Problem);
                take(step);
            });
    }
}
