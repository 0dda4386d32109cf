using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Computer.Tools;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Portal;

/// <summary>bm.exe: configuration and definitions of BAM.</summary>
/// <remarks>Microsoft's documentation, "BAM Management Utility": get-config does not overwrite an existing file. The wording of failures is not documented.</remarks>
internal sealed class BmTool : IComputerTool
{
    private static readonly string[] s_options = ["FileName", "Server", "Database", "Trace"];

    public string Name => "bm";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || arguments[0].ToLowerInvariant() is not ("get-config" or "get-defxml" or "update-config"))
            return context.Fail("Usage: bm.exe get-config | get-defxml | update-config -FileName:<file> [-Server:<server>] [-Database:<database>]");
        Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
        foreach (string word in arguments.Skip(1))
        {
            string[] parts = word.TrimStart('-', '/').Split(':', 2);
            if (parts.Length < 2 || !s_options.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
                return context.Fail($"'{word}' is not a valid option.");
            options[parts[0]] = parts[1];
        }

        if (!options.TryGetValue("FileName", out string? file) || file.Length == 0)
            return context.Fail("The option -FileName is required.");
        if (ManagementTables.Of(context.Computer.Lab, options.GetValueOrDefault("Server", "localhost"), options.GetValueOrDefault("Database", "BAMPrimaryImport")) is not { } tables)
            return context.Fail($"A connection to {options.GetValueOrDefault("Server", "localhost")} could not be made.");
        try
        {
            return arguments[0].ToLowerInvariant() switch
            {
                "get-config" => Write(context, file, tables.Rows("SELECT TOP (1) ConfigurationXml FROM dbo.bam_Metadata_Configuration ORDER BY LastUpdated DESC;", r => r.GetString(0)).FirstOrDefault() ?? string.Empty, overwrites: false),
                "get-defxml" => Write(context, file, "<BAMDefinition>" + string.Concat(tables.Rows("SELECT DefinitionXml FROM dbo.bam_Metadata_Activities ORDER BY ActivityName;", r => r.GetString(0))) + "</BAMDefinition>", overwrites: true),
                _ => Update(context, file, tables),
            };
        }
        catch (SqlException refused)
        {
            return context.Fail(refused.Message);
        }
    }

    private static int Write(ToolContext context, string file, string text, bool overwrites)
    {
        if (!overwrites && context.Computer.Files.FileExists(file))
            return context.Fail($"The file {file} already exists.");
        context.Computer.Files.Write(file, FileProtection.Inherited, s => s.Write(Encoding.UTF8.GetBytes(text)));
        context.Say("Done.");
        return 0;
    }

    private static int Update(ToolContext context, string file, ManagementTables tables)
    {
        if (!context.Computer.Files.FileExists(file))
            return context.Fail($"The file {file} was not found.");
        using System.IO.StreamReader reader = new(context.Computer.Files.Read(file));
        tables.Run([("INSERT INTO dbo.bam_Metadata_Configuration (ConfigurationXml, LastUpdated, LastUpdatedBy) VALUES (@x, GETUTCDATE(), @u);", [("@x", reader.ReadToEnd()), ("@u", @"LAB\Operator")])]);
        context.Say("Done.");
        return 0;
    }
}
