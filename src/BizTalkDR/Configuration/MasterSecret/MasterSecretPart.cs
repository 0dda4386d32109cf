using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>The master secret of Enterprise SSO: the one thing of a group that nothing else can bring back.</summary>
public sealed class MasterSecretPart : IConfigurationPart
{
    private const string IdsFact = "SecretIds";
    private const string Temporary = @"%TEMP%\biztalkdr-{0:N}.sso";

    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.MasterSecret;

    /// <summary>Ids of the master secrets that a backup holds.</summary>
    public static SecretIds IdsOf(PartManifest kept) => SecretIds.Of(kept.Facts.TryGetValue(IdsFact, out string? ids) ? ids.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) : []);

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default)
    {
        if (!context.Computer.SingleSignOn.IsInstalled)
            return "Enterprise Single Sign-On is not installed.";
        SingleSignOnInfo info = context.Computer.SingleSignOn.ReadInfo();
        return info.IsSecretServer ? null : $"The master secret is on {info.SecretServer}.";
    }

    /// <inheritdoc/>
    /// <exception cref="RecoveryException">SecretOnlyOnItsComputer, SecretPasswordMissing, SecretMissing, SecretBackupUnproven, and those of SSO.</exception>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        IComputer computer = context.Computer;
        if (WhyNot(context, cancellationToken) is { } reason)
            throw new RecoveryException(RecoveryError.NotTheSecretServer, computer.Name, $"There is no master secret to back up on {computer.Name}. {reason}");
        if (computer.Files.IsOwnDisk(context.Folder.Path))
            throw new RecoveryException(RecoveryError.SecretOnlyOnItsComputer, context.Folder.Path, $"The folder {context.Folder.Path} lies on a disk of {computer.Name}, whose master secret is to be kept there. Nothing was written.");
        if (context.Options.SecretPassword is not { Length: > 0 } password)
            throw new RecoveryException(RecoveryError.SecretPasswordMissing, computer.Name, $"No password was passed for the backup of the master secret of {computer.Name}.");
        MasterSecretFacts before = MasterSecretFacts.Read(computer);
        if (before.SecretIds.IsEmpty)
            throw new RecoveryException(RecoveryError.SecretMissing, computer.Name, $"The registry of {computer.Name} holds no master secret.");

        string path = computer.Files.Expand(string.Format(CultureInfo.InvariantCulture, Temporary, Guid.NewGuid()));
        try
        {
            computer.SingleSignOn.BackupSecret(path, password, context.Options.SecretReminder ?? string.Empty);
            SecretIds ids = ProvenIds(computer, path);
            DateTime now = context.Ports.Clock.UtcNow;
            KeptFile file = context.Folder.Keep($"master-secret/master-secret-{now:yyyyMMdd'T'HHmmssfff}.sso", computer.Files, path);
            return new PartManifest(Part, now, [file with { Source = null, Needs = "The password it was written with." }])
            {
                Facts = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [IdsFact] = ids.ToString(),
                    ["SecretServer"] = before.Info!.SecretServer,
                    ["SqlServer"] = before.Info.SqlServer,
                    ["Database"] = before.Info.Database,
                },
            };
        }
        finally
        {
            computer.Files.Delete(path);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) =>
        MasterSecretChecks.Of(MasterSecretFacts.Read(context.Computer), kept, context.Computer.Files.IsOwnDisk(context.Folder.Path));

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        if (context.Options.SecretPassword is not { Length: > 0 })
            throw new RecoveryException(RecoveryError.SecretPasswordMissing, context.Computer.Name, "No password was passed for the backup of the master secret. Nothing was changed.");
        IReadOnlyList<MasterSecretStep> steps = MasterSecretPlanner.Plan(MasterSecretFacts.Read(context.Computer), kept, context.Options.MoveSecretServer);
        context.Folder.Open(File(kept)).Dispose();
        return steps;
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) => new MasterSecretRun(context, KeptIn(context)).Do((MasterSecretStep)step);

    /// <summary>The file that a backup keeps.</summary>
    internal static KeptFile File(PartManifest kept) => kept.Files.Count == 1 ? kept.Files[0]
        : throw new RecoveryException(RecoveryError.ComputerManifestInvalid, kept.Part, $"The manifest names {kept.Files.Count} files for the master secret; there is one.");

    private static PartManifest KeptIn(PartContext context) => (ComputerManifestStore.Find(context.Folder)
        ?? throw new RecoveryException(RecoveryError.ComputerManifestMissing, context.Folder.Path, $"There is no backup of a computer in {context.Folder.Path}.")).Part(ConfigurationPart.MasterSecret);

    /// <summary>The event of this very file and the registry must name the same secrets: the path holds an id of its own, so no other event can be meant.</summary>
    private static SecretIds ProvenIds(IComputer computer, string path)
    {
        string name = path.Substring(path.LastIndexOf('\\') + 1);
        LoggedEvent written = computer.Events.Read(MasterSecretFacts.Source, [10559]).FirstOrDefault(e => e.Message.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0)
            ?? throw Unproven(computer, "no event 10559 names the file");
        SecretIds inFile = SecretIds.In(written.Message.Replace(name, string.Empty)), now = MasterSecretFacts.Read(computer).SecretIds;
        return !inFile.IsEmpty && inFile.Equals(now) ? now : throw Unproven(computer, $"event 10559 names {inFile}, the registry {now}");
    }

    private static RecoveryException Unproven(IComputer computer, string why) =>
        new(RecoveryError.SecretBackupUnproven, computer.Name, $"Nothing proves that the file holds the current master secret of {computer.Name}: {why}. The file was deleted again.");
}
