using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Does the steps that configure a computer again, each with a look at what it brought.</summary>
/// <param name="context">The computer.</param>
/// <param name="facts">What the computer says now.</param>
/// <param name="manifest">The backup.</param>
/// <param name="file">The configuration file, with today's databases in it.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class SetupRun(PartContext context, SetupFacts facts, ComputerManifest manifest, ConfigurationFile file, CancellationToken cancellationToken)
{
    /// <summary>How the names of our temporary files begin: a run that was killed leaves one, and the next one wipes it.</summary>
    public const string TemporaryName = "biztalkdr-configuration-";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly IComputer _computer = context.Computer;
    private readonly SetupReader _reader = new(context, cancellationToken);

    public PartStepResult Do(SetupStep step) => step switch
    {
        PrerequisitesStep => Prerequisites(step),
        ConfigureStep configure => Configure(configure),
        RestoreGroupStep restore => RestoreGroup(restore),
        HostInstancesStep => HostInstances(step),
        StartHostsStep => StartHosts(step),
        SetupCheckStep check => Check(check),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <summary>Files with passwords that a killed run left on the computer.</summary>
    public static IReadOnlyList<string> LeftFiles(IComputer computer) => computer.Files.List(computer.Files.Expand("%TEMP%"), TemporaryName + "*.xml*").Select(f => f.Path).ToList();

    private PartStepResult Prerequisites(PartStep step)
    {
        if (SetupPlanner.WhyNot(facts, manifest) is { } refusal)
            throw refusal;
        string unknown = facts.Edition.Length == 0 || manifest.Edition.Length == 0 || facts.ProductVersion.Length == 0 || manifest.ProductVersion.Length == 0
            ? " Edition or version could not be compared: the registry or the backup does not say." : string.Empty;
        return new PartStepResult(step, StepState.Done, $"The databases answer; edition and version are those of the backup.{unknown}");
    }

    private PartStepResult Configure(ConfigureStep step)
    {
        foreach (string left in LeftFiles(_computer))
            _computer.Files.Wipe(left);
        if (step.Features.All(f => IsSeen(f) && _reader.WhyNotConfigured(f, file) is null))
            return new PartStepResult(step, StepState.NotNeeded, "It is configured already.");
        HashSet<string> before = new(_computer.Services.List().Select(s => s.Name), StringComparer.OrdinalIgnoreCase);
        string warnings = Run(step, file.Only(f => step.Features.Contains(f, StringComparer.Ordinal)));
        foreach (string feature in step.Features)
        {
            if (_reader.WhyNotConfigured(feature, file) is { } why)
                throw new RecoveryException(RecoveryError.ConfigurationFailed, feature, $"Configuration.exe ended without an error on {_computer.Name}, but {feature} is not configured: {why}.");
        }

        List<string> unseen = step.Features.Where(f => !IsSeen(f)).ToList();
        return new PartStepResult(step, StepState.Done, "Configured." + (unseen.Count == 0 ? string.Empty : $" Nobody looked at: {string.Join("; ", unseen)}.") + StopNewHosts(before) + warnings);
    }

    /// <summary>Stops the host instances that Configuration.exe started, until the step that starts them: what they took before assemblies and certificates are back would be suspended.</summary>
    private string StopNewHosts(HashSet<string> before)
    {
        List<string> stopped = [];
        foreach (ServiceInfo host in _computer.Services.List().Where(s => s.State == ServiceState.Running && s.Name.StartsWith(SetupReader.ServiceOf(string.Empty), StringComparison.OrdinalIgnoreCase) && !before.Contains(s.Name)))
        {
            _computer.Services.Stop(host.Name, s_patience);
            stopped.Add(host.Name);
        }

        return stopped.Count == 0 ? string.Empty : $" Stopped until everything is back: {string.Join(", ", stopped)}.";
    }

    /// <summary>Runs Configuration.exe with the passwords in a file that only this account can read and that is gone afterwards.</summary>
    /// <returns>What it warned of.</returns>
    private string Run(ConfigureStep step, ConfigurationFile part)
    {
        IReadOnlyDictionary<string, SecureString> passwords = context.Options.ServiceCredentials;
        string path = _computer.Files.Expand(@"%TEMP%\" + TemporaryName + Guid.NewGuid().ToString("N")), log = path + ".log";
        path += ".xml";
        try
        {
            _computer.Files.Write(path, FileProtection.OwnerOnly, s => part.Save(s, passwords));
            ToolResult result = _computer.Tools.Run(SetupCommands.Configure(_computer.Files.ToHostPath(path), _computer.Files.ToHostPath(log)), cancellationToken);
            string text = Log(log);
            IReadOnlyList<string> failures = ConfigurationLog.Failures(text);
            if (result.Succeeded && failures.Count == 0)
                return ConfigurationLog.Warnings(text) is { Count: > 0 } warnings ? " It warned: " + Masked(string.Join(" ", warnings)) : string.Empty;
            List<string> said = [.. failures, .. new[] { result.Output.Trim(), result.ErrorOutput.Trim() }.Where(t => t.Length > 0)];
            throw new RecoveryException(
                ConfigurationLog.NameOf(said), _computer.Name, $"Configuration.exe ended with {result.ExitCode} on {_computer.Name} while it was to {char.ToLowerInvariant(step.Text[0])}{step.Text.Substring(1)}. It said: {Masked(said.Count == 0 ? "nothing" : string.Join(" ", said))}");
        }
        finally
        {
            _computer.Files.Wipe(path);
            _computer.Files.Wipe(log);
        }
    }

    private string Log(string path)
    {
        if (!_computer.Files.FileExists(path))
            return string.Empty;
        using StreamReader reader = new(_computer.Files.Read(path));
        return reader.ReadToEnd();
    }

    private string Masked(string text) => context.Options.ServiceCredentials.Values.Where(p => p.Length > 0).Aggregate(text, SecretText.Mask);

    private PartStepResult RestoreGroup(RestoreGroupStep step)
    {
        string path = _computer.Files.Expand(@"%TEMP%\" + TemporaryName + Guid.NewGuid().ToString("N") + ".xml");
        try
        {
            _computer.Files.Write(path, FileProtection.OwnerOnly, file.Save);
            ToolResult result = _computer.Tools.Run(SetupCommands.RestoreGroup(_computer.Files.ToHostPath(step.Script), _computer.Files.ToHostPath(path)), cancellationToken);
            // Documented: it says nothing when it succeeded.
            if (!result.Succeeded || result.Said.Length > 0)
                throw new RecoveryException(RecoveryError.ToolFailed, step.Script, $"{step.Script} ended with {result.ExitCode} on {_computer.Name}. It said: {result.Said}");
        }
        finally
        {
            _computer.Files.Wipe(path);
        }

        return _reader.WhyNotConfigured(SetupIds.Group, file) is { } why
            ? throw new RecoveryException(RecoveryError.StepFailed, step.Script, $"{step.Script} said nothing, but {_computer.Name} is not connected with its group: {why}.")
            : new PartStepResult(step, StepState.Done, "The computer is connected with its group.");
    }

    private PartStepResult HostInstances(PartStep step)
    {
        List<string> missing = Hosts().Where(h => _computer.Services.Find(SetupReader.ServiceOf(h.Host)) is null).Select(h => $"{h.Host} ({h.Account})").ToList();
        return missing.Count == 0 ? new PartStepResult(step, StepState.Done, "Each host instance of the computer has its service.")
            : new PartStepResult(step, StepState.Manual, $"The group has host instances on {_computer.Name} without a service: {string.Join(", ", missing)}. Install them in BizTalk Server Administration (Host Instances, Configure, Log on). An isolated host has no service: see that its application pool runs.");
    }

    private PartStepResult StartHosts(PartStep step)
    {
        List<string> started = [], left = [];
        foreach (ServiceInfo service in Services())
        {
            if (service.Start == ServiceStart.Disabled)
            {
                left.Add(service.Name);
                continue;
            }

            if (service.State != ServiceState.Running)
            {
                _computer.Services.Start(service.Name, s_patience);
                started.Add(service.Name);
            }
        }

        return new PartStepResult(
            step, started.Count == 0 ? StepState.NotNeeded : StepState.Done,
            (started.Count == 0 ? "Nothing had to be started." : $"Started: {string.Join(", ", started)}.") + (left.Count == 0 ? string.Empty : $" Left, because they are disabled: {string.Join(", ", left)}."));
    }

    private PartStepResult Check(SetupCheckStep step)
    {
        List<string> wrong = step.Features.Select(f => _reader.WhyNotConfigured(f, file)).Where(w => w is not null).Select(w => w!)
            .Concat(Services().Where(s => s.State != ServiceState.Running && s.Start != ServiceStart.Disabled).Select(s => $"{s.Name} is {s.State}")).ToList();
        return wrong.Count == 0 ? new PartStepResult(step, StepState.Done, "The computer is joined to SSO and the group, and its host instances run or are disabled.")
            : throw new RecoveryException(RecoveryError.ConfigurationFailed, _computer.Name, $"{_computer.Name} is not configured as its backup was: {string.Join("; ", wrong)}.");
    }

    private IReadOnlyList<HostInstanceRecord> Hosts() => _reader.Hosts(file.Database(SetupIds.ManagementDatabase)!);

    private IEnumerable<ServiceInfo> Services() => Hosts().Select(h => _computer.Services.Find(SetupReader.ServiceOf(h.Host))).Where(s => s is not null).Select(s => s!);

    private static bool IsSeen(string feature) => feature is SetupIds.SingleSignOn or SetupIds.Group or SetupIds.Runtime or SetupIds.RulesEngine;
}
