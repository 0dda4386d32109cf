using System.Collections.Generic;

namespace BizTalkDR.Configuration.Setup;

/// <summary>A step that configures a computer again.</summary>
internal abstract record SetupStep(RestoreStage Stage, string Id, string Text) : PartStep(ConfigurationPart.Configuration, Stage, Id, Text);

/// <summary>Looks at what must be there before anything else.</summary>
internal sealed record PrerequisitesStep() : SetupStep(RestoreStage.Prerequisites, "prerequisites", "See that the group's databases are there and that the products are those of the backup");

/// <summary>Runs Configuration.exe for some features. Doing it again is harmless: it passes over what is configured.</summary>
/// <param name="Features">Their names.</param>
internal sealed record ConfigureStep(RestoreStage Stage, string Id, string Text, IReadOnlyList<string> Features) : SetupStep(Stage, Id, Text);

/// <summary>Runs the operator's RestoreConfig.vbe.</summary>
/// <param name="Script">Where it is.</param>
internal sealed record RestoreGroupStep(string Script) : SetupStep(RestoreStage.Configuration, "restore-group", "Connect this computer of Standard Edition with its group again (RestoreConfig.vbe)");

/// <summary>Looks for the services of all host instances that the group has for the computer.</summary>
internal sealed record HostInstancesStep() : SetupStep(RestoreStage.Hosts, "host-instances", "See that every host instance that the group has for this computer is installed");

/// <summary>Starts the host instances.</summary>
internal sealed record StartHostsStep() : SetupStep(RestoreStage.Start, "start-hosts", "Start the host instances that are not disabled");

/// <summary>Compares what is set with what was to be set.</summary>
internal sealed record SetupCheckStep(IReadOnlyList<string> Features) : SetupStep(RestoreStage.Verify, "configuration-check", "Check that the computer is joined to SSO and the group and that its host instances run");
