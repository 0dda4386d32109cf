using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_configure, xp_instance_regread, xp_msver and others about the server.</summary>
internal static class ServerProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_configure", "@configname varchar(35) = NULL, @configvalue int = NULL", Configure),
        new SystemProcedure("xp_instance_regread", "@rootkey nvarchar(128), @key nvarchar(4000), @value_name nvarchar(512) = NULL, @value sql_variant = NULL OUTPUT, @no_output varchar(16) = NULL", ReadRegistry),
        new SystemProcedure("xp_regread", "@rootkey nvarchar(128), @key nvarchar(4000), @value_name nvarchar(512) = NULL, @value sql_variant = NULL OUTPUT, @no_output varchar(16) = NULL", ReadRegistry),
        new SystemProcedure("xp_msver", "@optname nvarchar(128) = NULL", VersionInformation),
        new SystemProcedure("sp_server_info", "@attribute_id int = NULL", call => call.Send("attribute_id int, attribute_name varchar(60), attribute_value varchar(255)", [[1, "DBMS_NAME", "Microsoft SQL Server"], [2, "DBMS_VER", "Microsoft SQL Server 2022 - 16.0.4135"], [10, "OWNER_TERM", "owner"], [16, "IDENTIFIER_CASE", "MIXED"]])),
        new SystemProcedure("sp_detach_db", "@dbname sysname = NULL, @skipchecks nvarchar(10) = NULL, @keepfulltextindexfile nvarchar(10) = NULL", call => throw (call.Text("@dbname") is { } name && call.Server.Instance.Find(name) is null ? call.Error(15010, $"The database '{name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.") : ServerErrors.NotSupported("sp_detach_db"))),
        new SystemProcedure("sp_attach_db", "@dbname sysname, @filename1 nvarchar(260)", _ => throw ServerErrors.NotSupported("sp_attach_db")),
        new SystemProcedure("sp_renamedb", "@dbname sysname, @newname sysname", call => Rename(call)),
        new SystemProcedure("sp_dboption", "@dbname sysname = NULL, @optname varchar(35) = NULL, @optvalue varchar(10) = NULL", _ => throw ServerErrors.UnknownProcedure("sp_dboption")),
        new SystemProcedure("sp_updatestats", "@resample char(8) = 'NO'", call => call.Inform(15651, "Statistics for all tables have been updated.")),
        new SystemProcedure("sp_recompile", "@objname nvarchar(776)", _ => { }),
        new SystemProcedure("sp_refreshview", "@viewname nvarchar(776)", _ => { }),
        new SystemProcedure("sp_readerrorlog", "@p1 int = 0, @p2 int = NULL, @p3 nvarchar(4000) = NULL, @p4 nvarchar(4000) = NULL", ReadErrorLog),
        new SystemProcedure("sp_cycle_errorlog", string.Empty, _ => { }),
        new SystemProcedure("sp_delete_backuphistory", "@oldest_date datetime", call => BackupHistory.Delete(call, "backup_finish_date < " + Literal((DateTime)call["@oldest_date"]!))),
        new SystemProcedure("sp_delete_database_backuphistory", "@database_name sysname", call => BackupHistory.Delete(call, "database_name = " + Literal(call.Text("@database_name")!))),
        new SystemProcedure("sp_describe_first_result_set", "@tsql nvarchar(max), @params nvarchar(max) = NULL, @browse_information_mode tinyint = 0", call => throw ServerErrors.NotSupported("sp_describe_first_result_set")),
        new SystemProcedure("xp_logevent", "@error_number int, @message nvarchar(2048), @severity varchar(20) = NULL", call => call.Frame.RequireSysAdmin()),
        new SystemProcedure("sp_lab_seed", "@group sysname", call =>
        {
            call.Frame.RequireSysAdmin();
            if (call.Server.Instance.AvailabilityGroups.FirstOrDefault(g => string.Equals(g.Name, call.Text("@group"), StringComparison.OrdinalIgnoreCase)) is { } group && !AvailabilityViews.IsPrimary(call.Server, group))
            {
                new AvailabilityReplicas(call.Server).Seed(group);
            }
        }),
        new SystemProcedure("xp_cmdshell", "@command varchar(8000), @no_output varchar(16) = NULL", call => throw new LabSqlException(new SqlMessage(15281, 16, 1, "SQL Server blocked access to procedure 'sys.xp_cmdshell' of component 'xp_cmdshell' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'xp_cmdshell' by using sp_configure. For more information about enabling 'xp_cmdshell', search for 'xp_cmdshell' in SQL Server Books Online.", "xp_cmdshell"))),
    ];

    /// <summary>The lab keeps no error log: what is said is what was true when the instance started.</summary>
    private static void ReadErrorLog(SystemCall call)
    {
        string? first = call.Text("@p3");
        string? second = call.Text("@p4");
        string[] texts = [$"Server name is '{call.Server.ServerName}'. This is an informational message only. No user action is required.", "SQL Server is now ready for client connections. This is an informational message; no user action is required."];
        call.Send(
            "LogDate datetime, ProcessInfo nvarchar(50), Text nvarchar(4000)",
            texts.Where(t => (first is null || t.Contains(first, StringComparison.OrdinalIgnoreCase)) && (second is null || t.Contains(second, StringComparison.OrdinalIgnoreCase))).Select(t => new object?[] { call.Server.StartTime, "Server", t }));
    }

    private static string Literal(string text) => "N'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string Literal(DateTime moment) => "'" + moment.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture) + "'";

    private static void Rename(SystemCall call)
    {
        LabDatabase database = call.Server.Instance.Find(call.Text("@dbname")!) ?? throw ServerErrors.UnknownDatabase(call.Text("@dbname")!);
        call.Frame.RequireOwner(database, "ALTER DATABASE");
        call.Server.Instance.RenameDatabase(database, call.Text("@newname")!);
    }

    private static void Configure(SystemCall call)
    {
        const string columns = "name nvarchar(35), minimum int, maximum int, config_value int, run_value int";
        ServerConfiguration configuration = call.Server.Configuration;
        bool advanced = configuration.InUse("show advanced options") == 1;
        if (!call.Has("@configname"))
        {
            call.Send(columns, configuration.All.Where(o => advanced || !o.IsAdvanced).OrderBy(o => o.Name, StringComparer.OrdinalIgnoreCase).Select(Row));
            return;
        }

        string name = call.Text("@configname") ?? string.Empty;
        List<ConfigurationOption> found = [.. configuration.Find(name).Where(o => advanced || !o.IsAdvanced)];
        if (found.Count != 1)
        {
            throw found.Count == 0
                ? call.Error(15123, $"The configuration option '{name}' does not exist, or it may be an advanced option.")
                : call.Error(15124, $"The configuration option '{name}' is not unique.");
        }

        if (!call.Has("@configvalue"))
        {
            call.Send(columns, [Row(found[0])]);
            return;
        }

        if (!call.Frame.HasServerRole("serveradmin"))
        {
            throw call.Error(15247, "User does not have permission to perform this action.");
        }
        int value = call.Int("@configvalue") ?? 0;
        int old = found[0].Value;
        configuration.Set(found[0], value);
        call.Inform(15457, $"Configuration option '{found[0].Name}' changed from {old} to {value}. Run the RECONFIGURE statement to install.");
    }

    private static object?[] Row(ConfigurationOption o) => [o.Name, o.Minimum, o.Maximum, o.Value, o.InUse];

    /// <summary>Answers for the keys client tools ask; anything else is absent, as in an empty registry.</summary>
    private static void ReadRegistry(SystemCall call)
    {
        string key = call.Text("@key") ?? string.Empty;
        string name = call.Text("@value_name") ?? string.Empty;
        LabInstance instance = call.Server.Instance;
        object? value = name.ToUpperInvariant() switch
        {
            "LOGINMODE" => 2,
            "AUDITLEVEL" => 0,
            "NUMERRORLOGS" => null,
            "BACKUPDIRECTORY" => instance.BackupFolder,
            "DEFAULTDATA" => instance.DataFolder,
            "DEFAULTLOG" => instance.LogFolder,
            "SQLDATAROOT" or "SQLPATH" => instance.Options.Folder,
            "START" => 2,
            "OBJECTNAME" => "BizTalkDR Lab",
            "ENABLED" => key.EndsWith("Tcp", StringComparison.OrdinalIgnoreCase) ? 1 : 0,
            "ENABLELEVEL" => 0,
            "PERFORMANCE" => null,
            _ => null,
        };
        if (call.Has("@value"))
        {
            SqlType type = value is int ? SqlType.Int : SqlType.NVarChar(4000);
            if (value is not null)
            {
                call.SetOutput("@value", type, value);
            }

            return;
        }

        if (value is not null)
        {
            call.Send("Value nvarchar(512), Data nvarchar(4000)", [[name, System.Convert.ToString(value, CultureInfo.InvariantCulture)]]);
        }
    }

    private static void VersionInformation(SystemCall call)
    {
        int megabytes = (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1048576);
        object?[][] rows =
        [
            [1, "ProductName", null, "Microsoft SQL Server"], [2, "ProductVersion", (16 << 16), ExecutionFrame.Version], [3, "Language", 1033, "English (United States)"], [4, "Platform", null, "NT x64"],
            [5, "Comments", null, "BizTalkDR Lab (simulator)"], [6, "CompanyName", null, "BizTalkDR"], [7, "FileDescription", null, "BizTalkDR Lab"], [8, "FileVersion", null, ExecutionFrame.Version],
            [9, "InternalName", null, "BIZTALKDR.LAB"], [15, "WindowsVersion", null, Environment.OSVersion.Version.ToString(2)], [16, "ProcessorCount", Environment.ProcessorCount, Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)],
            [17, "ProcessorActiveMask", null, string.Empty], [18, "ProcessorType", 8664, null], [19, "PhysicalMemory", megabytes, megabytes.ToString(CultureInfo.InvariantCulture)], [20, "Product ID", null, null],
        ];
        call.Send("Index int, Name nvarchar(128), Internal_Value int, Character_Value nvarchar(512)", rows.Where(r => call.Text("@optname") is not { } wanted || string.Equals((string)r[1]!, wanted, StringComparison.OrdinalIgnoreCase)));
    }
}

/// <summary>Trims msdb's backup history.</summary>
internal static class BackupHistory
{
    public static void Delete(SystemCall call, string condition)
    {
        call.Frame.RequireSysAdmin();
        string sets = "SELECT backup_set_id FROM msdb.dbo.backupset WHERE " + condition;
        string[] statements =
        [
            $"DELETE FROM msdb.dbo.restorefile WHERE restore_history_id IN (SELECT restore_history_id FROM msdb.dbo.restorehistory WHERE backup_set_id IN ({sets}))",
            $"DELETE FROM msdb.dbo.restorehistory WHERE backup_set_id IN ({sets})",
            $"DELETE FROM msdb.dbo.backupfile WHERE backup_set_id IN ({sets})",
            $"DELETE FROM msdb.dbo.backupset WHERE {condition}",
            "DELETE FROM msdb.dbo.backupmediafamily WHERE media_set_id NOT IN (SELECT media_set_id FROM msdb.dbo.backupset)",
            "DELETE FROM msdb.dbo.backupmediaset WHERE media_set_id NOT IN (SELECT media_set_id FROM msdb.dbo.backupset)",
        ];
        foreach (string statement in statements)
        {
            call.Interpreter.RunDynamic(statement, call.Frame, []);
        }
    }
}
