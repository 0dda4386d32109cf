using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Tools;

namespace BizTalkDR.Lab.Computer.Portal;

/// <summary>appcmd: application pools, applications and their directories.</summary>
/// <remarks>
/// Microsoft's documentation, "Getting Started with AppCmd.exe" and the configuration reference of system.applicationHost. An empty list ends with 1 without a word; a
/// pool whose account has no password stops as soon as it is started (both from memory, as is the wording).
/// </remarks>
internal sealed class AppCmdTool : IComputerTool
{
    private static readonly string[] s_attributes =
        ["managedRuntimeVersion", "managedPipelineMode", "enable32BitAppOnWin64", "autoStart", "processModel.identityType", "processModel.userName", "processModel.password"];

    public string Name => "appcmd";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2)
            return Error(context, "The command is not complete: appcmd (command) (object-type) <identifier> </parameter1:value1 ...>");
        string command = arguments[0].ToLowerInvariant() + " " + arguments[1].ToLowerInvariant();
        string? identifier = arguments.Skip(2).FirstOrDefault(a => a[0] != '/');
        Dictionary<string, string> options = arguments.Skip(2).Where(a => a[0] == '/').Select(a => a[1..].Split(':', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? p[1] : string.Empty, StringComparer.OrdinalIgnoreCase);
        WebServer server = WebServer.Read(context.Computer.Folder);
        return command switch
        {
            "list apppool" => ListPools(context, server, identifier, options),
            "list app" => ListApplications(context, server, identifier, options),
            "list vdir" => ListDirectories(context, server, options),
            "add apppool" => AddPool(context, server, options),
            "set apppool" => SetPool(context, server, identifier, options),
            "start apppool" => SetState(context, server, identifier, "Started"),
            "stop apppool" => SetState(context, server, identifier, "Stopped"),
            "add app" => AddApplication(context, server, options),
            "set app" => SetApplication(context, server, identifier, options),
            _ => Error(context, $"Object '{arguments[1]}' is not supported, or the command '{arguments[0]}' is not."),
        };
    }

    private static int ListPools(ToolContext context, WebServer server, string? name, Dictionary<string, string> options)
    {
        List<IisPool> pools = server.Pools.Where(p => name is null || string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (options.TryGetValue("text", out string? attribute))
        {
            foreach (IisPool pool in pools)
                context.Say(attribute.ToLowerInvariant() switch { "name" => pool.Name, "state" => pool.State, _ => pool.Attributes.GetValueOrDefault(attribute, Same(attribute, "processModel.identityType") ? "ApplicationPoolIdentity" : string.Empty) });
        }
        else
        {
            Write(context, options, pools.Select(p => (new XElement("APPPOOL", new XAttribute("APPPOOL.NAME", p.Name), new XAttribute("state", p.State)), $"APPPOOL \"{p.Name}\" (state:{p.State})")));
        }

        return pools.Count == 0 ? 1 : 0;
    }

    private static int ListApplications(ToolContext context, WebServer server, string? name, Dictionary<string, string> options)
    {
        List<IisApplication> found = server.Applications.Where(a => (name is null || Same(a.Name, name)) && Fits(options, "apppool.name", a.Pool) && Fits(options, "site.name", a.Site) && Fits(options, "path", a.Path)).ToList();
        Write(context, options, found.Select(a => (
            new XElement("APP", new XAttribute("path", a.Path), new XAttribute("APP.NAME", a.Name), new XAttribute("APPPOOL.NAME", a.Pool), new XAttribute("SITE.NAME", a.Site)), $"APP \"{a.Name}\" (applicationPool:{a.Pool})")));
        return found.Count == 0 ? 1 : 0;
    }

    private static int ListDirectories(ToolContext context, WebServer server, Dictionary<string, string> options)
    {
        List<IisApplication> found = server.Applications.Where(a => Fits(options, "app.name", a.Name)).ToList();
        Write(context, options, found.Select(a => (
            new XElement("VDIR", new XAttribute("VDIR.NAME", a.Name + "/"), new XAttribute("physicalPath", a.PhysicalPath), new XAttribute("path", "/"), new XAttribute("APP.NAME", a.Name)), $"VDIR \"{a.Name}/\" (physicalPath:{a.PhysicalPath})")));
        return found.Count == 0 ? 1 : 0;
    }

    private static int AddPool(ToolContext context, WebServer server, Dictionary<string, string> options)
    {
        if (!options.Remove("name", out string? name) || name.Length == 0)
            return Error(context, "Required parameter 'name' is missing.");
        if (server.Pool(name) is not null)
            return Error(context, $"Failed to add duplicate collection element \"{name}\".");
        if (Unknown(options) is { } unknown)
            return Error(context, $"Parameter '{unknown}' is not known.");
        server.With(new IisPool(name, "Stopped", options)).Write(context.Computer.Folder);
        context.Say($"APPPOOL object \"{name}\" added");
        return 0;
    }

    private static int SetPool(ToolContext context, WebServer server, string? name, Dictionary<string, string> options)
    {
        if (name is null || server.Pool(name) is not { } pool)
            return Error(context, $"Cannot find APPPOOL object with identifier \"{name}\".");
        if (Unknown(options) is { } unknown)
            return Error(context, $"Parameter '{unknown}' is not known.");
        Dictionary<string, string> attributes = new(pool.Attributes, StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string value) in options)
            attributes[key] = value;
        server.With(pool with { Attributes = attributes }).Write(context.Computer.Folder);
        context.Say($"APPPOOL object \"{name}\" changed");
        return 0;
    }

    private static int SetState(ToolContext context, WebServer server, string? name, string state)
    {
        if (name is null || server.Pool(name) is not { } pool)
            return Error(context, $"Cannot find APPPOOL object with identifier \"{name}\".");
        bool lacksPassword = Same(pool.Attributes.GetValueOrDefault("processModel.identityType", string.Empty), "SpecificUser") && pool.Attributes.GetValueOrDefault("processModel.password", string.Empty).Length == 0;
        server.With(pool with { State = lacksPassword ? "Stopped" : state }).Write(context.Computer.Folder);
        context.Say($"\"{name}\" successfully {(state == "Started" ? "started" : "stopped")}");
        return 0;
    }

    private static int AddApplication(ToolContext context, WebServer server, Dictionary<string, string> options)
    {
        if (!options.TryGetValue("site.name", out string? site) || !options.TryGetValue("path", out string? path) || path is not ['/', ..])
            return Error(context, "Required parameters 'site.name' and 'path' are missing.");
        IisApplication application = new(site, path, "DefaultAppPool", options.GetValueOrDefault("physicalPath", string.Empty));
        if (server.Application(application.Name) is not null)
            return Error(context, $"Failed to add duplicate collection element \"{path}\".");
        server.With(application).Write(context.Computer.Folder);
        context.Say($"APP object \"{application.Name}\" added");
        return 0;
    }

    private static int SetApplication(ToolContext context, WebServer server, string? name, Dictionary<string, string> options)
    {
        if (name is null || server.Application(name) is not { } application)
            return Error(context, $"Cannot find APP object with identifier \"{name}\".");
        if (!options.TryGetValue("applicationPool", out string? pool))
            return Error(context, "Nothing is to be set.");
        server.With(application with { Pool = pool }).Write(context.Computer.Folder);
        context.Say($"APP object \"{name}\" changed");
        return 0;
    }

    private static void Write(ToolContext context, Dictionary<string, string> options, IEnumerable<(XElement Xml, string Line)> rows)
    {
        if (options.ContainsKey("xml"))
            context.Say(new XElement("appcmd", rows.Select(r => r.Xml)).ToString());
        else
            rows.ToList().ForEach(r => context.Say(r.Line));
    }

    private static string? Unknown(Dictionary<string, string> options) => options.Keys.FirstOrDefault(k => !s_attributes.Contains(k, StringComparer.OrdinalIgnoreCase));

    private static bool Fits(Dictionary<string, string> options, string name, string value) => !options.TryGetValue(name, out string? wanted) || Same(wanted, value);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static int Error(ToolContext context, string what)
    {
        context.Say($"ERROR ( message:{what} )");
        return 1;
    }
}
