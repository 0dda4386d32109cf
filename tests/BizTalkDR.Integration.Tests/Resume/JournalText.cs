using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>Reads journals without the product's own reader.</summary>
internal static class JournalText
{
    /// <summary>One line; null when it is no JSON object.</summary>
    public static Dictionary<string, string?>? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), System.StringComparer.Ordinal)!;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
