using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Portal;

/// <summary>An application pool of a simulated computer; attributes by the names of applicationHost.config.</summary>
internal sealed record IisPool(string Name, string State, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A virtual application with its root directory.</summary>
internal sealed record IisApplication(string Site, string Path, string Pool, string PhysicalPath)
{
    public string Name => Site + Path;
}

/// <summary>IIS of a simulated computer: <c>iis.json</c> in its folder.</summary>
internal sealed record WebServer(IReadOnlyList<IisPool> Pools, IReadOnlyList<IisApplication> Applications)
{
    public static WebServer Read(string folder) => File.Exists(FileOf(folder)) ? JsonSerializer.Deserialize<WebServer>(File.ReadAllText(FileOf(folder)))! : new WebServer([], []);

    public void Write(string folder) => PrivateFile.Write(FileOf(folder), JsonSerializer.Serialize(this));

    public IisPool? Pool(string name) => Pools.FirstOrDefault(p => Same(p.Name, name));

    public IisApplication? Application(string name) => Applications.FirstOrDefault(a => Same(a.Name, name));

    public WebServer With(IisPool pool) => this with { Pools = [.. Pools.Where(p => !Same(p.Name, pool.Name)), pool] };

    public WebServer With(IisApplication application) => this with { Applications = [.. Applications.Where(a => !Same(a.Name, application.Name)), application] };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string FileOf(string folder) => Path.Combine(folder, "iis.json");
}
