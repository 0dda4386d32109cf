using System;
using System.Security.Cryptography;

namespace BizTalkDR.Lab.Computer;

/// <summary>AES-GCM with nonce and tag in front of the content.</summary>
internal static class Cipher
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Encrypt(byte[] key, byte[] content, byte[] associated)
    {
        byte[] result = new byte[NonceBytes + TagBytes + content.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceBytes));
        using AesGcm aes = new(key, TagBytes);
        aes.Encrypt(result.AsSpan(0, NonceBytes), content, result.AsSpan(NonceBytes + TagBytes), result.AsSpan(NonceBytes, TagBytes), associated);
        return result;
    }

    /// <exception cref="CryptographicException">Another key, or damaged.</exception>
    public static byte[] Decrypt(byte[] key, byte[] encrypted, byte[] associated)
    {
        if (encrypted.Length < NonceBytes + TagBytes)
            throw new CryptographicException("Bad Data.");
        byte[] result = new byte[encrypted.Length - NonceBytes - TagBytes];
        using AesGcm aes = new(key, TagBytes);
        aes.Decrypt(encrypted.AsSpan(0, NonceBytes), encrypted.AsSpan(NonceBytes + TagBytes), encrypted.AsSpan(NonceBytes, TagBytes), result, associated);
        return result;
    }
}
