using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BizTalkDR.Lab.Computer.SingleSignOn;

/// <summary>A backup of master secrets: encrypted with a key made from its password, the reminder in clear. The form is the lab's own; Microsoft's is not documented.</summary>
internal sealed record SecretFile(string Form, string Reminder, int Iterations, byte[] Salt, byte[] Content)
{
    private const string KnownForm = "BizTalkDR Lab backup of master secrets, 1";
    private const int DefaultIterations = 100_000;

    public static SecretFile Of(MasterSecrets secrets, string password, string reminder)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        return new SecretFile(KnownForm, reminder, DefaultIterations, salt, Cipher.Encrypt(Key(password, salt, DefaultIterations), secrets.ToBytes(), Encoding.UTF8.GetBytes(reminder)));
    }

    /// <summary>Reads a file; null when it is no such backup.</summary>
    public static SecretFile? Read(Stream stream)
    {
        try
        {
            return JsonSerializer.Deserialize<SecretFile>(stream) is { Form: KnownForm, Reminder: not null, Iterations: > 0 and <= 10_000_000, Salt: not null, Content: not null } file ? file : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this);

    /// <summary>Opens it; null when the password is another one, or the content is damaged.</summary>
    public MasterSecrets? Open(string password)
    {
        try
        {
            return MasterSecrets.FromBytes(Cipher.Decrypt(Key(password, Salt, Iterations), Content, Encoding.UTF8.GetBytes(Reminder)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Key(string password, byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, 32);
}
