using System;
using System.Globalization;

namespace BizTalkDR.BackupFiles;

/// <summary>A file name made by the BizTalk backup job: <c>&lt;server&gt;_&lt;database&gt;_Log_&lt;mark&gt;.bak</c> or <c>…_Full_&lt;stamp&gt;.bak</c>.</summary>
/// <remarks>
/// Server and database may hold underscores, so a name is read from the right and never split from the left: what stands before the kind can only be
/// compared with what a header says (backup-job.md §6). The header is the authority.
/// </remarks>
public sealed class BizTalkFileName
{
    private const int ServerCharacters = 30;

    private const string StampPattern = "yyyy_MM_dd_HH_mm_ss_fff";
    private const string Extension = ".bak";
    private const string LogPart = "_Log_";
    private const string FullPart = "_Full_";
    private const int LongestName = 512;

    private BizTalkFileName(string source, bool isLog, string? markName, DateTime time)
    {
        Source = source;
        IsLog = isLog;
        MarkName = markName;
        Time = time;
    }

    /// <summary>Server and database, joined by an underscore; not to be taken apart without a header.</summary>
    public string Source { get; }

    /// <summary>True for a log backup, false for a full one.</summary>
    public bool IsLog { get; }

    /// <summary>The job's log mark name, for example <c>BTS</c>; <see langword="null"/> when the name has none.</summary>
    public string? MarkName { get; }

    /// <summary>The time in the name, as it stands there.</summary>
    public string Stamp => Time.ToString(StampPattern, CultureInfo.InvariantCulture);

    /// <summary>The time in the name: local time or UTC, as the job was told.</summary>
    public DateTime Time { get; }

    /// <summary>The mark that STOPATMARK takes; <see langword="null"/> for a full backup, whose stamp is no mark.</summary>
    public string? Mark => !IsLog ? null : MarkName is null ? Stamp : MarkName + "_" + Stamp;

    /// <summary>Reads a file name, or the last part of a path with either kind of separator.</summary>
    /// <returns>False when the name does not follow BizTalk's rules, which says nothing about the file.</returns>
    public static bool TryParse(string? path, out BizTalkFileName? name)
    {
        name = null;
        if (path is null)
            return false;
        int fileAt = path.LastIndexOfAny(['/', '\\']) + 1;
        int stampAt = path.Length - Extension.Length - StampPattern.Length;
        if (path.Length - fileAt > LongestName || stampAt < fileAt + 2 || path[stampAt - 1] != '_' || !path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            return false;
        if (!TryStamp(path, stampAt, out DateTime time))
            return false;
        int log = path.LastIndexOf(LogPart, stampAt - 1, stampAt - fileAt, StringComparison.OrdinalIgnoreCase);
        int full = path.LastIndexOf(FullPart, stampAt - 1, stampAt - fileAt, StringComparison.OrdinalIgnoreCase);
        bool isLog = log > full;
        int kindAt = Math.Max(log, full);
        if (kindAt < fileAt + 1)
            return false;
        string source = path.Substring(fileAt, kindAt - fileAt);
        int nameAt = kindAt + (isLog ? LogPart : FullPart).Length;
        string? markName = nameAt < stampAt ? path.Substring(nameAt, stampAt - nameAt - 1) : null;

        // The mark name of old releases is "Log" itself: <source>_Log_Log_<stamp>.
        if (isLog && markName is null && source.EndsWith("_Log", StringComparison.OrdinalIgnoreCase) && source.Length > 4)
        {
            markName = source.Substring(source.Length - 3);
            source = source.Substring(0, source.Length - 4);
        }

        name = new BizTalkFileName(source, isLog, markName, time);
        return true;
    }

    /// <summary>Says where the name and a set's header disagree; <see langword="null"/> when they do not.</summary>
    public string? DisagreementWith(BackupSet set)
    {
        if (set is null)
            throw new ArgumentNullException(nameof(set));
        if (set.Type.TryGet(out BackupType type) && type != (IsLog ? BackupType.Log : BackupType.Database))
            return $"the name says {(IsLog ? "log" : "full")} backup, the header says {type}";
        if (set.ServerName.TryGet(out string server) && set.DatabaseName.TryGet(out string database))
        {
            // The name of a log in a blob store keeps the backslash of a named instance, so what stands before it is read as a folder.
            if (!IsSource(ServerPart(server), database) && !(IsLog && IsSource(server.Substring(server.IndexOf('\\') + 1), database)))
                return $"the name says '{Source}', the header says database '{database}' of server '{server}'";
        }

        // The stamp may be UTC and a set of backups shares one, so only days apart are a contradiction.
        if (set.StartLocal.TryGet(out DateTime start) && Math.Abs((start - Time).TotalDays) > 2)
            return string.Format(CultureInfo.InvariantCulture, "the name says {0:yyyy-MM-dd HH:mm}, the header says {1:yyyy-MM-dd HH:mm}", Time, start);
        return null;
    }

    public override string ToString() => $"{Source}_{(IsLog ? "Log" : "Full")}_{(MarkName is null ? string.Empty : MarkName + "_")}{Stamp}.bak";

    private bool IsSource(string server, string database) =>
        Source.Length == server.Length + 1 + database.Length && Source[server.Length] == '_'
        && Source.StartsWith(server, StringComparison.OrdinalIgnoreCase) && Source.EndsWith(database, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a stamp digit by digit; over a folder of thousands of files the general parser would be noticed.</summary>
    private static bool TryStamp(string file, int at, out DateTime time)
    {
        time = default;
        int end = at + StampPattern.Length;
        bool whole = TryNumber(file, at, 4, '_', out int year) & TryNumber(file, at + 5, 2, '_', out int month) & TryNumber(file, at + 8, 2, '_', out int day)
            & TryNumber(file, at + 11, 2, '_', out int hour) & TryNumber(file, at + 14, 2, '_', out int minute) & TryNumber(file, at + 17, 2, '_', out int second)
            & TryNumber(file, end - 3, 3, '.', out int millisecond);
        if (!whole || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new DateTime(year, month, day, hour, minute, second, millisecond, DateTimeKind.Unspecified);
        return true;
    }

    private static bool TryNumber(string file, int at, int digits, char behind, out int number)
    {
        number = 0;
        for (int i = at; i < at + digits; i++)
        {
            if (file[i] is < '0' or > '9')
                return false;
            number = (number * 10) + (file[i] - '0');
        }

        return file[at + digits] == behind;
    }

    private static string ServerPart(string server)
    {
        string part = server.Replace('\\', '_');
        return part.Length > ServerCharacters ? part.Substring(0, ServerCharacters) : part;
    }
}
