using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Keeps what is secret in objects apart from them: hashes of passwords, and values in which a password seems to stand in clear (commands of job steps, provider strings).</summary>
internal static class SqlObjectSecrets
{
    /// <summary>Stands for a value that is in the protected file, or was left out.</summary>
    public const string Elsewhere = "(secret)";

    /// <summary>Whether a value of an object is not known.</summary>
    public static bool Lacks(SqlObject what) => what.Values.Values.Contains(Elsewhere) || what.Parts.Any(Lacks);

    /// <summary>Takes the secrets out of an instance's objects.</summary>
    /// <param name="instance">The instance as it was read.</param>
    /// <param name="secrets">Takes them.</param>
    public static KeptInstance Split(KeptInstance instance, IDictionary<string, string> secrets) => instance with { Objects = Each(instance, (path, name, value) =>
    {
        if (value is null || (name != SqlObject.PasswordHash && !SecretWords.MayHold(value)))
            return value;
        secrets[path] = value;
        return Elsewhere;
    }) };

    /// <summary>Puts the secrets back that are known.</summary>
    public static KeptInstance Join(KeptInstance instance, IReadOnlyDictionary<string, string> secrets) =>
        instance with { Objects = Each(instance, (path, _, value) => value == Elsewhere && secrets.TryGetValue(path, out string? secret) ? secret : value) };

    public static byte[] Write(IDictionary<string, string> secrets) => JsonSerializer.SerializeToUtf8Bytes(secrets);

    /// <summary>Reads the protected file; nothing when none was kept.</summary>
    /// <exception cref="RecoveryException">CertificatePasswordMissing, RecipientKeyMissing, PasswordWrong, KeptFileMissing, KeptFileChanged.</exception>
    public static IReadOnlyDictionary<string, string> Read(PartContext context, PartManifest kept)
    {
        if (InventoryFile.Find(kept.Files, SqlObjectInventory.SecretsName) is not { } file)
            return new Dictionary<string, string>(StringComparer.Ordinal);
        byte[] content = SecretKeeper.Open(context, file, kept.Files);
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(content) ?? throw new InvalidDataException("it is empty");
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidDataException)
        {
            throw new RecoveryException(RecoveryError.ComputerManifestInvalid, file.Name, $"{file.Name} cannot be used: it is of a form that this version does not read.", null, damaged);
        }
        finally
        {
            Array.Clear(content, 0, content.Length);
        }
    }

    private static List<SqlObject> Each(KeptInstance instance, Func<string, string, string?, string?> change)
    {
        SqlObject Change(string path, SqlObject what)
        {
            string own = $"{path}/{what.Kind}/{what.Name}";
            return what with
            {
                Values = what.Values.ToDictionary(v => v.Key, v => change(own + "/" + v.Key, v.Key, v.Value), StringComparer.Ordinal),
                Parts = what.Parts.Select(p => Change(own, p)).ToList(),
            };
        }

        return instance.Objects.Select(o => Change(instance.Server, o)).ToList();
    }
}
