using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace BizTalkDR.Catalogue;

/// <summary>What the name of a backup file tells; the header is the authority.</summary>
/// <param name="Kind">Full or log.</param>
/// <param name="Prefix"><c>server_database</c>, not taken apart: both may contain underscores.</param>
/// <param name="Mark">Mark name and stamp; for a full it is only a stamp in the same form, not a mark in any log.</param>
/// <param name="Stamp">The stamp alone.</param>
public sealed record BackupFileName(BackupSetKind Kind, string Prefix, string Mark, string Stamp)
{
    private const string StampPattern = @"(?<stamp>\d{4}_\d{2}_\d{2}_\d{2}_\d{2}_\d{2}_\d{3})\.bak$";
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase;

    // With the mark name first: an old default mark name is "Log", so "_Log_Log_" must not be read as a stamp without a name.
    private static readonly Regex WithMarkName = new(@"^(?<prefix>.+)_(?<kind>Full|Log)_(?<name>[A-Za-z0-9]{1,8})_" + StampPattern, Options, TimeSpan.FromSeconds(1));
    private static readonly Regex WithoutMarkName = new("^(?<prefix>.+)_(?<kind>Full|Log)_" + StampPattern, Options, TimeSpan.FromSeconds(1));

    /// <summary>Takes a file name apart from the right.</summary>
    /// <returns>The parts, or null when the name does not follow the rule.</returns>
    public static BackupFileName? TryParse(string? fileName)
    {
        if (string.IsNullOrEmpty(fileName) || fileName!.Length > 500)
        {
            return null;
        }

        Match match = WithMarkName.Match(fileName);
        if (!match.Success)
        {
            match = WithoutMarkName.Match(fileName);
        }

        string stamp = match.Groups["stamp"].Value;
        if (!match.Success || LogMark.TimeOf(stamp) is null)
        {
            return null;
        }

        BackupSetKind kind = match.Groups["kind"].Value.Length == 3 ? BackupSetKind.Log : BackupSetKind.Full;
        string name = match.Groups["name"].Value;
        return new BackupFileName(kind, match.Groups["prefix"].Value, name.Length == 0 ? stamp : name + "_" + stamp, stamp);
    }

    /// <summary>Gives the prefix that a server and database lead to: the server with \ as _, cut to 30 characters (facts: backup-job.md §6).</summary>
    public static string PrefixOf(string server, string database)
    {
        string cut = server.Length > 30 ? server.Substring(0, 30) : server;
        return string.Format(CultureInfo.InvariantCulture, "{0}_{1}", cut.Replace('\\', '_'), database);
    }
}
