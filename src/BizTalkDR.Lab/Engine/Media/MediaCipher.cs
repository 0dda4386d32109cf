using System;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BizTalkDR.Lab.Engine;

/// <summary>A certificate of the server with its private key.</summary>
/// <param name="Name">Its name in master.</param>
/// <param name="Thumbprint">SHA-1 of the certificate, 20 bytes.</param>
/// <param name="PrivateKey">PKCS #8; null when only the public part is there.</param>
/// <param name="PublicKey">The certificate, DER.</param>
public sealed record ServerCertificate(string Name, byte[] Thumbprint, byte[]? PrivateKey, byte[] PublicKey);

/// <summary>Encrypts a backup file: behind a head of 4096 bytes lies the whole file in AES counter mode, its key encrypted to the certificate.</summary>
/// <remarks>A form of the lab's own: how SQL Server's encrypted backups are laid out is not known.</remarks>
internal sealed class MediaCipher : IDisposable
{
    public const int HeadSize = 4096;

    private const int ThumbprintAt = 0x20;
    private const int KeyBitsAt = 0x10;
    private const int NonceAt = 0x40;
    private const int WrappedLengthAt = 0x50;
    private const int WrappedAt = 0x54;
    private const int BlockSize = 16;

    private readonly Aes _aes;
    private readonly byte[] _nonce;

    private MediaCipher(Aes aes, byte[] nonce, byte[] thumbprint)
    {
        _aes = aes;
        _nonce = nonce;
        Thumbprint = thumbprint;
    }

    public byte[] Thumbprint { get; }

    public string Algorithm => $"aes_{_aes.KeySize}";

    public static ReadOnlySpan<byte> Signature => "LABENCRYPTEDBAK1"u8;

    public static MediaCipher Create(ServerCertificate certificate, int keyBits, out byte[] head)
    {
        Aes aes = Aes.Create();
        aes.KeySize = keyBits;
        aes.GenerateKey();
        byte[] nonce = RandomNumberGenerator.GetBytes(8);
        using System.Security.Cryptography.X509Certificates.X509Certificate2 x509 = LoadPublic(certificate);
        using RSA rsa = System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPublicKey(x509)!;
        byte[] wrapped = rsa.Encrypt(aes.Key, RSAEncryptionPadding.OaepSHA256);
        head = new byte[HeadSize];
        Signature.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(KeyBitsAt), keyBits);
        certificate.Thumbprint.CopyTo(head, ThumbprintAt);
        nonce.CopyTo(head, NonceAt);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(WrappedLengthAt), wrapped.Length);
        wrapped.CopyTo(head, WrappedAt);
        return new MediaCipher(aes, nonce, certificate.Thumbprint);
    }

    /// <summary>Reads the head of an encrypted file.</summary>
    /// <exception cref="LabSqlException">33111 when the certificate is not there, 3241 when the head is damaged.</exception>
    public static MediaCipher Open(ReadOnlySpan<byte> head, string device, Func<byte[], ServerCertificate?>? find)
    {
        byte[] thumbprint = head.Slice(ThumbprintAt, 20).ToArray();
        byte[] key = find?.Invoke(thumbprint)?.PrivateKey ?? throw MediaErrors.NoCertificate(thumbprint);
        int length = BinaryPrimitives.ReadInt32LittleEndian(head[WrappedLengthAt..]);
        if (length is <= 0 or > HeadSize - WrappedAt)
        {
            throw MediaErrors.Malformed(device);
        }

        using RSA rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(key, out _);
        try
        {
            Aes aes = Aes.Create();
            aes.Key = rsa.Decrypt(head.Slice(WrappedAt, length), RSAEncryptionPadding.OaepSHA256);
            return new MediaCipher(aes, head.Slice(NonceAt, 8).ToArray(), thumbprint);
        }
        catch (CryptographicException)
        {
            throw MediaErrors.Malformed(device);
        }
    }

    /// <summary>Encrypts or decrypts what stands at a place: the same in counter mode.</summary>
    public void Transform(long offset, Span<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        long first = offset / BlockSize;
        int blocks = (int)(((offset + data.Length - 1) / BlockSize) - first + 1);
        byte[] counters = new byte[blocks * BlockSize];
        for (int i = 0; i < blocks; i++)
        {
            _nonce.CopyTo(counters, i * BlockSize);
            BinaryPrimitives.WriteInt64BigEndian(counters.AsSpan((i * BlockSize) + 8), first + i);
        }

        byte[] stream = _aes.EncryptEcb(counters, PaddingMode.None);
        int from = (int)(offset % BlockSize);
        for (int i = 0; i < data.Length; i++)
        {
            data[i] ^= stream[from + i];
        }
    }

    public void Dispose() => _aes.Dispose();

    private static System.Security.Cryptography.X509Certificates.X509Certificate2 LoadPublic(ServerCertificate certificate) => new(certificate.PublicKey);
}
