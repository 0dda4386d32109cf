using System;
using System.IO;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Encrypts what is secret in a backup with a password.</summary>
/// <remarks>
/// AES-256 in CBC mode, then HMAC-SHA-256 over everything before it; both keys come from PBKDF2 with HMAC-SHA-256 over the password's UTF-8 bytes. Form: the mark <c>BTDRSEC1</c>, rounds (4 bytes, big-endian),
/// salt (16), initial vector (16), content, HMAC (32). A file with fewer rounds than are written is none of ours.
/// </remarks>
public static class ProtectedFile
{
    private const int Rounds = 600_000, MostRounds = 10_000_000, SaltSize = 16, BlockSize = 16, KeySize = 32;
    private static readonly byte[] s_mark = Encoding.ASCII.GetBytes("BTDRSEC1");
    private static readonly int s_headerSize = s_mark.Length + 4 + SaltSize + BlockSize;

    /// <summary>Rfc2898DeriveBytes.Pbkdf2 of .NET 6 and later, many times as fast as <see cref="Derive(byte[], byte[], int)"/>; null in .NET Framework. .NET Standard 2.0 cannot name it.</summary>
    private static readonly Func<byte[], byte[], int, HashAlgorithmName, int, byte[]>? s_ofRuntime = typeof(Rfc2898DeriveBytes)
        .GetMethod("Pbkdf2", [typeof(byte[]), typeof(byte[]), typeof(int), typeof(HashAlgorithmName), typeof(int)])?
        .CreateDelegate(typeof(Func<byte[], byte[], int, HashAlgorithmName, int, byte[]>)) as Func<byte[], byte[], int, HashAlgorithmName, int, byte[]>;

    /// <summary>Encrypts.</summary>
    public static byte[] Protect(byte[] content, SecureString password)
    {
        byte[] salt = new byte[SaltSize], vector = new byte[BlockSize];
        using (RandomNumberGenerator random = RandomNumberGenerator.Create())
        {
            random.GetBytes(salt);
            random.GetBytes(vector);
        }

        byte[] header = [.. s_mark, .. Number(Rounds), .. salt, .. vector];
        return WithKeys(password, salt, Rounds, (encryption, authentication) =>
        {
            using Aes aes = NewAes(encryption, vector);
            using ICryptoTransform encryptor = aes.CreateEncryptor();
            byte[] body = [.. header, .. encryptor.TransformFinalBlock(content, 0, content.Length)];
            using HMACSHA256 seal = new(authentication);
            return [.. body, .. seal.ComputeHash(body)];
        });
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PasswordWrong"/>: it is another password; <see cref="RecoveryError.KeptFileChanged"/>: it is no such file.</exception>
    public static byte[] Open(string name, byte[] content, SecureString password)
    {
        int rounds = content.Length > s_headerSize + KeySize && content.Take(s_mark.Length).SequenceEqual(s_mark) ? Number(content, s_mark.Length) : 0;
        if (rounds is < Rounds or > MostRounds)
            throw new RecoveryException(RecoveryError.KeptFileChanged, name, $"{name} is no file that this version protected.");
        byte[] body = content.Take(content.Length - KeySize).ToArray();
        byte[] salt = body.Skip(s_mark.Length + 4).Take(SaltSize).ToArray();
        return WithKeys(password, salt, rounds, (encryption, authentication) =>
        {
            using HMACSHA256 seal = new(authentication);
            if (!Same(seal.ComputeHash(body), content, body.Length))
                throw new RecoveryException(RecoveryError.PasswordWrong, name, $"{name} does not open with this password. Nothing was changed.");
            using Aes aes = NewAes(encryption, body.Skip(s_headerSize - BlockSize).Take(BlockSize).ToArray());
            using ICryptoTransform decryptor = aes.CreateDecryptor();
            return decryptor.TransformFinalBlock(body, s_headerSize, body.Length - s_headerSize);
        });
    }

    private static Aes NewAes(byte[] key, byte[] vector)
    {
        Aes aes = Aes.Create();
        aes.Mode = CipherMode.CBC;
        aes.Padding = PaddingMode.PKCS7;
        aes.Key = key;
        aes.IV = vector;
        return aes;
    }

    private static byte[] WithKeys(SecureString password, byte[] salt, int rounds, Func<byte[], byte[], byte[]> use)
    {
        byte[] secret = [], keys = [];
        try
        {
            SecretText.Use(password, chars => secret = Encoding.UTF8.GetBytes(chars));
            keys = Keys(secret, salt, rounds);
            return use(keys.Take(KeySize).ToArray(), keys.Skip(KeySize).ToArray());
        }
        finally
        {
            Array.Clear(secret, 0, secret.Length);
            Array.Clear(keys, 0, keys.Length);
        }
    }

    private static byte[] Keys(byte[] secret, byte[] salt, int rounds) =>
        s_ofRuntime is { } derive ? derive(secret, salt, rounds, HashAlgorithmName.SHA256, 2 * KeySize) : Derive(secret, salt, rounds);

    /// <summary>PBKDF2 (RFC 8018) with HMAC-SHA-256, 64 bytes, for .NET Framework: what .NET Standard 2.0 names of it has SHA-1 alone.</summary>
    internal static byte[] Derive(byte[] secret, byte[] salt, int rounds)
    {
        using HMACSHA256 hmac = new(secret);
        return [.. Derive(hmac, salt, rounds, 1), .. Derive(hmac, salt, rounds, 2)];
    }

    private static byte[] Derive(HMACSHA256 hmac, byte[] salt, int rounds, int block)
    {
        byte[] one = hmac.ComputeHash([.. salt, .. Number(block)]);
        byte[] result = [.. one];
        for (int round = 1; round < rounds; round++)
        {
            one = hmac.ComputeHash(one);
            for (int i = 0; i < result.Length; i++)
                result[i] ^= one[i];
        }

        return result;
    }

    private static bool Same(byte[] seal, byte[] content, int at)
    {
        int difference = 0;
        for (int i = 0; i < seal.Length; i++)
            difference |= seal[i] ^ content[at + i];
        return difference == 0;
    }

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static int Number(byte[] bytes, int at) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}
