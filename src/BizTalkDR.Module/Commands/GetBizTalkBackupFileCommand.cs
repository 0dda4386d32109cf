using System.Linq;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Security;
using BizTalkDR.Catalogue;
using BizTalkDR.Files;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.Commands;

/// <summary>Reads what backup files say of themselves, without a server.</summary>
[Cmdlet(VerbsCommon.Get, "BizTalkBackupFile", DefaultParameterSetName = PathSet)]
[OutputType(typeof(FileBackup))]
public sealed class GetBizTalkBackupFileCommand : RecoveryCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";
    private readonly PathResolver _paths;

    /// <summary>Creates the cmdlet.</summary>
    public GetBizTalkBackupFileCommand() => _paths = new PathResolver(this);

    /// <summary>Files and folders, wildcards allowed; URLs of blobs, containers and folders in them. By default the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = ["."];

    /// <summary>Files, folders and URLs, every character taken as it is.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralSet)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Looks into the folders of folders too.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Names of files to take from folders; by default *.bak, *.trn and *.dif.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Include { get; set; } = [];

    /// <summary>Databases to list; one whose name cannot be read is always listed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Database { get; set; } = [];

    /// <summary>Reads the transaction marks of log backups too.</summary>
    [Parameter]
    [Alias("IncludeMarks")]
    public SwitchParameter IncludeMark { get; set; }

    /// <summary>Shared access signature for the containers that -Path names by URL, with the permissions read and list: what stands behind the question mark.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SasToken { get; set; }

    /// <summary>Files read at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void Execute() => _paths.Add(LiteralPath ?? Path, LiteralPath is not null, WriteProblem);

    // Files alone are read without the assembly that knows servers and stores.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private IBlobStore OpenStore() => new BlobStore(SasToken);

    /// <inheritdoc/>
    protected override void Complete() => Stream(
        (log, stop) => new BackupFileReader(log) { IncludeMarks = IncludeMark, Databases = Database, Parallelism = ThrottleLimit, Blobs = _paths.Paths.Any(BlobUrl.Is) ? OpenStore() : null }
            .Read(new FileSelection(_paths.Paths) { Names = Include, Recurse = Recurse }, stop),
        reading =>
        {
            WriteObject(reading.Backups, enumerateCollection: true);
            WriteProblem(reading.Error);
        });
}
