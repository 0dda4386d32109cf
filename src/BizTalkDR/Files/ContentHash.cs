using System;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using BizTalkDR.Errors;

namespace BizTalkDR.Files;

/// <summary>Length and SHA-256 of what a stream holds.</summary>
internal static class ContentHash
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads the rest of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="target">What is read, for the error of a cancelled reading.</param>
    /// <param name="cancellationToken">Stops between two pieces of 1 MB.</param>
    /// <returns>Bytes read, and 64 hexadecimal digits in small letters.</returns>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.OperationCancelled"/>.</exception>
    public static (long SizeBytes, string Sha256) Of(Stream stream, object? target = null, CancellationToken cancellationToken = default)
    {
        using var hash = SHA256.Create();
        byte[] chunk = new byte[ChunkBytes];
        long size = 0;
        for (int read = stream.Read(chunk, 0, chunk.Length); read > 0; read = stream.Read(chunk, 0, chunk.Length))
        {
            cancellationToken.ThrowIfCancelled(target, "Hashing files");
            hash.TransformBlock(chunk, 0, read, null, 0);
            size += read;
        }

        hash.TransformFinalBlock(chunk, 0, 0);
        return (size, BitConverter.ToString(hash.Hash!).Replace("-", string.Empty).ToLowerInvariant());
    }
}
