using System;
using System.Security.Cryptography;
using System.Text;

namespace BizTalkDR.Lab.TSql;

/// <summary>Salted hashes of passwords; a password itself is never stored.</summary>
internal static class PasswordHash
{
    public const int SaltSize = 16;
    private const int Rounds = 20_000;
    private const int HashSize = 32;

    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(SaltSize);

    public static byte[] Compute(string password, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, HashSize);

    public static bool Verify(string password, byte[] salt, byte[] hash) =>
        CryptographicOperations.FixedTimeEquals(Compute(password, salt), hash);

    /// <summary>Compares secrets in a time that does not depend on where they differ.</summary>
    public static bool SecretsEqual(string given, string expected) =>
        expected.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
