using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>Does the steps of the portal's restore, each with a look at what it brought.</summary>
internal sealed class PortalRun(PartContext context, CancellationToken cancellationToken)
{
    private const string AlertService = "BAMAlerts";
    private static readonly TimeSpan s_serviceTimeout = TimeSpan.FromMinutes(2);
    private readonly IComputer _computer = context.Computer;
    private readonly PortalReader _reader = new(context.Computer, cancellationToken);

    public PartStepResult Do(PartStep step) => step switch
    {
        AddPoolStep add => AddPool(add),
        AddApplicationStep add => AddApplication(add),
        WebConfigStep config => WriteConfig(config),
        PoolIdentityStep identity => SetIdentity(identity),
        StartPoolStep start => StartPool(start),
        AlertsStep alerts => Alerts(alerts),
        PortalCheckStep check => Check(check),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private PartStepResult AddPool(AddPoolStep step)
    {
        if (_reader.HasPool(step.Pool.Name))
            return new PartStepResult(step, StepState.NotNeeded, "It is there.");
        Run(PortalCommands.AddPool(step.Pool));
        return _reader.HasPool(step.Pool.Name) ? new PartStepResult(step, StepState.Done, "It is there now.") : throw Failed(step, "appcmd made the pool without an error, and it is not there");
    }

    private PartStepResult AddApplication(AddApplicationStep step)
    {
        if (IsThere(step))
            return new PartStepResult(step, StepState.NotNeeded, "It is there.");
        Run(PortalCommands.AddApplication(step.Application));
        Run(PortalCommands.SetPool(step.Application, step.Pool));
        return IsThere(step) ? new PartStepResult(step, StepState.Done, "It is there now.") : throw Failed(step, "appcmd made the application without an error, and the pool does not list it");
    }

    private PartStepResult WriteConfig(WebConfigStep step)
    {
        WebConfig config;
        using (Stream kept = context.Folder.Open(step.File))
            config = WebConfig.Read(kept, step.File.Name);
        IReadOnlyList<string> changed = config.Adapt(step.OldComputer, _computer.Name, step.PrimaryImport);
        using MemoryStream wanted = new();
        config.Save(wanted);
        if (_computer.Files.FileExists(step.Kept.Path))
        {
            using Stream there = _computer.Files.Read(step.Kept.Path);
            wanted.Position = 0;
            if (ContentHash.Of(there) == ContentHash.Of(wanted))
                return new PartStepResult(step, StepState.NotNeeded, "It is there.");
            there.Position = 0;
            // A run before this one may have put the original aside already.
            string aside = step.Kept.Path + ".before-restore";
            for (int number = 2; _computer.Files.FileExists(aside); number++)
                aside = FormattableString.Invariant($"{step.Kept.Path}.before-restore-{number}");
            _computer.Files.Write(aside, FileProtection.Inherited, there.CopyTo);
        }

        _computer.Files.Write(step.Kept.Path, FileProtection.Inherited, config.Save);
        return new PartStepResult(step, StepState.Done, changed.Count == 0 ? "Written as it was kept." : $"Written; changed for this computer: {string.Join(", ", changed)}.");
    }

    /// <summary>A password would have to stand on appcmd's command line: it is left to people.</summary>
    private PartStepResult SetIdentity(PoolIdentityStep step)
    {
        PortalPool wanted = step.Pool;
        if (!wanted.NeedsPassword)
        {
            Run(PortalCommands.SetIdentityType(wanted.Name, wanted.IdentityType));
            return wanted.WhyNotIdentity(_reader.Pool(wanted.Name)) is { } why ? throw Failed(step, why) : new PartStepResult(step, StepState.Done, $"It runs as {wanted.IdentityType}.");
        }

        return new PartStepResult(step, StepState.Manual, $"Set the identity of the application pool {wanted.Name} to {wanted.UserName} with its password (IIS Manager, Application Pools, Advanced Settings, Identity).");
    }

    private PartStepResult StartPool(StartPoolStep step)
    {
        // Nobody could look whether people set the account; a pool that IIS made starts without.
        string pool = step.Pool.Name;
        if (step.Pool.WhyNotIdentity(_reader.Pool(pool)) is { } why)
            throw Failed(step, why);
        if (IsStarted(pool))
            return new PartStepResult(step, StepState.NotNeeded, "It runs.");
        Run(PortalCommands.StartPool(pool));
        return IsStarted(pool) ? new PartStepResult(step, StepState.Done, "It runs now.") : throw Failed(step, $"the pool is {_reader.Attribute(pool, "state") ?? "not there"}");
    }

    /// <remarks>
    /// Facts: since SQL Server 2012 there is no Notification Services; Microsoft's recovery pages still describe nscontrol. Its commands take a password on the command
    /// line and are therefore typed by people.
    /// </remarks>
    private PartStepResult Alerts(AlertsStep step)
    {
        if (step.Kind == AlertKind.NotificationServices)
        {
            return new PartStepResult(step, StepState.Manual, "On each computer that the Alert unit of BAM's configuration names: net stop NS$BamAlerts; nscontrol unregister -name BamAlerts; "
                + $"nscontrol register -name BamAlerts -server {step.Server} -service -serviceusername <account> -servicepassword <password>; net start NS$BamAlerts. On the portal's computer register without -service.");
        }

        if (_computer.Services.Find(AlertService) is not { } service)
            return new PartStepResult(step, StepState.Manual, $"The service {AlertService} is not on {_computer.Name}: configure BAM alerts in BizTalk Server Configuration, and make Database Mail's profile and account on {step.Server} anew.");
        if (service.State != ServiceState.Running)
            _computer.Services.Start(AlertService, s_serviceTimeout);
        return new PartStepResult(step, service.State == ServiceState.Running ? StepState.NotNeeded : StepState.Done, $"The service {AlertService} runs. See that Database Mail sends on {step.Server}.");
    }

    private PartStepResult Check(PortalCheckStep step)
    {
        List<PartCheck> failed = PortalChecks.Of(_computer, step.Kept, step.PrimaryImport, cancellationToken).Where(c => c.Outcome == CheckOutcome.Failed).ToList();
        return failed.Count == 0
            ? new PartStepResult(step, StepState.Done, "The pool runs, its applications are there, their settings name today's servers.")
            : throw new RecoveryException(RecoveryError.PortalIncomplete, failed[0].Subject, $"The portal of {_computer.Name} is not whole: {string.Join(" ", failed.Select(f => $"{f.Subject}: {f.Text}"))}");
    }

    private bool IsThere(AddApplicationStep step) => _reader.ApplicationNames(step.Pool).Contains(step.Application.Name, StringComparer.OrdinalIgnoreCase);

    private bool IsStarted(string pool) => string.Equals(_reader.Attribute(pool, "state"), "Started", StringComparison.OrdinalIgnoreCase);

    private void Run(ToolCommand command)
    {
        using ToolScratch scratch = new(_computer);
        scratch.Run(command, null, cancellationToken);
    }

    private static RecoveryException Failed(PartStep step, string why) => new(RecoveryError.StepFailed, step.Id, $"The step '{step.Text}' failed: {why}.");
}
