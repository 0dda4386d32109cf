using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_who, sp_who2, sp_lock, sp_set_session_context.</summary>
internal static class SessionProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_who", "@loginame sysname = NULL", Who),
        new SystemProcedure("sp_who2", "@loginame sysname = NULL", WhoAtLength),
        new SystemProcedure("sp_lock", "@spid1 int = NULL, @spid2 int = NULL", Locks),
        new SystemProcedure("sp_set_session_context", "@key sysname, @value sql_variant, @read_only bit = 0", SetContext),
    ];

    /// <summary>Sessions of a login, one session by its number, those at work ('active'), or all.</summary>
    private static List<SqlSession> Sessions(SystemCall call)
    {
        IEnumerable<SqlSession> all = call.Server.Sessions;
        string? wanted = call.Text("@loginame")?.Trim();
        if (wanted is null)
        {
            return [.. all];
        }

        if (wanted.Equals("active", StringComparison.OrdinalIgnoreCase))
        {
            return [.. all.Where(s => s.IsRunning)];
        }

        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int spid))
        {
            return [.. all.Where(s => s.SessionId == spid)];
        }

        return call.Server.Logins.Find(wanted) is null
            ? throw call.Error(15007, $"'{wanted}' is not a valid login or you do not have permission.")
            : [.. all.Where(s => s.Login.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))];
    }

    private static void Who(SystemCall call) => call.Send(
        "spid smallint, ecid smallint, status nchar(30), loginame nvarchar(128), hostname nchar(128), blk char(5), dbname nvarchar(128), cmd nchar(26), request_id int",
        Sessions(call).Select(s => new object?[]
        {
            (short)s.SessionId, (short)0, s.IsRunning ? "runnable" : "sleeping", s.Login.Name, s.HostName, s.BlockedBy.ToString(CultureInfo.InvariantCulture), s.CurrentDatabase.Name, Command(s), 0,
        }));

    private static void WhoAtLength(SystemCall call) => call.Send(
        "SPID char(5), Status nvarchar(30), Login nvarchar(128), HostName nvarchar(128), BlkBy char(5), DBName nvarchar(128), Command nvarchar(26), CPUTime int, DiskIO int, LastBatch varchar(20), ProgramName nvarchar(128), SPID char(5), REQUESTID char(5)",
        Sessions(call).Select(s =>
        {
            string spid = s.SessionId.ToString(CultureInfo.InvariantCulture);
            DateTime last = s.LastRequestTime == default ? s.LoginTime : s.LastRequestTime;
            string blocker = s.BlockedBy == 0 ? "  ." : s.BlockedBy.ToString(CultureInfo.InvariantCulture);
            return new object?[]
            {
                spid, s.IsRunning ? s.BlockedBy == 0 ? "RUNNABLE" : "SUSPENDED" : "sleeping", s.Login.Name, s.HostName, blocker, s.CurrentDatabase.Name, Command(s), 0, 0,
                last.ToString("MM/dd HH:mm:ss", CultureInfo.InvariantCulture), s.ApplicationName, spid, "0",
            };
        }));

    private static string Command(SqlSession session) => session.IsRunning ? ServerViews.Command(session.LastText) is { Length: > 26 } command ? command[..26] : ServerViews.Command(session.LastText) : "AWAITING COMMAND";

    private static void Locks(SystemCall call)
    {
        int?[] wanted = [call.Int("@spid1"), call.Int("@spid2")];
        call.Send(
            "spid smallint, dbid smallint, ObjId int, IndId smallint, Type nchar(4), Resource nchar(32), Mode nvarchar(8), Status nvarchar(5)",
            call.Server.Sessions.Where(s => wanted.All(w => w is null) || wanted.Contains(s.SessionId))
                .SelectMany(s => s.UsedDatabases().Where(d => d.Id > 2).Select(d => new object?[] { (short)s.SessionId, (short)d.Id, 0, (short)0, "DB", string.Empty, "S", "GRANT" })));
    }

    private static void SetContext(SystemCall call)
    {
        string key = call.Text("@key") ?? throw call.Error(15665, "The value was not set for key 'NULL' because the key must not be NULL.");
        if (call.Frame.Session.Context.TryGetValue(key, out SessionValue? known) && known.IsReadOnly)
        {
            throw call.Error(15664, $"Cannot set key '{key}' in the session context. The key has been set as read_only for this session.");
        }

        call.Frame.Session.Context[key] = new SessionValue(call["@value"], call["@read_only"] is true);
    }
}
