using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>How the backup of one part ended.</summary>
/// <param name="Computer">The computer.</param>
/// <param name="Part">The part.</param>
/// <param name="Manifest">What is kept now; null when nothing is.</param>
/// <param name="Skipped">Why there was nothing to back up; null when there was.</param>
public sealed record PartBackup(string Computer, ConfigurationPart Part, PartManifest? Manifest, string? Skipped)
{
    /// <summary>Why it failed; null when it did not. An older backup of the part stays in the manifest.</summary>
    public RecoveryException? Error { get; init; }

    /// <summary>Folder of the computer's backup.</summary>
    public string Path { get; init; } = string.Empty;
}

/// <summary>Backs up and tests the parts of a computer, one after the other; one that fails does not keep the others from being backed up.</summary>
public sealed class ConfigurationBackup(IReadOnlyList<IConfigurationPart> parts, PartContext context)
{
    /// <summary>Backs up each part and puts it into the manifest as soon as it is written.</summary>
    /// <exception cref="RecoveryException">ComputerManifestInvalid: a manifest that is damaged or of another computer is not written over, its files are still worth something.</exception>
    public IEnumerable<PartBackup> Run(CancellationToken cancellationToken = default)
    {
        ComputerManifest manifest = ComputerManifestStore.FindOf(context.Folder, context.Computer.Name) ?? ComputerManifestStore.New(context.Computer.Name, context.Ports.Clock.UtcNow);
        manifest = Describe(manifest);
        foreach (IConfigurationPart part in parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Ports.Log.Verbose($"Backing up {part.Part} of {context.Computer.Name}.");
            PartBackup backup = Keep(part, cancellationToken);
            if (backup.Manifest is { } kept)
            {
                manifest = manifest.With(kept);
                ComputerManifestStore.Write(context.Folder, manifest);
                Warn(kept);
            }

            yield return backup;
        }
    }

    /// <summary>Backs up one part that was asked for by name. A computer without it is no error, but for the master secret: there is one in each group, and where it is matters.</summary>
    /// <exception cref="RecoveryException">What the part says; BackupMediaNotWritable.</exception>
    public PartBackup RunOne(CancellationToken cancellationToken = default)
    {
        IConfigurationPart part = parts[0];
        ComputerManifest manifest = Describe(ComputerManifestStore.FindOf(context.Folder, context.Computer.Name) ?? ComputerManifestStore.New(context.Computer.Name, context.Ports.Clock.UtcNow));
        try
        {
            if (part.Part != ConfigurationPart.MasterSecret && part.WhyNot(context, cancellationToken) is { } reason)
                return new PartBackup(context.Computer.Name, part.Part, null, reason) { Path = context.Folder.Path };
            PartManifest kept = part.Backup(context, cancellationToken);
            ComputerManifestStore.Write(context.Folder, manifest.With(kept));
            Warn(kept);
            return new PartBackup(context.Computer.Name, part.Part, kept, null) { Path = context.Folder.Path };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(part, error);
        }
    }

    /// <summary>Tests each part: what is kept of it, and the computer itself.</summary>
    public IEnumerable<PartCheck> Test(CancellationToken cancellationToken = default)
    {
        ComputerManifest? manifest = ComputerManifestStore.FindOf(context.Folder, context.Computer.Name);
        foreach (IConfigurationPart part in parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PartManifest? kept = manifest?.Parts.FirstOrDefault(p => p.Part == part.Part);
            foreach (KeptFile file in kept?.Files ?? [])
                yield return CheckFile(part.Part, file);
            foreach (PartCheck check in part.Test(context, kept, cancellationToken))
                yield return check;
        }
    }

    private PartBackup Keep(IConfigurationPart part, CancellationToken cancellationToken)
    {
        PartBackup nothing = new(context.Computer.Name, part.Part, null, null) { Path = context.Folder.Path };
        try
        {
            return part.WhyNot(context, cancellationToken) is { } reason ? nothing with { Skipped = reason } : nothing with { Manifest = part.Backup(context, cancellationToken) };
        }
        catch (RecoveryException error) when (error.Code != RecoveryError.OperationCancelled)
        {
            return nothing with { Error = error };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return nothing with { Error = NotWritable(part, error) };
        }
    }

    /// <summary>What is not kept has to be said at the time when it can still be fetched.</summary>
    private void Warn(PartManifest kept)
    {
        foreach (string one in kept.LeftOut)
            context.Ports.Log.Warning($"{context.Computer.Name}, {kept.Part}: {one}");
    }

    private RecoveryException NotWritable(IConfigurationPart part, Exception error) =>
        new(RecoveryError.BackupMediaNotWritable, context.Folder.Path, $"The part {part.Part} of {context.Computer.Name} could not be written to {context.Folder.Path}: {error.Message}", null, error);

    private PartCheck CheckFile(ConfigurationPart part, KeptFile file)
    {
        try
        {
            context.Folder.Open(file).Dispose();
            return new PartCheck(context.Computer.Name, part, "KeptFile", file.Name, CheckOutcome.Passed, "Its size and SHA-256 are those of the manifest.");
        }
        catch (RecoveryException error)
        {
            return new PartCheck(context.Computer.Name, part, "KeptFile", file.Name, CheckOutcome.Failed, error.Message, error.Hint) { Error = error.Code };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new PartCheck(context.Computer.Name, part, "KeptFile", file.Name, CheckOutcome.NotChecked, $"It could not be read: {error.Message}", "Get read access to the folder, then test again.") { Error = RecoveryError.BackupFileAccessDenied };
        }
    }

    private ComputerManifest Describe(ComputerManifest manifest) => manifest with
    {
        IsSimulated = context.Computer.IsSimulated,
        Edition = ProductKey.Value(context.Computer.Registry, "ProductEdition"),
        ProductVersion = ProductKey.Value(context.Computer.Registry, "ProductVersion"),
    };
}
