using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Tools;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Setup;

/// <summary>Configuration.exe: configures the features of a file, one after the other; the first failure ends it, and what is configured stays.</summary>
/// <remarks>
/// Microsoft's documentation, "Working with the Configuration Framework": /S file, /L log (by default in %TEMP%), /U, /H. The exit codes (0, 1), the wording of the log
/// and the marks of its lines are not documented.
/// </remarks>
internal sealed class ConfigurationTool : IComputerTool
{
    private static readonly string[] s_usage = ["Usage: Configuration.exe /S <file> [/L <log>] | /U | /H"];

    public string Name => "Configuration";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
        if (arguments.Count is not (2 or 4) || arguments.Where((_, i) => i % 2 == 0).Any(a => a.ToUpperInvariant() is not ("/S" or "/L")))
            return context.Usage(s_usage, arguments is ["/H"] or ["/h"] ? [] : arguments);
        for (int i = 0; i < arguments.Count; i += 2)
            options[arguments[i]] = arguments[i + 1];
        if (!options.TryGetValue("/S", out string? file))
            return context.Usage(s_usage, arguments);
        List<string> log = [];
        string? failure = Configure(context.Computer, file, log);
        if (failure is not null)
            log.Add(Line("ERR", failure));
        string path = options.GetValueOrDefault("/L") ?? context.Computer.Files.Expand(string.Create(CultureInfo.InvariantCulture, $@"%TEMP%\ConfigLog({DateTime.Now:MM-dd-yyyy HH'h'mm'm'ss's'}).log"));
        context.Computer.Files.Write(path, FileProtection.Inherited, s => s.Write(Encoding.UTF8.GetBytes(string.Join(Environment.NewLine, log) + Environment.NewLine)));
        return failure is null ? 0 : 1;
    }

    private static string? Configure(LabComputer computer, string path, List<string> log)
    {
        if (!computer.Files.FileExists(path))
            return $"The file {path} was not found.";
        XElement? root;
        using (Stream stream = computer.Files.Read(path))
            root = SetupFile.Read(stream);
        if (root is null)
            return $"{path} is not a configuration file.";
        ConfigurationRun run = new(computer, message => log.Add(Line("INFO", message)), message => log.Add(Line("WARN", message)));
        foreach (XElement feature in root.Elements("Feature"))
        {
            string name = feature.Attribute("Name")?.Value ?? string.Empty;
            if (run.Configure(name, feature) is { } failure)
                return $"{name}: {failure}";
            log.Add(Line("INFO", $"{name} is configured."));
        }

        return null;
    }

    private static string Line(string mark, string text) => string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyy-MM-dd HH:mm:ss:ffff} [{mark}] {text}");
}
