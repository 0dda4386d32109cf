using System;
using System.Net;
using BizTalkDR.Errors;

namespace BizTalkDR.Catalogue;

/// <summary>The parts of a URL of blob storage.</summary>
/// <param name="Container">URL of the container, without a slash at its end.</param>
/// <param name="Name">Name of the blob or of the folder in the container, not escaped; empty for the container itself.</param>
/// <remarks>
/// "Naming and referencing containers, blobs, and metadata": https://account.blob.core.windows.net/container/name. Of a host that is an IP address or this computer the account is the
/// first part of the path ("Use the Azurite emulator for local Azure Storage development", IP-style URL).
/// </remarks>
public sealed record BlobUrl(string Container, string Name)
{
    /// <summary>Whether a path is a URL.</summary>
    public static bool Is(string path) => path.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes a URL apart.</summary>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.BackupPathInvalid"/>: no container in it, a query (which may hold a secret and is not repeated), or without encryption to another computer.
    /// </exception>
    public static BlobUrl Parse(string url)
    {
        int query = url.IndexOf('?');
        string shown = query < 0 ? url : url.Substring(0, query);
        if (query >= 0)
        {
            throw Invalid(shown, "has a query behind it, which is not read", "Pass the URL without anything from the question mark on, and the shared access signature with -SasToken: there it stays out of the history, of plans and of logs.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
        {
            throw Invalid(uri?.UserInfo.Length > 0 ? "the URL" : shown, "is no URL of blob storage", null);
        }

        if (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)
        {
            throw Invalid(shown, "is not encrypted: the signature could be read on the way", "Begin the URL with https://.");
        }

        bool accountInPath = uri.IsLoopback || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _);
        string[] parts = url.Substring(url.IndexOf("://", StringComparison.Ordinal) + 3).Split('/');
        int container = accountInPath ? 2 : 1;
        if (parts.Length <= container || parts[container].Length == 0 || (accountInPath && parts[1].Length == 0))
        {
            throw Invalid(shown, "names no container", null);
        }

        string root = $"{uri.Scheme}://{string.Join("/", parts, 0, container + 1)}";
        return new BlobUrl(root, string.Join("/", parts, container + 1, parts.Length - container - 1));
    }

    /// <summary>Gives the part of a URL, or of a blob's name, behind its last slash.</summary>
    public static string NameOf(string url) => url.Substring(url.LastIndexOf('/') + 1);

    /// <summary>Gives the container of a URL, which is the name of the credential that a server reads it with; the URL itself when it names none.</summary>
    public static string ContainerOf(string url)
    {
        try
        {
            return Parse(url).Container;
        }
        catch (RecoveryException)
        {
            return url;
        }
    }

    private static RecoveryException Invalid(string shown, string why, string? hint) =>
        new(RecoveryError.BackupPathInvalid, shown, $"'{shown}' {why}.", hint ?? "Pass the URL of a container or of a folder in it: https://ACCOUNT.blob.core.windows.net/CONTAINER/FOLDER.");
}
