using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.SingleSignOn;

/// <summary>A master secret.</summary>
internal sealed record MasterSecret(Guid Id, byte[] Key)
{
    public static MasterSecret New() => new(Guid.NewGuid(), RandomNumberGenerator.GetBytes(32));
}

/// <summary>The current master secret and the one before it: after a new one was generated, both are kept.</summary>
internal sealed record MasterSecrets(MasterSecret Current, MasterSecret? Previous)
{
    /// <summary>Key of the registry with a key for each secret, named by its id.</summary>
    public const string RegistryKey = @"SOFTWARE\Microsoft\ENTSSO\SSOSS";

    public IEnumerable<MasterSecret> All => Previous is null ? [Current] : [Current, Previous];

    /// <summary>The ids as events name them.</summary>
    public string Ids => $"Current MSID: {Current.Id:B}, previous MSID: {(Previous is null ? "none" : Previous.Id.ToString("B"))}";

    public static MasterSecrets FromBytes(byte[] bytes) => JsonSerializer.Deserialize<MasterSecrets>(bytes) ?? throw new CryptographicException("Bad Data.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads those of the registry; null when there are none.</summary>
    /// <exception cref="CryptographicException">They were encrypted on another computer.</exception>
    public static MasterSecrets? Load(LabComputer computer)
    {
        List<(long Order, MasterSecret Secret)> kept = computer.Registry.SubKeys(RegistryKey).Where(k => Guid.TryParse(k, out _)).Select(k => Read(computer, k)).OrderByDescending(s => s.Order).ToList();
        return kept.Count == 0 ? null : new MasterSecrets(kept[0].Secret, kept.Count > 1 ? kept[1].Secret : null);
    }

    /// <summary>Replaces those of the registry, encrypted with the computer's own key.</summary>
    public void Save(LabComputer computer)
    {
        computer.Registry.Delete(RegistryKey);
        long order = 2;
        foreach (MasterSecret secret in All)
        {
            string key = RegistryKey + "\\" + secret.Id.ToString("B").ToUpperInvariant();
            computer.Registry.Set(key, new RegistryValue("Order", RegistryValueType.QWord, order--));
            computer.Registry.Set(key, new RegistryValue("Secret", RegistryValueType.Binary, computer.Protect(secret.Key)));
        }
    }

    private static (long Order, MasterSecret Secret) Read(LabComputer computer, string name)
    {
        IReadOnlyList<RegistryValue> values = computer.Registry.Values(RegistryKey + "\\" + name);
        byte[] secret = (byte[])values.Single(v => v.Name == "Secret").Data;
        return ((long)values.Single(v => v.Name == "Order").Data, new MasterSecret(Guid.Parse(name), computer.Unprotect(secret)));
    }
}
