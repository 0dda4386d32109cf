using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>The certificates that ports, parties, hosts and the group use: kept as .cer, with their keys as PKCS #12.</summary>
/// <remarks>
/// Personal of the current user is the one of the account that runs this: own keys of a host are kept when it runs under that host's account.
/// </remarks>
public sealed class CertificatePart : IConfigurationPart
{
    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.Certificate;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default)
    {
        CertificateUses uses = Uses(context, cancellationToken);
        return uses.Uses.Count + uses.Unreadable.Count == 0 ? "No port, party or host of the group, nor the group itself, names a certificate." : null;
    }

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        CertificateUses uses = Uses(context, cancellationToken);
        CertificateSelection selection = CertificatePlanner.Select(uses, CertificatePlaces.List(context.Computer.Certificates));
        CertificateKeeper keeper = new(context);
        List<KeptCertificate> kept = [];
        foreach (StoredCertificate one in selection.Certificates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            kept.Add(keeper.Keep(one));
        }

        keeper.KeepInventory(new CertificateInventory(1, uses.Uses, kept));
        return new PartManifest(Part, context.Ports.Clock.UtcNow, keeper.Files)
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["thumbprints"] = string.Join(",", uses.Thumbprints),
                ["keysKept"] = string.Join(",", kept.Where(k => k.KeyFile is not null).Select(k => k.Thumbprint).Distinct(StringComparer.Ordinal)),
            },
            LeftOut = [.. selection.LeftOut, .. uses.Unreadable.Select(u => $"{u} is no thumbprint; nothing was kept for it."), .. keeper.LeftOut],
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) =>
        ManagementSource.Checks(context.Computer, Part, () => Look(context, kept, cancellationToken));

    private static IReadOnlyList<PartCheck> Look(PartContext context, PartManifest? kept, CancellationToken cancellationToken)
    {
        IComputer computer = context.Computer;
        CertificateUses uses = Uses(context, cancellationToken);
        List<PartCheck> checks = [AddressBook(computer), .. CertificateAudit.Check(computer.Name, uses, CertificatePlaces.List(computer.Certificates), context.Ports.Clock.UtcNow)];
        if (kept is not null)
            checks.AddRange(new CertificateBackupTest(context, kept).Check(uses));
        else if (uses.Uses.Count > 0)
            checks.Add(PartCheck.NothingKept(computer.Name, ConfigurationPart.Certificate, "Backup-BizTalkCertificate"));
        return checks;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        ICertificateStores stores = context.Computer.Certificates;
        CertificateInventory inventory = CertificateInventory.Read(context.Folder, kept);
        IReadOnlyList<PartStep> steps = CertificatePlanner.Plan(
            inventory, kept.Files, CertificatePlaces.List(stores), stores.StoreExists(CertificatePlaces.LocalMachine, CertificatePlaces.OtherPeople));
        foreach (ImportCertificateStep step in steps.OfType<ImportCertificateStep>())
            RequireUsable(context, step);
        return steps;
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) => step switch
    {
        CreateStoreStep create => Create(context.Computer.Certificates, create),
        ImportCertificateStep import => Import(context, import),
        _ => CheckBindings(context, step, cancellationToken),
    };

    private static PartStepResult Create(ICertificateStores stores, CreateStoreStep step)
    {
        if (stores.StoreExists(step.Location, step.Store))
            return new PartStepResult(step, StepState.NotNeeded, "The store is there.");
        stores.CreateStore(step.Location, step.Store);
        return stores.StoreExists(step.Location, step.Store)
            ? new PartStepResult(step, StepState.Done, "The store is there now.")
            : throw new RecoveryException(RecoveryError.StepFailed, step.Store, $"The store {step.Location}\\{step.Store} was made, and is not there.");
    }

    private static PartStepResult Import(PartContext context, ImportCertificateStep step)
    {
        ICertificateStores stores = context.Computer.Certificates;
        KeptCertificate one = step.Certificate;
        if (IsThere(stores, one))
            return new PartStepResult(step, StepState.NotNeeded, "It is there.");
        byte[] content = Content(context, step);
        if (one.KeyFile is null)
            stores.Import(one.Location, one.Store, content);
        else
            stores.ImportPfx(one.Location, one.Store, content, KeyFilePassword.Of(context, step.Envelope), exportable: true);
        return IsThere(stores, one)
            ? new PartStepResult(step, StepState.Done, "It is there now.")
            : throw new RecoveryException(RecoveryError.StepFailed, one.Thumbprint, $"The certificate {one.Thumbprint} was imported into {one.Location}\\{one.Store}, and is not there.");
    }

    private static PartStepResult CheckBindings(PartContext context, PartStep step, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredCertificate> stored = CertificatePlaces.List(context.Computer.Certificates);
        List<CertificateUse> unbound = Uses(context, cancellationToken).Uses.Where(u => !CertificateAudit.IsBound(u, stored)).ToList();
        List<CertificateUse> missing = unbound.Where(u => !u.NeedsPrivateKey).ToList();
        if (missing.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.CertificateMissing, missing[0].Thumbprint,
                $"These certificates are not where BizTalk Server looks for them: {string.Join("; ", missing.Select(u => $"{u.Thumbprint} of {u.UsedBy}, in {CertificatePlaces.NameFor(u.Purpose)}"))}.");
        }

        return unbound.Count == 0
            ? new PartStepResult(step, StepState.Done, "Everything that names a certificate finds it in the stores that this account sees. "
                + "Own private keys are needed in Personal of each host instance's account: run Test-BizTalkCertificate under each that is not this one.")
            : new PartStepResult(step, StepState.Manual, "Own private keys are looked for in Personal of each host instance's account, and this account does not have: "
                + string.Join("; ", unbound.Select(u => $"{u.Thumbprint} of {u.UsedBy}")) + ". Run Test-BizTalkCertificate under the account of the host, and import the key there.");
    }

    /// <summary>Everything that an import would find out, before anything is changed.</summary>
    private static void RequireUsable(PartContext context, ImportCertificateStep step)
    {
        byte[] content = Content(context, step);
        string thumbprint = step.Certificate.KeyFile is null
            ? context.Computer.Certificates.ReadThumbprint(content)
            : context.Computer.Certificates.ReadPfx(content, KeyFilePassword.Of(context, step.Envelope));
        if (!string.Equals(thumbprint, step.Certificate.Thumbprint, StringComparison.OrdinalIgnoreCase))
            throw new RecoveryException(RecoveryError.CertificateFileInvalid, step.File.Name, $"{step.File.Name} holds the certificate {thumbprint}, not {step.Certificate.Thumbprint}. Nothing was changed.");
    }

    private static byte[] Content(PartContext context, ImportCertificateStep step)
    {
        using Stream stream = context.Folder.Open(step.File);
        return KeyFilePassword.Bytes(stream);
    }

    private static bool IsThere(ICertificateStores stores, KeptCertificate one) => stores.List(one.Location, one.Store).Any(s => CertificatePlanner.IsThere(one, s));

    private static PartCheck AddressBook(IComputer computer) => computer.Certificates.StoreExists(CertificatePlaces.LocalMachine, CertificatePlaces.OtherPeople)
        ? new PartCheck(computer.Name, ConfigurationPart.Certificate, "AddressBookStore", computer.Name, CheckOutcome.Passed, @"The store Local Machine\Other People is there.")
        : new PartCheck(computer.Name, ConfigurationPart.Certificate, "AddressBookStore", computer.Name, CheckOutcome.Failed, @"There is no store Local Machine\Other People (AddressBook).", "Restore-BizTalkCertificate makes it; certutil -addstore AddressBook makes it, too.")
        {
            Error = RecoveryError.CertificateMissing,
        };

    private static CertificateUses Uses(PartContext context, CancellationToken cancellationToken) =>
        CertificateUses.From(ManagementSource.Read(context, (instance, database) => instance.ReadCertificateRecords(database, cancellationToken), cancellationToken));
}
