namespace BizTalkDR.Configuration.Applications;

/// <summary>A step of the applications' restore.</summary>
internal abstract record ApplicationStep(RestoreStage Stage, string Id, string Text) : PartStep(ConfigurationPart.Application, Stage, Id, Text);

/// <summary>Imports an application that the group does not know into the Management database.</summary>
internal sealed record ImportApplicationStep(KeptApplication Application, KeptFile Package)
    : ApplicationStep(RestoreStage.Applications, "import/" + Application.Name, $"Import the application {Application.Name} into the group");

/// <summary>Runs an application's package on the computer: its assemblies get into the global assembly cache, its files into their folders.</summary>
internal sealed record InstallApplicationStep(KeptApplication Application, KeptFile Package)
    : ApplicationStep(RestoreStage.Applications, "install/" + Application.Name, $"Install the application {Application.Name} on the computer");

/// <summary>Imports the bindings of ports that the group lacks, and of those whose values the map changes; the others keep the passwords they have.</summary>
/// <param name="Map">Values that differ; null for none.</param>
internal sealed record ImportBindingsStep(KeptApplication Application, KeptFile Bindings, BindingsMap? Map)
    : ApplicationStep(RestoreStage.Applications, "bindings/" + Application.Name, $"Import the bindings of {Application.Name} for ports that the group lacks{(Map is null ? string.Empty : " or the bindings map changes")}");

/// <summary>Puts an assembly into the global assembly cache.</summary>
internal sealed record InstallAssemblyStep(KeptAssembly Assembly, KeptFile File)
    : ApplicationStep(RestoreStage.Applications, "assembly/" + Assembly.Assembly, $"Put {Assembly.Assembly} into the global assembly cache");

/// <summary>Puts a file back where it was. What is there instead is kept beside it.</summary>
internal sealed record CopyFileStep(KeptExtraFile Extra, KeptFile File)
    : ApplicationStep(RestoreStage.Applications, "file/" + Extra.Path, $"Copy {Extra.Path}");

/// <summary>Looks whether the computer can load every assembly that the group references.</summary>
internal sealed record AssembliesCheckStep() : ApplicationStep(RestoreStage.Ready, "assemblies-check", "Check that every assembly the group references is in the global assembly cache");
