using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>The BAM portal: its application pool, virtual applications and Web.config files, in a form that another computer can use; BAM's configuration and definitions.</summary>
/// <remarks>
/// Microsoft's steps back the whole configuration of IIS up (<c>appcmd add backup</c>): passwords in it are encrypted with the computer's own keys, so it goes back to the
/// same computer alone. This part keeps what the portal needs, without the password of its pool; a Web.config is kept as it is.
/// </remarks>
public sealed class PortalPart : IConfigurationPart
{
    private const int FirstWithService = 11;

    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.BamPortal;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default)
    {
        if (PrimaryImport(context, cancellationToken) is null)
            return "BAM is not configured in the group.";
        if (context.Computer.Tools.Find(ExternalTool.AppCmd) is null)
            return $"IIS is not installed on {context.Computer.Name}: there is no appcmd.";
        return new PortalReader(context.Computer, cancellationToken).HasPool(PortalInventory.PoolName) ? null : $"{context.Computer.Name} has no application pool {PortalInventory.PoolName}: the portal is not on it.";
    }

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        DatabaseAddress primaryImport = RequirePrimaryImport(context, cancellationToken);
        PortalReader reader = new(context.Computer, cancellationToken);
        PortalPool pool = reader.Pool(PortalInventory.PoolName) ?? throw NoPool(context.Computer);
        IReadOnlyList<PortalApplication> applications = reader.Applications(pool.Name);
        string folder = InventoryFile.NewFolder(context, PortalInventory.Folder);
        List<KeptFile> files = [];
        List<string> leftOut = [];
        List<KeptWebConfig> configs = [];
        foreach (string path in applications.Select(a => a.PhysicalPath.TrimEnd('\\') + "\\Web.config").Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!context.Computer.Files.FileExists(path))
            {
                leftOut.Add($"{path} is not there.");
                continue;
            }

            string name = FormattableString.Invariant($"{folder}/web{configs.Count + 1}.config");
            files.Add(context.Folder.Keep(name, context.Computer.Files, path));
            configs.Add(new KeptWebConfig(path, name));
        }

        AlertKind alerts = KeepBam(context, folder, primaryImport, files, cancellationToken);
        files.Add(InventoryFile.Write(context.Folder, $"{folder}/{PortalInventory.FileName}", new PortalInventory(1, context.Computer.Name, pool, applications, configs, alerts)));
        if (pool.NeedsPassword)
            leftOut.Add($"The password of {pool.UserName}, under which {pool.Name} runs. Keep it yourself.");
        return new PartManifest(Part, context.Ports.Clock.UtcNow, files)
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["poolAccount"] = pool.UserName, ["applications"] = string.Join(",", applications.Select(a => a.Name)), ["alerts"] = alerts.ToString() },
            LeftOut = leftOut,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) =>
        ManagementSource.Checks(context.Computer, Part, () => Look(context, kept, cancellationToken));

    private IReadOnlyList<PartCheck> Look(PartContext context, PartManifest? kept, CancellationToken cancellationToken)
    {
        string computer = context.Computer.Name;
        if (WhyNot(context, cancellationToken) is { } reason)
        {
            return kept is null
                ? [new PartCheck(computer, Part, "Portal", computer, CheckOutcome.Passed, $"There is no portal, and none is kept: {reason}")]
                : [new PartCheck(computer, Part, "Portal", computer, CheckOutcome.Failed, $"A portal is kept, and there is none: {reason}", "Restore-BizTalkBamPortal makes it.") { Error = RecoveryError.PortalIncomplete }];
        }

        if (kept is null)
            return [PartCheck.NothingKept(computer, Part, "Backup-BizTalkBamPortal")];
        try
        {
            return PortalChecks.Of(context.Computer, PortalInventory.Read(context.Folder, kept), RequirePrimaryImport(context, cancellationToken), cancellationToken);
        }
        catch (RecoveryException unreadable)
        {
            return [new PartCheck(context.Computer.Name, Part, "Kept", PortalInventory.FileName, CheckOutcome.Failed, unreadable.Message, unreadable.Hint) { Error = unreadable.Code }];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        PortalReader reader = new(context.Computer, cancellationToken);
        bool hasPool = reader.HasPool(PortalInventory.PoolName);
        return PortalPlanner.Plan(
            PortalInventory.Read(context.Folder, kept), kept.Files, hasPool, hasPool ? reader.ApplicationNames(PortalInventory.PoolName) : [], RequirePrimaryImport(context, cancellationToken));
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) => new PortalRun(context, cancellationToken).Do(step);

    /// <exception cref="RecoveryException"><see cref="RecoveryError.ToolFailed"/>: it is no XML.</exception>
    internal static XElement ReadConfiguration(IComputer computer, string path)
    {
        try
        {
            using Stream stream = computer.Files.Read(path);
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException wrong)
        {
            throw new RecoveryException(RecoveryError.ToolFailed, "bm.exe get-config", $"What bm.exe get-config wrote on {computer.Name} is no XML: {wrong.Message}", null, wrong);
        }
    }

    private static AlertKind KeepBam(PartContext context, string folder, DatabaseAddress primaryImport, List<KeptFile> files, CancellationToken cancellationToken)
    {
        using ToolScratch scratch = new(context.Computer);
        string configuration = scratch.NewFile(".xml"), definitions = scratch.NewFile(".xml");
        scratch.Run(PortalCommands.GetConfiguration(context.Computer.Files.ToHostPath(configuration), primaryImport), null, cancellationToken);
        scratch.Run(PortalCommands.GetDefinitions(context.Computer.Files.ToHostPath(definitions), primaryImport), null, cancellationToken);
        files.Add(context.Folder.Keep($"{folder}/{PortalInventory.BamConfiguration}", context.Computer.Files, configuration));
        files.Add(context.Folder.Keep($"{folder}/{PortalInventory.BamDefinitions}", context.Computer.Files, definitions));
        XElement root = ReadConfiguration(context.Computer, configuration);
        bool hasAlerts = root.Descendants().Any(e => e.Name.LocalName == "DeploymentUnit" && (string?)e.Attribute("Name") == "Alert" && e.Elements().Any(p => ((string?)p.Attribute("Name"))?.IndexOf("Server", StringComparison.Ordinal) >= 0 && p.Value.Trim().Length > 0));
        return !hasAlerts ? AlertKind.None : SqlVersion(context, primaryImport, cancellationToken) >= FirstWithService ? AlertKind.Service : AlertKind.NotificationServices;
    }

    private static int SqlVersion(PartContext context, DatabaseAddress primaryImport, CancellationToken cancellationToken) => ManagementSource.Read(
        context,
        (management, _) =>
        {
            if (string.Equals(primaryImport.Server, management.Identity.ServerName, StringComparison.OrdinalIgnoreCase))
                return management.Identity.Version.Major;
            using ISqlInstance instance = context.Ports.Sql.Open(ManagementSource.AddressOf(primaryImport.Server, context.Options), cancellationToken);
            return instance.Identity.Version.Major;
        },
        cancellationToken);

    private static DatabaseAddress? PrimaryImport(PartContext context, CancellationToken cancellationToken) =>
        ManagementSource.Read(context, (instance, database) => instance.ReadGroup(database, cancellationToken).BamPrimaryImport, cancellationToken);

    private static DatabaseAddress RequirePrimaryImport(PartContext context, CancellationToken cancellationToken) => PrimaryImport(context, cancellationToken)
        ?? throw new RecoveryException(RecoveryError.PartNotKept, context.Computer.Name, "BAM is not configured in the group: it has no BAM Primary Import database, so there is no portal to bring back.");

    private static RecoveryException NoPool(IComputer computer) => new(RecoveryError.StepFailed, PortalInventory.PoolName, $"{computer.Name} has no application pool {PortalInventory.PoolName}.");
}
