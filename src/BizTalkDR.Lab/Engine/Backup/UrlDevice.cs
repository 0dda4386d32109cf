using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;

namespace BizTalkDR.Lab.Engine;

/// <summary>Fetches a backup file from a container of blob storage for the length of one statement.</summary>
/// <remarks>
/// "SQL Server backup to URL": the credential has the name of the container and the identity SHARED ACCESS SIGNATURE, its secret is the signature without the question mark.
/// SQL Server takes https alone; the lab takes http too from this computer, where an emulator of the service listens.
/// </remarks>
internal static class UrlDevice
{
    private static readonly HttpClient _direct = new(new HttpClientHandler { AllowAutoRedirect = false, UseProxy = false });
    private static readonly HttpClient _usual = new(new HttpClientHandler { AllowAutoRedirect = false });

    public static bool Is(string device) => device.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || device.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the blob into a file of the folder.</summary>
    /// <exception cref="LabSqlException">3201: no credential, no such blob, no access, no answer.</exception>
    public static string Fetch(LabInstance instance, string url)
    {
        ServerCredential? credential = instance.Credentials
            .Where(c => c.Identity.Equals("SHARED ACCESS SIGNATURE", StringComparison.OrdinalIgnoreCase) && url.StartsWith(c.Name.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase))
            .MaxBy(c => c.Name.Length);
        if (credential is null || !Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback))
        {
            throw Refused(url, "50(The request is not supported.)");
        }

        string path = Path.Combine(instance.Options.Folder, $"url-{Guid.NewGuid():N}.tmp");
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"{address.GetLeftPart(UriPartial.Path)}?{credential.Secret}");
            using HttpResponseMessage response = (address.IsLoopback ? _direct : _usual).Send(request, HttpCompletionOption.ResponseHeadersRead);
            if (!response.IsSuccessStatusCode)
            {
                throw Refused(url, response.StatusCode is HttpStatusCode.NotFound ? "2(The system cannot find the file specified.)" : "86(The specified network password is not correct.)");
            }

            using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
            response.Content.ReadAsStream().CopyTo(file);
            return path;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or LabSqlException)
        {
            File.Delete(path);
            throw error as LabSqlException ?? Refused(url, "53(The network path was not found.)");
        }
    }

    /// <summary>BACKUP TO URL, and URLs of other services.</summary>
    public static LabSqlException NotSupported(string url) => Refused(url, "50(The request is not supported.)");

    private static LabSqlException Refused(string url, string why) => new(3201, 16, 1, $"Cannot open backup device '{url}'. Operating system error {why}.");
}
