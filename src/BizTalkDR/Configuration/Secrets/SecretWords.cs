using System;
using System.Linq;
using System.Text.RegularExpressions;

namespace BizTalkDR.Configuration;

/// <summary>Says whether a password or a key seems to stand in a text in clear.</summary>
internal static class SecretWords
{
    private static readonly Regex s_assignment = new(
        @"(?:password|passwd|pwd|passphrase|decryptionkey|validationkey|accountkey|sharedaccesskey|sharedaccesssignature|rmtpassword|secret)[""'\s]*[=:]\s*N?[""']?\s*(?<value>[^""'\s;,>]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

    /// <summary>What stands where a secret could and is none.</summary>
    private static readonly string[] s_none = ["AutoGenerate", "AutoGenerate,IsolateApps", "true", "false", "null", "NULL", "****", "********"];

    /// <summary>Looks for an assignment of a value that is neither empty nor a variable nor masked.</summary>
    public static bool MayHold(string? text) => text is not null && s_assignment.Matches(text).Cast<Match>().Select(m => m.Groups["value"].Value)
        .Any(v => !s_none.Contains(v, StringComparer.OrdinalIgnoreCase) && v[0] is not ('@' or '$' or '%'));
}
