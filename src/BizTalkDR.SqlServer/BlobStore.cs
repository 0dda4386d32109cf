using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>Reads containers of blob storage through the service's REST interface with a shared access signature.</summary>
/// <remarks>"List Blobs": in pages, each with the marker of the next; "Get Blob": by ranges.</remarks>
public sealed class BlobStore : IBlobStore
{
    private readonly BlobClient _client;

    /// <summary>Creates a store.</summary>
    /// <param name="token">The shared access signature; null for containers that everybody may read.</param>
    public BlobStore(SecureString? token)
        : this(new BlobClient(token))
    {
    }

    internal BlobStore(BlobClient client) => _client = client;

    /// <summary>Blobs in an answer; the service gives no more than 5,000.</summary>
    internal int PageSize { get; init; } = 5000;

    /// <inheritdoc/>
    public BlobFolder List(string folder, bool recurse, CancellationToken cancellationToken = default)
    {
        BlobUrl url = BlobUrl.Parse(folder);
        string prefix = url.Name.TrimEnd('/');
        prefix = prefix.Length == 0 ? prefix : prefix + "/";
        string ask = $"{url.Container}?restype=container&comp=list&maxresults={PageSize.ToString(CultureInfo.InvariantCulture)}{(prefix.Length == 0 ? string.Empty : "&prefix=" + Uri.EscapeDataString(prefix))}{(recurse ? string.Empty : "&delimiter=%2F")}";
        var blobs = new List<BlobEntry>();
        int folders = 0;
        string? marker = null;
        do
        {
            XElement page = Page(_client.Get(marker is null ? ask : $"{ask}&marker={Uri.EscapeDataString(marker)}", folder, null, null, cancellationToken).Content, folder);
            blobs.AddRange(page.Descendants("Blob").Select(b => EntryOf(b, url.Container)));
            folders += page.Descendants("BlobPrefix").Count();
            marker = page.Element("NextMarker")?.Value;
        }
        while (!string.IsNullOrEmpty(marker));

        return new BlobFolder(blobs, folders);
    }

    /// <inheritdoc/>
    public Stream Open(string url, CancellationToken cancellationToken = default)
    {
        BlobUrl parts = BlobUrl.Parse(url);
        return parts.Name.Length == 0
            ? throw new RecoveryException(RecoveryError.BackupPathInvalid, url, $"'{url}' names a container, not a blob in it.", "Pass the URL of a blob.")
            : new BlobStream(_client, url, $"{parts.Container}/{string.Join("/", parts.Name.Split('/').Select(Uri.EscapeDataString))}", cancellationToken);
    }

    private static BlobEntry EntryOf(XElement blob, string container)
    {
        XElement properties = blob.Element("Properties")!;
        XElement name = blob.Element("Name")!;
        string text = (string?)name.Attribute("Encoded") == "true" ? Uri.UnescapeDataString(name.Value) : name.Value;
        return new BlobEntry(
            $"{container}/{text}",
            long.Parse(properties.Element("Content-Length")!.Value, CultureInfo.InvariantCulture),
            DateTime.Parse(properties.Element("Last-Modified")!.Value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal));
    }

    private static XElement Page(byte[] content, string folder)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            XElement page = XElement.Load(reader);
            if (page.Name == "EnumerationResults" && page.Descendants("Blob").All(b => b.Element("Name") is not null && b.Element("Properties") is { } p && p.Element("Content-Length") is not null && p.Element("Last-Modified") is not null))
            {
                return page;
            }
        }
        catch (XmlException)
        {
            // Said below: what answered was no blob service.
        }

        throw new RecoveryException(RecoveryError.BlobStoreUnreachable, folder, $"What answered to '{folder}' did not list blobs as a blob service does.");
    }
}
