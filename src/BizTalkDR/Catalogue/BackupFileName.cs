using System;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Catalogue;

/// <summary>What the name of a backup file tells; the header is the authority.</summary>
/// <param name="Kind">Full or log.</param>
/// <param name="Prefix"><c>server_database</c>, not taken apart: both may contain underscores.</param>
/// <param name="Mark">Mark name and stamp; for a full it is only a stamp in the same form, not a mark in any log.</param>
/// <param name="Stamp">The stamp alone.</param>
public sealed record BackupFileName(BackupSetKind Kind, string Prefix, string Mark, string Stamp)
{
    private const string Extension = ".bak";
    private static readonly (string Ending, BackupSetKind Kind)[] Kinds = [("_Full", BackupSetKind.Full), ("_Log", BackupSetKind.Log)];

    /// <summary>Takes a file name apart from the right.</summary>
    /// <returns>The parts, or null when the name does not follow the rule.</returns>
    public static BackupFileName? TryParse(string? fileName)
    {
        if (string.IsNullOrEmpty(fileName) || fileName!.Length > 500)
        {
            return null;
        }

        if (!fileName.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) || fileName.IndexOf('\n') >= 0)
        {
            return null;
        }

        string body = fileName.Substring(0, fileName.Length - Extension.Length);
        int stampAt = body.Length - LogMark.StampLength;
        if (stampAt < 2 || body[stampAt - 1] != '_' || LogMark.TimeOf(body.Substring(stampAt)) is null)
        {
            return null;
        }

        string stamp = body.Substring(stampAt);
        string rest = body.Substring(0, stampAt - 1);

        // With the mark name first: an old default mark name is "Log", so "_Log_Log_" must not be read as a stamp without a name.
        int nameAt = rest.LastIndexOf('_') + 1;
        string name = rest.Substring(nameAt);
        bool named = nameAt > 0 && name.Length is >= 1 and <= 8 && name.All(IsLetterOrDigit);
        return (named ? Split(rest.Substring(0, nameAt - 1), name + "_" + stamp, stamp) : null) ?? Split(rest, stamp, stamp);
    }

    private static BackupFileName? Split(string text, string mark, string stamp)
    {
        foreach ((string ending, BackupSetKind kind) in Kinds)
        {
            if (text.Length > ending.Length && text.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return new BackupFileName(kind, text.Substring(0, text.Length - ending.Length), mark, stamp);
            }
        }

        return null;
    }

    private static bool IsLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');

    /// <summary>Gives the prefix that a server and database lead to: the server with \ as _, cut to 30 characters (facts: backup-job.md §6).</summary>
    public static string PrefixOf(string server, string database)
    {
        string cut = server.Length > 30 ? server.Substring(0, 30) : server;
        return string.Format(CultureInfo.InvariantCulture, "{0}_{1}", cut.Replace('\\', '_'), database);
    }
}
