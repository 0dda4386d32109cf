using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Applications: package, bindings and resource list of each, bindings and parties of the group, assemblies that are not Microsoft's, and files that the operator lists.</summary>
public sealed class ApplicationPart : IConfigurationPart
{
    // BizTalk Server 2016 is 3.12: its BTSTask is the first that exports parties.
    private static readonly Version s_exportsParties = new(3, 12);

    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.Application;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default) => null;

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        (IReadOnlyList<ApplicationRecord> applications, IReadOnlyList<PolicyRecord> policies) = ReadGroup(context, cancellationToken);
        IReadOnlyList<CachedAssembly> cached = AssemblyCache.Custom(context.Computer.Files);
        List<string> extras = ExtraFiles(context.Computer.Files, context.Options.ExtraFiles, out List<string> leftOut);
        using ApplicationKeeper keeper = new(context, new BtsTaskCommands(ManagementSource.Names(context.Computer, context.Options)));
        List<KeptApplication> kept = [];
        foreach (ApplicationRecord application in applications.Where(a => !a.IsSystem))
        {
            context.Ports.Log.Verbose($"Exporting the application {application.Name}.");
            kept.Add(keeper.Keep(application, cancellationToken));
        }

        keeper.KeepGroup(ProductVersion(context.Computer) >= s_exportsParties, cancellationToken);
        keeper.KeepInventory(new ApplicationInventory(1, kept, cached.Select(keeper.Keep).ToList(), extras.Select(keeper.KeepExtra).ToList(), policies));
        leftOut.AddRange(kept.SelectMany(k => k.MissingPasswords.Select(m => $"{k.Name}, {m.Port}: {m.Property} is not in the bindings{(m.IsCertain ? string.Empty : ", if there is one")}. Keep it yourself.")));
        leftOut.AddRange(keeper.InClear.Select(s => $"{s} stands in clear in the kept bindings; protect the folder."));
        leftOut.AddRange(applications.SelectMany(a => a.Assemblies).Where(a => !a.IsSystem && AssemblyCache.Find(context.Computer.Files, a) is null)
            .Select(a => $"{a} is not in the global assembly cache of {context.Computer.Name}: it is kept only inside the package of its application."));
        return new PartManifest(Part, context.Ports.Clock.UtcNow, keeper.Files)
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["applications"] = string.Join(",", kept.Select(k => k.Name)),
                ["policies"] = string.Join(",", policies.Select(p => FormattableString.Invariant($"{p.Name} {p.Major}.{p.Minor}"))),
            },
            LeftOut = leftOut,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) =>
        ManagementSource.Checks(context.Computer, Part, () => Look(context, kept, cancellationToken));

    private static IReadOnlyList<PartCheck> Look(PartContext context, PartManifest? kept, CancellationToken cancellationToken)
    {
        (IReadOnlyList<ApplicationRecord> applications, _) = ReadGroup(context, cancellationToken);
        List<PartCheck> checks = ApplicationChecks.Assemblies(context.Computer, applications);
        if (kept is null)
            return [.. checks, PartCheck.NothingKept(context.Computer.Name, ConfigurationPart.Application, "Backup-BizTalkApplication")];
        try
        {
            checks.AddRange(ApplicationChecks.Kept(context.Computer.Name, applications, ApplicationInventory.Read(context.Folder, kept)));
        }
        catch (RecoveryException unreadable)
        {
            checks.Add(new PartCheck(context.Computer.Name, ConfigurationPart.Application, "Kept", ApplicationInventory.FileName, CheckOutcome.Failed, unreadable.Message, unreadable.Hint) { Error = unreadable.Code });
        }

        return checks;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        ApplicationInventory inventory = ApplicationInventory.Read(context.Folder, kept);
        BindingsMap? map = ReadMap(context.Options.BindingsMap);
        map?.RequireUsed(inventory.Applications.Select(a => ReadBindings(context.Folder, InventoryFile.FileOf(a.Bindings, kept.Files))), context.Options.BindingsMap!);
        (IReadOnlyList<ApplicationRecord> applications, _) = ReadGroup(context, cancellationToken);
        return ApplicationPlanner.Plan(new ApplicationPlanFacts(inventory, kept.Files, [.. applications.Select(a => a.Name)], new BtsTaskCommands(ManagementSource.Names(context.Computer, context.Options))) { Map = map });
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) =>
        new ApplicationRun(context, new BtsTaskCommands(ManagementSource.Names(context.Computer, context.Options)), () => ReadGroup(context, cancellationToken).Applications, cancellationToken).Do(step);

    internal static BindingFile ReadBindings(IBackupFolder folder, KeptFile file)
    {
        using Stream stream = folder.Open(file);
        return BindingFile.Read(stream, file.Name);
    }

    private static (IReadOnlyList<ApplicationRecord> Applications, IReadOnlyList<PolicyRecord> Policies) ReadGroup(PartContext context, CancellationToken cancellationToken) => ManagementSource.Read(
        context,
        (instance, database) =>
        {
            GroupRecords group = instance.ReadGroup(database, cancellationToken);
            IReadOnlyList<ApplicationRecord> applications = instance.ReadApplications(database, cancellationToken);
            return (applications, group.RuleEngine is { } rules ? ReadPolicies(context, instance, rules, cancellationToken) : []);
        },
        cancellationToken);

    private static IReadOnlyList<PolicyRecord> ReadPolicies(PartContext context, ISqlInstance management, DatabaseAddress rules, CancellationToken cancellationToken)
    {
        if (string.Equals(rules.Server, management.Identity.ServerName, StringComparison.OrdinalIgnoreCase))
            return management.ReadPolicies(rules.Database, cancellationToken);
        using ISqlInstance instance = context.Ports.Sql.Open(ManagementSource.AddressOf(rules.Server, context.Options), cancellationToken);
        return instance.ReadPolicies(rules.Database, cancellationToken);
    }

    private static Version ProductVersion(IComputer computer) =>
        Version.TryParse(ProductKey.Value(computer.Registry, "ProductVersion"), out Version? version) ? version : new Version(0, 0);

    private static List<string> ExtraFiles(IComputerFiles files, IReadOnlyList<string> listed, out List<string> leftOut)
    {
        List<string> found = [];
        leftOut = [];
        foreach (string path in listed.Select(files.Expand))
        {
            if (files.FileExists(path))
                found.Add(path);
            else if (files.FolderExists(path))
                found.AddRange(files.List(path, "*", recurse: true).Select(f => f.Path));
            else
                leftOut.Add($"{path}, which was listed to be kept, is not there.");
        }

        return found.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
    }

    private static BindingsMap? ReadMap(string? path)
    {
        if (path is null)
            return null;
        try
        {
            return BindingsMap.Parse(File.ReadAllText(path, Encoding.UTF8), path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.BindingsMapInvalid, path, $"The bindings map {path} cannot be read: {unreadable.Message} Nothing was changed.", null, unreadable);
        }
    }
}
