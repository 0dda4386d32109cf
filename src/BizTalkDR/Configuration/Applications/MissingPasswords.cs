using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace BizTalkDR.Configuration.Applications;

/// <summary>A secret that a binding file does not hold.</summary>
/// <param name="Port">Send port or receive location.</param>
/// <param name="Property">Property of its adapter.</param>
/// <param name="IsCertain">Whether there was one for sure: it is masked. Otherwise it is empty beside a user name.</param>
public sealed record MissingPassword(string Port, string Property, bool IsCertain)
{
    /// <summary>Gives port and property.</summary>
    public override string ToString() => $"{Port}: {Property}";
}

/// <summary>Finds the secrets that BizTalk left out of a binding file.</summary>
internal static class MissingPasswords
{
    private static readonly string[] s_secrets = ["password", "passphrase", "secret", "sharedaccesskey", "accountkey"];
    private static readonly string[] s_users = ["user", "account"];

    /// <summary>Looks through the adapter configuration of every port.</summary>
    /// <returns>By port; empty when no secret is missing.</returns>
    public static IReadOnlyList<MissingPassword> In(BindingFile bindings) => bindings.Transports.Where(t => t.Data is not null)
        .SelectMany(t => Of(t.Port, t.Data!.Value)).Distinct().OrderBy(m => m.Port, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Property, StringComparer.Ordinal).ToList();

    /// <summary>Gives a configuration without what its secrets are, to compare with another.</summary>
    public static string WithoutSecrets(string configuration)
    {
        if (Parse(configuration) is not { } root)
            return configuration;
        foreach (XElement element in root.DescendantsAndSelf().Where(e => !e.HasElements).ToList())
        {
            if (element.Value.TrimStart().StartsWith("<", StringComparison.Ordinal))
                element.Value = WithoutSecrets(element.Value);
            else if (Names(element.Name.LocalName, s_secrets))
                element.ReplaceWith(new XElement(element.Name));
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static IEnumerable<MissingPassword> Of(string port, string configuration)
    {
        if (Parse(configuration) is not { } root)
            yield break;
        foreach (XElement element in root.DescendantsAndSelf().Where(e => !e.HasElements))
        {
            if (element.Value.TrimStart().StartsWith("<", StringComparison.Ordinal))
            {
                // Configuration within configuration, once more as text (BindingConfiguration, AdapterConfig).
                foreach (MissingPassword inner in Of(port, element.Value))
                    yield return inner;
            }
            else if (Names(element.Name.LocalName, s_secrets) && Judge(element) is { } certain)
            {
                yield return new MissingPassword(port, element.Name.LocalName, certain);
            }
        }
    }

    private static bool? Judge(XElement secret)
    {
        string value = secret.Value.Trim();
        if (value.Length > 0)
            return value.All(c => c == '*') ? true : null;
        return secret.Parent?.Elements().Any(e => Names(e.Name.LocalName, s_users) && !Names(e.Name.LocalName, s_secrets) && e.Value.Trim().Length > 0) == true ? false : null;
    }

    private static XElement? Parse(string text)
    {
        try
        {
            return XElement.Parse(text);
        }
        catch (XmlException)
        {
            // Not every adapter keeps XML here; what is no XML has no named property.
            return null;
        }
    }

    private static bool Names(string name, string[] parts) => parts.Any(p => name.IndexOf(p, StringComparison.OrdinalIgnoreCase) >= 0);
}
