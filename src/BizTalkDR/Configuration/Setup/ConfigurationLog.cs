using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Setup;

/// <summary>What the log of Configuration.exe says; pure.</summary>
/// <remarks>Its form is not documented. Logs that were published mark lines with [INFO], [WARN] and [ERR] or [ERROR]. A log without such lines proves nothing: what was configured is looked at in any case. Codes are Win32's and those of SQL Server.</remarks>
internal static class ConfigurationLog
{
    private static readonly string[] s_failure = ["[ERR"];
    private static readonly string[] s_wrongPassword = ["0x8007052E", "1326", "user name or password is incorrect", "unknown user name or bad password"];
    private static readonly string[] s_standard = ["Standard Edition"];
    private static readonly string[] s_version = ["version of the database", "database version"];

    /// <summary>Lines that say that something failed.</summary>
    public static IReadOnlyList<string> Failures(string log) => Lines(log).Where(l => Holds(l, s_failure)).ToList();

    /// <summary>Lines that warn.</summary>
    public static IReadOnlyList<string> Warnings(string log) => Lines(log).Where(l => Holds(l, ["[WARN"])).ToList();

    /// <summary>Gives a failure its name.</summary>
    public static RecoveryError NameOf(IReadOnlyCollection<string> said) =>
        said.Any(l => Holds(l, s_wrongPassword)) ? RecoveryError.AccountPasswordWrong
        : said.Any(l => Holds(l, s_standard)) ? RecoveryError.EditionDiffers
        : said.Any(l => Holds(l, s_version)) ? RecoveryError.ProductVersionDiffers
        : RecoveryError.ConfigurationFailed;

    private static IEnumerable<string> Lines(string log) => log.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);

    private static bool Holds(string line, string[] parts) => parts.Any(p => line.IndexOf(p, StringComparison.OrdinalIgnoreCase) >= 0);
}
