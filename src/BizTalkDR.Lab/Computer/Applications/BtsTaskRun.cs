using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Tools;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>One run of BTSTask with its parameters.</summary>
internal sealed class BtsTaskRun(ToolContext context, ManagementTables tables, Dictionary<string, string> options)
{
    private IComputerFiles Files => context.Computer.Files;

    public int ListApplications()
    {
        foreach (string name in tables.Rows("SELECT nvcName FROM dbo.bts_application ORDER BY nvcName;", r => r.GetString(0)))
            context.Say($"-Application Name=\"{name}\"");
        return 0;
    }

    public int ListApplication()
    {
        if (Application() is not { } application)
            return 1;
        List<LabResource> resources = Resources(application.Id);
        foreach (LabResource resource in resources)
            context.Say($"-Resource Type=\"{resource.Type}\" LUID=\"{resource.Luid}\"");
        return options.TryGetValue("ResourceSpec", out string? path)
            ? Save(path, new XDocument(new XElement("ResourceSpec", new XElement("Resources", resources.Select(r => new XElement("Resource", new XAttribute("Type", r.Type), new XAttribute("Luid", r.Luid)))))))
            : 0;
    }

    /// <summary>An existing package is overwritten, as documented.</summary>
    public int Export()
    {
        if (Application() is not { } application)
            return 1;
        List<LabResource> resources = Resources(application.Id).ConvertAll(r => r with { Content = r.Type.EndsWith("Assembly", StringComparison.Ordinal) ? ReadCached(r.Luid) : null });
        List<string> references = tables.Rows(
            "SELECT b.nvcName FROM dbo.bts_application_reference AS r INNER JOIN dbo.bts_application AS b ON b.nID = r.nReferencedApplicationID WHERE r.nApplicationID = @a ORDER BY b.nvcName;",
            r => r.GetString(0), ("@a", application.Id));
        Files.Write(options["Package"], FileProtection.Inherited, new LabPackage(application.Name, application.Description, references, resources).Save);
        return 0;
    }

    /// <summary>Without a name it imports into the default application, as documented.</summary>
    public int Import()
    {
        if (!Files.FileExists(options["Package"]))
            return context.Fail($"The file {options["Package"]} was not found.");
        using Stream stream = Files.Read(options["Package"]);
        if (LabPackage.Load(stream) is not { } package)
            return context.Fail($"The file {options["Package"]} is not a Windows Installer package of a BizTalk application.");
        string name = options.GetValueOrDefault("ApplicationName") is { Length: > 0 } given ? given : tables.Rows("SELECT nvcName FROM dbo.bts_application WHERE isDefault = 1;", r => r.GetString(0)).First();
        bool isDefault = !options.ContainsKey("ApplicationName");
        if (tables.ApplicationId(name) is not null && !isDefault && !options.ContainsKey("Overwrite"))
            return context.Fail($"The application \"{name}\" already exists.");
        string? unknown = package.References.FirstOrDefault(r => tables.ApplicationId(r) is null);
        if (unknown is not null)
            return context.Fail($"The application \"{name}\" references the application \"{unknown}\", which does not exist.");
        tables.Run(ImportStatements.Of(name, package));
        return 0;
    }

    public int ExportBindings()
    {
        bool group = options.ContainsKey("GroupLevel");
        if (group && options.ContainsKey("ApplicationName"))
            return context.Fail("The parameters GroupLevel and ApplicationName cannot be used together.");
        if (group)
            return Save(options["Destination"], BindingDocument.Export(tables, null, options.ContainsKey("GlobalParties")));
        return Application() is { } application ? Save(options["Destination"], BindingDocument.Export(tables, application.Name, options.ContainsKey("GlobalParties"))) : 1;
    }

    public int ImportBindings()
    {
        if (Application() is not { } application)
            return 1;
        if (!Files.FileExists(options["Source"]))
            return context.Fail($"The file {options["Source"]} was not found.");
        try
        {
            using Stream stream = Files.Read(options["Source"]);
            XDocument document = XDocument.Load(stream);
            if (document.Root?.Name != "BindingInfo")
                return context.Fail($"The file {options["Source"]} is not a binding file.");
            tables.Run(BindingDocument.Import(document, application.Id));
            return 0;
        }
        catch (XmlException wrong)
        {
            return context.Fail($"The file {options["Source"]} is not a binding file: {wrong.Message}");
        }
    }

    public int Save(string path, XDocument document)
    {
        Files.Write(path, FileProtection.Inherited, document.Save);
        return 0;
    }

    /// <summary>Finds the application that is meant: the default one without a name. Null, having said so, when there is none.</summary>
    private (int Id, string Name, string Description)? Application()
    {
        string? name = options.GetValueOrDefault("ApplicationName");
        (int Id, string Name, string Description)? found = tables.Rows(
            name is null ? "SELECT nID, nvcName, nvcDescription FROM dbo.bts_application WHERE isDefault = 1;" : "SELECT nID, nvcName, nvcDescription FROM dbo.bts_application WHERE nvcName = @n;",
            r => ((int, string, string)?)(r.GetInt32(0), r.GetString(1), r.IsDBNull(2) ? string.Empty : r.GetString(2)), name is null ? [] : [("@n", name)]).FirstOrDefault();
        if (found is null)
            context.Fail($"The application \"{name}\" does not exist.");
        return found;
    }

    private List<LabResource> Resources(int application) =>
        tables.Rows("SELECT sdmType, luid FROM dbo.adpl_sat WHERE applicationId = @a ORDER BY id;", r => new LabResource(r.GetString(0), r.GetString(1), null), ("@a", application));

    private string? ReadCached(string fullName)
    {
        string path = LabAssembly.CachePath(Files, fullName);
        if (!Files.FileExists(path))
            return null;
        using StreamReader reader = new(Files.Read(path));
        return reader.ReadToEnd();
    }
}
