using System;
using System.Security.Cryptography;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.SingleSignOn;

/// <summary>What the ENTSSO service of a computer does with master secrets.</summary>
/// <remarks>Events of source ENTSSO by their documented ids: "Enterprise Single Sign-On events" of Microsoft's documentation; their wording is the lab's.</remarks>
internal static class EntSso
{
    public const string Service = "ENTSSO";

    public static bool IsRunning(LabComputer computer) => computer.Services.Find(Service) is { State: ServiceState.Running };

    public static bool IsSecretServer(LabComputer computer, SsoGlobalInfo info) => string.Equals(info.SecretServer, computer.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Secrets that the service holds in memory; null when it has none.</summary>
    public static MasterSecrets? Held(LabComputer computer) => computer.Memory is { } memory ? MasterSecrets.FromBytes(memory) : null;

    /// <summary>Gets the secrets: on the secret server from the registry, elsewhere from the secret server.</summary>
    public static void Fetch(LabComputer computer, SsoGlobalInfo info)
    {
        MasterSecrets? secrets = IsSecretServer(computer, info) ? FromRegistry(computer) : FromServer(computer, info.SecretServer);
        computer.Memory = secrets?.ToBytes();
        if (secrets is null)
            return;
        computer.Log(Service, 10529, $"The current master secret was obtained. MSID: {secrets.Current.Id:B}");
        if (secrets.Previous is { } previous)
            computer.Log(Service, 10530, $"The previous master secret was obtained. MSID: {previous.Id:B}");
    }

    private static MasterSecrets? FromRegistry(LabComputer computer)
    {
        computer.Log(Service, 10534, "This computer is the master secret server.");
        try
        {
            MasterSecrets? kept = MasterSecrets.Load(computer);
            if (kept is null)
                computer.Log(Service, 10520, "No master secrets were found in the registry of the master secret server.");
            return kept;
        }
        catch (CryptographicException)
        {
            computer.Log(Service, 10521, "The master secrets in the registry could not be loaded (0x80090005, Bad Data).");
            return null;
        }
    }

    private static MasterSecrets? FromServer(LabComputer computer, string name)
    {
        MasterSecrets? held = computer.Neighbour(name) is { } server && IsRunning(server) ? Held(server) : null;
        if (held is null)
            computer.Log(Service, 10532, $"The master secrets could not be obtained from the master secret server {name}.");
        return held;
    }
}
