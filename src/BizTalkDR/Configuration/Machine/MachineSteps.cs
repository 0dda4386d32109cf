using System.Collections.Generic;

namespace BizTalkDR.Configuration.Machine;

/// <summary>A step that brings settings of the computer back.</summary>
internal abstract record MachineStep(RestoreStage Stage, string Id, string Text) : PartStep(ConfigurationPart.Machine, Stage, Id, Text);

/// <summary>Sets values of the registry: names by which servers are found, and what MSDTC allows, come before anything asks a database.</summary>
internal sealed record RegistryStep(KeptKey Key, KeptFile File) : MachineStep(RestoreStage.Prerequisites, $"registry/{Key.View}/{Key.Key}", $"Set the values of HKLM\\{Key.Key} ({Key.View}) that are not as they were");

/// <summary>Brings a file back, or adds its lines, or says in what it differs.</summary>
internal sealed record MachineFileStep(KeptMachineFile Kept, KeptFile File, KeptFile? Envelope) : MachineStep(
    Kept.Use == MachineUse.AddLines ? RestoreStage.Prerequisites : RestoreStage.Machine, "file/" + Kept.Path,
    Kept.Use switch { MachineUse.AddLines => $"Add the lines of {Kept.Path} that are missing", MachineUse.Judge => $"Compare {Kept.Path}", _ => $"Write {Kept.Path} as it was" });

/// <summary>Sets how a service starts; its account is for people to set.</summary>
internal sealed record ServiceStep(KeptService Kept) : MachineStep(RestoreStage.Machine, "service/" + Kept.Name, $"Let {Kept.Name} start {Kept.Start}, as {Kept.Account}");

/// <summary>Compares what is compared alone.</summary>
internal sealed record MachineCheckStep(IReadOnlyList<KeptKey> Keys) : MachineStep(RestoreStage.Verify, "machine-check", "Compare registry, services and files with the backup");
