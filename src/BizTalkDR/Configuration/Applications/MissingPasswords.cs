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

/// <summary>Finds the secrets that BizTalk left out of a binding file, and those that stand in it in clear.</summary>
internal static class MissingPasswords
{
    private static readonly string[] s_secrets = ["password", "passphrase", "secret", "sharedaccesskey", "accountkey"];
    private static readonly string[] s_users = ["user", "account"];

    /// <summary>Looks through the adapter configuration of every port.</summary>
    /// <returns>By port; empty when no secret is missing.</returns>
    public static IReadOnlyList<MissingPassword> In(BindingFile bindings) => bindings.Transports.Where(t => t.Data is not null)
        .SelectMany(t => Secrets(t.Data!.Value).Where(s => Judge(s) is not null).Select(s => new MissingPassword(t.Port, s.Name.LocalName, Judge(s)!.Value))).Distinct().OrderBy(m => m.Port, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Property, StringComparer.Ordinal).ToList();

    /// <summary>Names the secrets whose values a file holds in clear: not every adapter leaves them out. Never the value.</summary>
    /// <returns>Port and property.</returns>
    public static IEnumerable<string> InClear(BindingFile bindings) => bindings.Transports.Where(t => t.Data is not null)
        .SelectMany(t => Secrets(t.Data!.Value).Where(StandsInClear).Select(s => $"{t.Port}: {s.Name.LocalName}"));

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

    private static IEnumerable<XElement> Secrets(string configuration)
    {
        if (Parse(configuration) is not { } root)
            yield break;
        foreach (XElement element in root.DescendantsAndSelf().Where(e => !e.HasElements))
        {
            if (element.Value.TrimStart().StartsWith("<", StringComparison.Ordinal))
            {
                // Configuration within configuration, once more as text (BindingConfiguration, AdapterConfig).
                foreach (XElement inner in Secrets(element.Value))
                    yield return inner;
            }
            else if (Names(element.Name.LocalName, s_secrets))
            {
                yield return element;
            }
        }
    }

    private static bool? Judge(XElement secret)
    {
        string value = secret.Value.Trim();
        if (value.Length > 0)
            return IsMask(value) ? true : null;
        return secret.Parent?.Elements().Any(e => Names(e.Name.LocalName, s_users) && !Names(e.Name.LocalName, s_secrets) && e.Value.Trim().Length > 0) == true ? false : null;
    }

    /// <summary>The name of a key (SharedAccessKeyName) and a switch (UsePassword) are no secrets.</summary>
    private static bool StandsInClear(XElement secret)
    {
        string value = secret.Value.Trim();
        return value.Length > 0 && !IsMask(value) && !secret.Name.LocalName.EndsWith("Name", StringComparison.OrdinalIgnoreCase) && !bool.TryParse(value, out _);
    }

    private static bool IsMask(string value) => value.All(c => c == '*');

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
