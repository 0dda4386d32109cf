using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>What Configuration.exe set up on a computer: exported configuration files and its snapshot as they are, without passwords, and a file that is built from what is set now.</summary>
/// <remarks>
/// Microsoft's documentation, "Working with the Configuration Framework": the file is exported in the window of Configuration; it has no switch for that, and no
/// file holds passwords. A restore joins what exists and never answers yes to a question that takes a feature away from the group.
/// </remarks>
public sealed class SetupPart : IConfigurationPart
{
    private const string ServerFact = "managementServer";
    private const string DatabaseFact = "managementDatabase";

    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.Configuration;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default) =>
        new SetupReader(context, cancellationToken).ProductValue("InstallPath").Length == 0 ? $"BizTalk Server is not installed on {context.Computer.Name}." : null;

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        SetupReader reader = new(context, cancellationToken);
        string folder = InventoryFile.NewFolder(context, SetupInventory.Folder);
        List<KeptFile> files = [];
        List<KeptConfiguration> kept = [];
        List<string> leftOut = [];
        ConfigurationFile? snapshot = null;
        DateTime now = context.Ports.Clock.UtcNow;
        foreach (string path in context.Options.ConfigurationFiles)
            Keep(path);
        if (reader.Snapshot() is { } main)
            snapshot = Keep(main);
        LiveSetup live = reader.Live();
        ConfigurationFile built = ConfigurationFileBuilder.Build(snapshot, live);
        string name = folder + "/built.xml";
        files.Add(context.Folder.Keep(name, built.Save));
        kept.Add(new KeptConfiguration(name, "built from what is set"));
        string use = context.Options.ConfigurationFiles.Count > 0 ? kept[0].File : name;
        if (context.Options.ConfigurationFiles.Count == 0)
        {
            leftOut.Add("No file that was exported in the window of Configuration was named: a restore uses one that was built from what is set now. Export one and name it with -ConfigurationFile.");
            leftOut.AddRange(built.WhatIsWrong().Select(w => $"The built file is not complete: {w}."));
        }

        leftOut.Add($"The passwords of {string.Join(", ", built.Accounts())}: Configuration keeps none. Keep them yourself.");
        files.Add(InventoryFile.Write(context.Folder, $"{folder}/{SetupInventory.FileName}", new SetupInventory(1, context.Computer.Name, use, kept)));
        return new PartManifest(Part, now, files)
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ServerFact] = live.Databases.Management.Server, [DatabaseFact] = live.Databases.Management.Database,
                ["features"] = string.Join(";", built.Features), ["accounts"] = string.Join(";", built.Accounts()),
            },
            LeftOut = leftOut,
        };

        ConfigurationFile Keep(string path)
        {
            string source = context.Computer.Files.Expand(path);
            if (!context.Computer.Files.FileExists(source))
                throw new RecoveryException(RecoveryError.ConfigurationFileInvalid, path, $"The configuration file {source} is not on {context.Computer.Name}. Nothing was kept of this part.");
            ConfigurationFile file;
            using (Stream stream = context.Computer.Files.Read(source))
                file = ConfigurationFile.Read(stream, source);
            if (file.EmptySecrets())
                leftOut.Add($"{source} held passwords in clear: they were not kept. Empty them in the file.");
            string keptName = FormattableString.Invariant($"{folder}/configuration{kept.Count + 1}.xml");
            files.Add(context.Folder.Keep(keptName, file.Save, source));
            kept.Add(new KeptConfiguration(keptName, source));
            return file;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default)
    {
        if (WhyNot(context, cancellationToken) is { } reason)
            return [new PartCheck(context.Computer.Name, Part, "Installed", context.Computer.Name, CheckOutcome.NotChecked, reason)];
        if (kept is null)
            return [PartCheck.NothingKept(context.Computer.Name, Part, "Backup-BizTalkConfiguration")];
        List<PartCheck> checks = [LeftFiles(context.Computer)];
        try
        {
            checks.AddRange(SetupChecks.OfFile(context.Computer.Name, SetupInventory.Read(context.Folder, kept).Open(context.Folder, kept)));
        }
        catch (RecoveryException unreadable)
        {
            checks.Add(new PartCheck(context.Computer.Name, Part, "Kept", SetupInventory.FileName, CheckOutcome.Failed, unreadable.Message, unreadable.Hint) { Error = unreadable.Code });
            return checks;
        }

        checks.AddRange(ManagementSource.Checks(context.Computer, Part, () => Compare(context, kept, cancellationToken)));
        return checks;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        (SetupFacts facts, ConfigurationFile file) = Gather(context, kept, cancellationToken);
        foreach (KeyValuePair<string, System.Security.SecureString> one in context.Options.ServiceCredentials.Where(c => !SecretText.FitsXml(c.Value)))
            throw new RecoveryException(RecoveryError.ConfigurationPasswordMissing, one.Key, $"The password of {one.Key} holds a character that no configuration file can hold. Nothing was changed.", "Give the account another password, or configure the computer in the window of Configuration.");
        return SetupPlanner.Plan(facts, manifest, file);
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default)
    {
        ComputerManifest manifest = ComputerManifestStore.Find(context.Folder) ?? throw new RecoveryException(RecoveryError.ComputerManifestMissing, context.Folder.Path, $"There is no backup of a computer in {context.Folder.Path}.");
        (SetupFacts facts, ConfigurationFile file) = Gather(context, manifest.Part(Part), cancellationToken);
        return new SetupRun(context, facts, manifest, file, cancellationToken).Do((SetupStep)step);
    }

    private static (SetupFacts Facts, ConfigurationFile File) Gather(PartContext context, PartManifest kept, CancellationToken cancellationToken)
    {
        SetupReader reader = new(context, cancellationToken);
        ConfigurationFile file = SetupInventory.Read(context.Folder, kept).Open(context.Folder, kept);
        DatabaseAddress management = Management(context, kept);
        IReadOnlyList<(DatabaseAddress Database, string Reason)> absent;
        try
        {
            SetupDatabases databases = reader.Databases(management);
            databases.PutInto(file);
            absent = reader.Absent(databases);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.DatabasesAbsent or RecoveryError.InstanceUnreachable)
        {
            absent = [(management, error.Message)];
        }

        file.JoinAndKeep();
        string? script = context.Options.RestoreConfigScript is { } given && context.Computer.Files.FileExists(given) ? given : null;
        SetupFacts facts = new(
            context.Computer.Name, reader.ProductValue("ProductEdition"), reader.ProductValue("ProductVersion"), context.Computer.Tools.Find(ExternalTool.Configuration) is not null, absent,
            context.Options.ServiceCredentials.Keys.ToList(), script);
        return (facts, file);
    }

    /// <summary>The Management database: as the operator or the registry says; on a computer that was set up anew, as the backup does.</summary>
    private static DatabaseAddress Management(PartContext context, PartManifest kept)
    {
        try
        {
            return ManagementSource.Names(context.Computer, context.Options);
        }
        catch (RecoveryException unknown) when (unknown.Code == RecoveryError.NotAManagementDatabase && kept.Facts.TryGetValue(ServerFact, out string? server) && kept.Facts.TryGetValue(DatabaseFact, out string? database))
        {
            return new DatabaseAddress(server, database);
        }
    }

    private static IReadOnlyList<PartCheck> Compare(PartContext context, PartManifest kept, CancellationToken cancellationToken)
    {
        SetupReader reader = new(context, cancellationToken);
        ConfigurationFile file = SetupInventory.Read(context.Folder, kept).Open(context.Folder, kept);
        return SetupChecks.Compare(context.Computer.Name, file, ConfigurationFileBuilder.Build(null, reader.Live()));
    }

    private static PartCheck LeftFiles(IComputer computer) => SetupRun.LeftFiles(computer) is { Count: > 0 } left
        ? new PartCheck(computer.Name, ConfigurationPart.Configuration, "LeftFiles", left[0], CheckOutcome.Failed, $"A restore that was killed left files with passwords: {string.Join(", ", left)}.", "Go on with the restore, which wipes them; or overwrite and delete them, and change these passwords.") { Error = RecoveryError.ConfigurationFailed }
        : new PartCheck(computer.Name, ConfigurationPart.Configuration, "LeftFiles", computer.Name, CheckOutcome.Passed, "No restore left a file with passwords.");
}
