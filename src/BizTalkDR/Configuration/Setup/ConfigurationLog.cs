using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Setup;

/// <summary>What the log of Configuration.exe says; pure.</summary>
/// <remarks>
/// Its form is not documented. A published log of BizTalk Server 2006 begins its lines with [time severity component], as in [1:57:09 PM Error ConfigHelper] (malgreve.net, "Error configuring BizTalk Server 2006");
/// that later versions write the severity alone, as [ERR] or [WARN], is inferred. A log without such lines proves nothing: what was configured is looked at in any case. Codes are Win32's and those of SQL Server.
/// </remarks>
internal static class ConfigurationLog
{
    private static readonly Regex s_failure = new(@"^[^\[]*\[[^\]]*\bERR(OR)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_warning = new(@"^[^\[]*\[[^\]]*\bWARN(ING)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_wrongPassword = new(@"0x8007052E|\b1326\b|user name or password is incorrect|unknown user name or bad password", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_edition = new("(Standard|Branch) Edition.*join", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_version = new("version of the database", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Lines that say that something failed.</summary>
    public static IReadOnlyList<string> Failures(string log) => Lines(log).Where(l => s_failure.IsMatch(l)).ToList();

    /// <summary>Lines that warn.</summary>
    public static IReadOnlyList<string> Warnings(string log) => Lines(log).Where(l => s_warning.IsMatch(l)).ToList();

    /// <summary>Gives a failure its name.</summary>
    public static RecoveryError NameOf(IReadOnlyCollection<string> said) =>
        said.Any(s_wrongPassword.IsMatch) ? RecoveryError.AccountPasswordWrong
        : said.Any(s_edition.IsMatch) ? RecoveryError.EditionDiffers
        : said.Any(s_version.IsMatch) ? RecoveryError.ProductVersionDiffers
        : RecoveryError.ConfigurationFailed;

    private static IEnumerable<string> Lines(string log) => log.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);
}
