using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Keys;

/// <summary>What this computer sees of the kept files of a certificate.</summary>
internal enum KeptKeyState
{
    /// <summary>Both files are there, and the certificate is the one.</summary>
    Kept,

    /// <summary>A file is not there.</summary>
    Missing,

    /// <summary>The file holds another certificate, or none.</summary>
    Other,

    /// <summary>This computer does not see the folder, or cannot read the file.</summary>
    Unseen,
}

/// <summary>Looks at kept files of certificates from this computer.</summary>
internal static class KeptKey
{
    private const int MostBytes = 1 << 20;

    /// <param name="key">The certificate.</param>
    /// <param name="folder">Folder as the instances see it.</param>
    /// <param name="map">Where this computer sees it.</param>
    /// <param name="files">Sees files.</param>
    public static (KeptKeyState State, string Text) Look(EncryptionKey key, string folder, PathMap map, IFileStore files)
    {
        string file = map.Here(key.FileIn(folder)), keyFile = map.Here(key.KeyFileIn(folder));
        string here = ServerPath.FolderOf(file);
        if (files.ListFiles(here) is null)
            return (KeptKeyState.Unseen, $"This computer does not see {here}.");
        long? size = files.SizeOf(file);
        if (size is null)
            return (KeptKeyState.Missing, $"{file} is not there.");
        if (size > MostBytes)
            return (KeptKeyState.Other, $"{file} is too large for a certificate.");
        if (files.Read(file, MostBytes) is not { } content)
            return (KeptKeyState.Unseen, $"{file} is there, and this computer cannot read it.");
        if (!string.Equals(ThumbprintOf(content), key.Thumbprint, StringComparison.OrdinalIgnoreCase))
            return (KeptKeyState.Other, $"{file} holds {(ThumbprintOf(content) is { } other ? $"the certificate {other}" : "no certificate")}.");
        return files.SizeOf(keyFile) is > 0 ? (KeptKeyState.Kept, $"{file} is the certificate, and its private key is beside it.") : (KeptKeyState.Missing, $"{keyFile} with the private key is not there, or is empty.");
    }

    private static string? ThumbprintOf(byte[] content)
    {
        try
        {
            using X509Certificate2 certificate = new(content);
            return "0x" + certificate.Thumbprint;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
