using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Portal;

/// <summary>A step of the portal's restore.</summary>
internal abstract record PortalStep(RestoreStage Stage, string Id, string Text) : PartStep(ConfigurationPart.BamPortal, Stage, Id, Text);

internal sealed record AddPoolStep(PortalPool Pool) : PortalStep(RestoreStage.Portal, "pool", $"Make the application pool {Pool.Name}");

internal sealed record AddApplicationStep(PortalApplication Application, string Pool)
    : PortalStep(RestoreStage.Portal, "application" + Application.Path, $"Make the virtual application {Application.Name} in the pool {Pool}");

/// <param name="OldComputer">The computer it was taken from.</param>
/// <param name="PrimaryImport">Where BAM Primary Import is now.</param>
internal sealed record WebConfigStep(KeptWebConfig Kept, KeptFile File, string OldComputer, DatabaseAddress PrimaryImport)
    : PortalStep(RestoreStage.Portal, "web-config/" + Kept.Path, $"Write {Kept.Path} with this computer's name and the database's place");

/// <summary>Sets the account of the pool; a password is for people to type.</summary>
internal sealed record PoolIdentityStep(PortalPool Pool) : PortalStep(RestoreStage.Portal, "pool-identity", $"Let {Pool.Name} run as {(Pool.NeedsPassword ? Pool.UserName : Pool.IdentityType)}");

/// <summary>Starts the pool, when it runs under the right account.</summary>
internal sealed record StartPoolStep(PortalPool Pool) : PortalStep(RestoreStage.Portal, "pool-start", $"Start the application pool {Pool.Name}");

/// <param name="Kind">How alerts are sent, by the version of SQL Server.</param>
/// <param name="Server">SQL Server of the alerts.</param>
internal sealed record AlertsStep(AlertKind Kind, string Server) : PortalStep(RestoreStage.Alerts, "alerts", "Bring the BAM alerts back");

internal sealed record PortalCheckStep(PortalInventory Kept, DatabaseAddress PrimaryImport) : PortalStep(RestoreStage.Verify, "portal-check", "Check that the portal's pool runs, its applications are there and their settings name today's servers");
