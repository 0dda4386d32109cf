using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Setup;

/// <summary>What the log of Configuration.exe says; pure.</summary>
/// <remarks>Its form is not documented. Logs that were published mark lines with [INFO], [WARN] and [ERR] or [ERROR]. A log without such lines proves nothing: what was configured is looked at in any case. Codes are Win32's and those of SQL Server.</remarks>
internal static class ConfigurationLog
{
    private static readonly Regex s_wrongPassword = new(@"0x8007052E|\b1326\b|user name or password is incorrect|unknown user name or bad password", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_edition = new("(Standard|Branch) Edition.*join", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_version = new("version of the database", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Lines that say that something failed.</summary>
    public static IReadOnlyList<string> Failures(string log) => Lines(log).Where(l => Holds(l, "[ERR")).ToList();

    /// <summary>Lines that warn.</summary>
    public static IReadOnlyList<string> Warnings(string log) => Lines(log).Where(l => Holds(l, "[WARN")).ToList();

    /// <summary>Gives a failure its name.</summary>
    public static RecoveryError NameOf(IReadOnlyCollection<string> said) =>
        said.Any(s_wrongPassword.IsMatch) ? RecoveryError.AccountPasswordWrong
        : said.Any(s_edition.IsMatch) ? RecoveryError.EditionDiffers
        : said.Any(s_version.IsMatch) ? RecoveryError.ProductVersionDiffers
        : RecoveryError.ConfigurationFailed;

    private static IEnumerable<string> Lines(string log) => log.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);

    private static bool Holds(string line, string part) => line.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0;
}
