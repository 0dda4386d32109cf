using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>Asks IIS for the portal, through appcmd.</summary>
internal sealed class PortalReader(IComputer computer, CancellationToken cancellationToken)
{
    /// <summary>Reads the pool; null when there is none of the name.</summary>
    /// <exception cref="RecoveryException">ToolNotFound, ToolFailed, ToolTimedOut.</exception>
    public PortalPool? Pool(string name)
    {
        if (!HasPool(name))
            return null;
        return new PortalPool(
            name, Attribute(name, "managedRuntimeVersion") ?? string.Empty, Attribute(name, "managedPipelineMode") ?? string.Empty,
            string.Equals(Attribute(name, "enable32BitAppOnWin64"), "true", StringComparison.OrdinalIgnoreCase),
            Attribute(name, "processModel.identityType") ?? string.Empty, Attribute(name, "processModel.userName") ?? string.Empty);
    }

    /// <summary>Whether there is a pool of the name; each attribute of one costs a run of appcmd.</summary>
    public bool HasPool(string name) => Attribute(name, "name") is { Length: > 0 };

    /// <summary>Reads one attribute of a pool (<c>state</c>); null when there is no such pool.</summary>
    public string? Attribute(string pool, string attribute)
    {
        ToolResult result = computer.Tools.Run(PortalCommands.PoolAttribute(pool, attribute), cancellationToken);
        if (result.Succeeded)
            return result.Output.Trim();
        RequireSilence(result, PortalCommands.PoolAttribute(pool, attribute));
        return null;
    }

    /// <summary>Reads the names of a pool's applications (<see cref="PortalApplication.Name"/>) in one run of appcmd.</summary>
    public IReadOnlyList<string> ApplicationNames(string pool) => Elements(PortalCommands.ListApplications(pool), "APP").Select(a => Of(a, "SITE.NAME") + Of(a, "path")).ToList();

    /// <summary>Reads the applications of a pool with their folders.</summary>
    public IReadOnlyList<PortalApplication> Applications(string pool) => Elements(PortalCommands.ListApplications(pool), "APP")
        .Select(a => new PortalApplication(Of(a, "SITE.NAME"), Of(a, "path"), PhysicalPath(Of(a, "APP.NAME")))).ToList();

    private string PhysicalPath(string application) => Elements(PortalCommands.ListDirectories(application), "VDIR")
        .Where(v => Of(v, "path") == "/").Select(v => Of(v, "physicalPath")).FirstOrDefault() ?? string.Empty;

    private List<XElement> Elements(ToolCommand command, string name)
    {
        ToolResult result = computer.Tools.Run(command, cancellationToken);
        if (!result.Succeeded && result.Said.Length == 0)
            return [];
        try
        {
            // An empty list is an empty element and exit code 1; a failure is an element ERROR.
            XElement root = XElement.Parse(result.Output);
            if (root.Element("ERROR") is null && (result.Succeeded || !root.HasElements))
                return root.Elements(name).ToList();
        }
        catch (XmlException) when (!result.Succeeded)
        {
            // It says in words what failed.
        }
        catch (XmlException wrong)
        {
            throw new RecoveryException(RecoveryError.ToolFailed, command.ToString(), $"What {command} wrote is no XML: {wrong.Message}", null, wrong);
        }

        RequireSilence(result, command);
        return [];
    }

    /// <summary>appcmd ends with 1 without a word when a list is empty; anything else is a failure.</summary>
    private void RequireSilence(ToolResult result, ToolCommand command)
    {
        if (result.Said.Length > 0)
            throw new RecoveryException(RecoveryError.ToolFailed, command.ToString(), $"{command} ended with {result.ExitCode} on {computer.Name}. It said: {result.Said}");
    }

    private static string Of(XElement element, string attribute) => (string?)element.Attribute(attribute) ?? string.Empty;
}
