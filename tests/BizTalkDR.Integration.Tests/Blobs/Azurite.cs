using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using BizTalkDR.Lab.Tests.Foreign;
using Xunit;

namespace BizTalkDR.Integration.Tests.Blobs;

/// <summary>Azurite, Microsoft's emulator of blob storage: a process of its own on a port of the system's choice, which keeps everything in its memory.</summary>
internal sealed class Azurite : IAsyncDisposable
{
    private static readonly HttpClient _client = new(new HttpClientHandler { UseProxy = false });
    private readonly Process _process;
    private readonly byte[] _key;

    private Azurite(Process process, byte[] key, Uri address)
    {
        _process = process;
        _key = key;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Null when Node.js and Azurite are there.</summary>
    public static string? WhyNot { get; } =
        ForeignClients.FindProgram("node") is null ? "no Node.js on PATH"
        : File.Exists(Program) ? null
        : "Azurite is not installed: run `npm ci` in tests/BizTalkDR.Lab.Tests/Foreign/node";

    private static string Program => Path.Combine(ForeignClients.NodeFolder, "node_modules", "azurite", "dist", "src", "blob", "main.js");

    public static async Task<Azurite> StartAsync()
    {
        byte[] key = RandomNumberGenerator.GetBytes(64);
        ProcessStartInfo start = new("node", [Program, "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--silent"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment["AZURITE_ACCOUNTS"] = "lab:" + Convert.ToBase64String(key);
        Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        const string Listens = "successfully listens on ";
        try
        {
            while (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line)
            {
                if (line.IndexOf(Listens, StringComparison.Ordinal) is > 0 and int at)
                {
                    _ = process.StandardOutput.ReadToEndAsync();
                    return new Azurite(process, key, new Uri(line[(at + Listens.Length)..].Trim() + "/lab"));
                }
            }
        }
        catch (TimeoutException)
        {
            process.Kill();
        }

        throw new InvalidOperationException("Azurite did not start: " + await errors);
    }

    /// <summary>A signature of the account: "Create an account SAS", before version 2020-12-06.</summary>
    public string Sign(string permissions = "rwdlac", string expiry = "2099-01-01T00:00:00Z")
    {
        const string Signed = "2019-12-12";
        byte[] text = Encoding.UTF8.GetBytes($"lab\n{permissions}\nb\nsco\n\n{expiry}\n\n\n{Signed}\n");
        string signature = Uri.EscapeDataString(Convert.ToBase64String(HMACSHA256.HashData(_key, text)));
        return $"sv={Signed}&ss=b&srt=sco&sp={permissions}&se={Uri.EscapeDataString(expiry)}&sig={signature}";
    }

    /// <summary>Makes a container.</summary>
    public async Task<string> ContainerAsync(string name)
    {
        await PutAsync($"{Address}/{name}?restype=container", []);
        return $"{Address}/{name}";
    }

    /// <summary>Writes a blob; the name is as it is.</summary>
    public Task PutBlobAsync(string container, string name, byte[] content) =>
        PutAsync($"{container}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}?", content);

    /// <summary>Writes the files of a folder.</summary>
    public async Task PutFolderAsync(string container, string folder, string prefix)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            await PutBlobAsync(container, prefix + Path.GetFileName(file), await File.ReadAllBytesAsync(file));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task PutAsync(string url, byte[] content)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, url + (url.EndsWith('?') ? string.Empty : "&") + Sign()) { Content = new ByteArrayContent(content) };
        request.Headers.Add("x-ms-version", "2020-10-02");
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>A test that needs Azurite; skipped with the reason where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AzuriteFactAttribute : FactAttribute
{
    public AzuriteFactAttribute() => Skip = Azurite.WhyNot;
}

internal static class Secrets
{
    public static SecureString Of(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }
}
