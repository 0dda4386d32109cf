using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Tools;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>BTSTask: lists, exports and imports applications and bindings of the Management database.</summary>
/// <remarks>
/// Microsoft's documentation, "BTSTask Command-Line Reference" and the page of each command: <c>/</c> or <c>-</c>, names may be shortened, case does not matter, 0 is
/// success. The line at the end of a success is in the examples there; the wording of failures is not documented.
/// </remarks>
internal sealed class BtsTaskTool : IComputerTool
{
    private const string Success = "Command succeeded with 0 errors, 0 warnings.";

    private static readonly Dictionary<string, (string[] Required, string[] Optional)> s_commands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ListApps"] = ([], []),
        ["ListApp"] = ([], ["ApplicationName", "ResourceSpec"]),
        ["ExportApp"] = (["Package"], ["ApplicationName", "ResourceSpec", "GlobalParties"]),
        ["ImportApp"] = (["Package"], ["Environment", "ApplicationName", "Overwrite"]),
        ["ExportBindings"] = (["Destination"], ["GroupLevel", "ApplicationName", "AssemblyName", "GlobalParties"]),
        ["ImportBindings"] = (["Source"], ["GroupLevel", "ApplicationName", "ImportTrackingSettings", "ExcludeParties"]),
        ["ExportParties"] = (["Destination"], []),
    };

    public string Name => "BTSTask";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || !s_commands.TryGetValue(arguments[0], out (string[] Required, string[] Optional) command))
            return context.Fail("Usage: BTSTask <command> [parameters]. Commands: " + string.Join(", ", s_commands.Keys));
        Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
        string[] known = [.. command.Required, .. command.Optional, "Server", "Database"];
        foreach (string word in arguments.Skip(1))
        {
            string[] parts = word.TrimStart('/', '-').Split(':', 2);
            string[] fits = known.Where(k => k.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase)).ToArray();
            if (word.Length == 0 || word[0] is not ('/' or '-') || parts[0].Length == 0 || (fits.Length != 1 && !fits.Contains(parts[0], StringComparer.OrdinalIgnoreCase)))
                return context.Fail($"The parameter '{word}' is not valid for {arguments[0]}.");
            options[fits.Length == 1 ? fits[0] : parts[0]] = parts.Length > 1 ? parts[1] : string.Empty;
        }

        string? missing = command.Required.FirstOrDefault(r => !options.TryGetValue(r, out string? value) || value.Length == 0);
        return missing is null ? Run(context, arguments[0].ToLowerInvariant(), options) : context.Fail($"The required parameter '{missing}' was not specified.");
    }

    private static int Run(ToolContext context, string command, Dictionary<string, string> options)
    {
        string server = options.GetValueOrDefault("Server") ?? Setting(context.Computer, "MgmtDBServer"), database = options.GetValueOrDefault("Database") ?? Setting(context.Computer, "MgmtDBName");
        if (ManagementTables.Of(context.Computer.Lab, server, database) is not { } tables)
            return context.Fail($"Could not connect to the BizTalk Management database {database} on {server}.");
        try
        {
            BtsTaskRun run = new(context, tables, options);
            int code = command switch
            {
                "listapps" => run.ListApplications(),
                "listapp" => run.ListApplication(),
                "exportapp" => run.Export(),
                "importapp" => run.Import(),
                "exportbindings" => run.ExportBindings(),
                "importbindings" => run.ImportBindings(),
                _ => run.Save(options["Destination"], new XDocument(new XElement("Parties", tables.Rows("SELECT nvcName FROM dbo.bts_party ORDER BY nvcName;", r => new XElement("Party", new XAttribute("Name", r.GetString(0))))))),
            };
            if (code == 0)
                context.Say(Success);
            return code;
        }
        catch (SqlException refused)
        {
            return context.Fail($"The BizTalk Management database {database} on {server} cannot be used: {refused.Message}");
        }
    }

    private static string Setting(LabComputer computer, string name) =>
        computer.Registry.Values(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration").FirstOrDefault(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase))?.Data as string ?? string.Empty;
}
