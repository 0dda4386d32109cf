using System;
using System.Security.Cryptography;
using System.Text;

namespace BizTalkDR.Lab.TSql;

/// <summary>Salted hashes of passwords in the form that <c>sys.sql_logins</c> shows; a password itself is never stored.</summary>
/// <remarks>
/// "Beginning with SQL Server 2012 (11.x), stored password information is calculated using SHA-512 of the salted password" (sys.sql_logins). The layout (version 0x0200, four bytes of salt, the hash of the
/// password's UTF-16 bytes followed by the salt) is not documented; it is the one that public tools for auditing passwords read.
/// </remarks>
internal static class PasswordHash
{
    private const int SaltSize = 4, HeaderSize = 2;
    private const int Length = HeaderSize + SaltSize + SHA512.HashSizeInBytes;

    public static byte[] Compute(string password) => Compute(password, RandomNumberGenerator.GetBytes(SaltSize));

    public static bool Verify(string password, byte[] hash) =>
        IsHash(hash) && CryptographicOperations.FixedTimeEquals(Compute(password, hash.AsSpan(HeaderSize, SaltSize)), hash);

    /// <summary>Whether bytes have the form of a hash.</summary>
    public static bool IsHash(byte[] hash) => hash.Length == Length && hash[0] == 2 && hash[1] == 0;

    /// <summary>Compares secrets in a time that does not depend on where they differ.</summary>
    public static bool SecretsEqual(string given, string expected) =>
        expected.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));

    private static byte[] Compute(string password, ReadOnlySpan<byte> salt) => [2, 0, .. salt, .. SHA512.HashData([.. Encoding.Unicode.GetBytes(password), .. salt])];
}
