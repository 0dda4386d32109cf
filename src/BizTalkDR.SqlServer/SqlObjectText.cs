using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>One statement of several that make an object; its values travel as parameters, so no text holds one.</summary>
public sealed record ObjectStatement(string Text, IReadOnlyList<(string Name, object? Value)> Parameters);

/// <summary>How an object is made.</summary>
/// <param name="Statements">In order.</param>
/// <param name="InTransaction">Whether they may run in one transaction. Statements about the server itself may not.</param>
/// <param name="Undo">Takes back what the first one made, where there is no transaction; null when there is nothing to take back.</param>
public sealed record ObjectCreation(IReadOnlyList<ObjectStatement> Statements, bool InTransaction, ObjectStatement? Undo);

/// <summary>The queries and statements for what an instance holds outside its databases.</summary>
/// <remarks>
/// SMO's scripter is not used: it writes a SQL login with a random password instead of its hash, asks for each object one by one, and gives text that can be neither compared nor given another name.
/// Views and procedures are those of Microsoft's documentation (sys.server_principals, sys.sql_logins, sys.servers, sp_addlinkedserver, sp_serveroption, sp_add_job and its relatives, sysmail_* , sp_configure).
/// </remarks>
public static class SqlObjectText
{
    /// <summary>SIDs of a database's users and of its owner.</summary>
    public static string UserSids(string database) =>
        $"SELECT DISTINCT CONVERT(nvarchar(200), u.sid, 1) FROM {SqlText.Name(database)}.sys.database_principals AS u WHERE u.type IN ('S', 'U', 'G') AND u.sid IS NOT NULL AND (u.principal_id = 1 OR u.principal_id > 4);";

    /// <summary>Objects by kind: name, then their values.</summary>
    public static IReadOnlyList<(SqlObjectKind Kind, string Query)> Objects { get; } =
    [
        (SqlObjectKind.Setting, "SELECT c.name, CAST(c.value AS int) AS value FROM sys.configurations AS c ORDER BY c.name;"),
        (SqlObjectKind.Credential, "SELECT c.name, c.credential_identity AS [identity] FROM sys.credentials AS c ORDER BY c.name;"),
        (SqlObjectKind.Login,
            "SELECT p.name, CONVERT(nvarchar(200), p.sid, 1) AS sid, CASE p.type WHEN 'S' THEN N'S' ELSE N'W' END AS type, p.is_disabled, p.default_database_name AS default_database, p.default_language_name AS default_language, "
            + "l.is_policy_checked, l.is_expiration_checked, CONVERT(nvarchar(600), l.password_hash, 1) AS password_hash FROM sys.server_principals AS p LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id "
            + "WHERE p.type IN ('S', 'U', 'G') AND p.principal_id > 1 AND p.name NOT LIKE N'##%' AND p.name NOT LIKE N'NT SERVICE\\%' AND p.name NOT LIKE N'NT AUTHORITY\\%' ORDER BY p.name;"),
        (SqlObjectKind.LinkedServer,
            "SELECT s.name, s.product AS srvproduct, s.provider, s.data_source AS datasrc, s.location, s.provider_string AS provstr, s.catalog, s.is_remote_login_enabled AS rpc, s.is_rpc_out_enabled AS [rpc out], "
            + "s.is_data_access_enabled AS [data access], s.is_collation_compatible AS [collation compatible], s.uses_remote_collation AS [use remote collation], s.collation_name AS [collation name], "
            + "s.connect_timeout AS [connect timeout], s.query_timeout AS [query timeout], s.is_remote_proc_transaction_promotion_enabled AS [remote proc transaction promotion], "
            + "(SELECT COUNT(*) FROM sys.linked_logins AS l WHERE l.server_id = s.server_id AND l.local_principal_id = 0 AND l.uses_self_credential = 1) AS useself FROM sys.servers AS s WHERE s.is_linked = 1 ORDER BY s.name;"),
        (SqlObjectKind.RemoteLogin,
            "SELECT s.name + N': ' + ISNULL(p.name, N'(all logins)') AS name, s.name AS rmtsrvname, p.name AS locallogin, l.remote_name AS rmtuser FROM sys.linked_logins AS l JOIN sys.servers AS s ON s.server_id = l.server_id "
            + "LEFT JOIN sys.server_principals AS p ON p.principal_id = l.local_principal_id WHERE s.is_linked = 1 AND l.uses_self_credential = 0 AND l.remote_name IS NOT NULL ORDER BY 1;"),
        (SqlObjectKind.MailAccount,
            "SELECT a.name, a.description, a.email_address, a.display_name, a.replyto_address, s.servername AS mailserver_name, s.servertype AS mailserver_type, s.port, s.username, s.use_default_credentials, s.enable_ssl "
            + "FROM msdb.dbo.sysmail_account AS a JOIN msdb.dbo.sysmail_server AS s ON s.account_id = a.account_id ORDER BY a.name;"),
        (SqlObjectKind.MailProfile,
            "SELECT p.name, p.description, (SELECT COUNT(*) FROM msdb.dbo.sysmail_principalprofile AS r WHERE r.profile_id = p.profile_id AND r.principal_sid = 0x00) AS is_public, "
            + "(SELECT COUNT(*) FROM msdb.dbo.sysmail_principalprofile AS r WHERE r.profile_id = p.profile_id AND r.principal_sid = 0x00 AND r.is_default = 1) AS is_default FROM msdb.dbo.sysmail_profile AS p ORDER BY p.name;"),
        (SqlObjectKind.Operator,
            "SELECT o.name, o.enabled, o.email_address, o.pager_address, o.weekday_pager_start_time, o.weekday_pager_end_time, o.saturday_pager_start_time, o.saturday_pager_end_time, o.sunday_pager_start_time, "
            + "o.sunday_pager_end_time, o.pager_days, o.netsend_address FROM msdb.dbo.sysoperators AS o ORDER BY o.name;"),
        (SqlObjectKind.Proxy,
            "SELECT p.name, p.enabled, p.description, c.name AS credential_name FROM msdb.dbo.sysproxies AS p LEFT JOIN sys.credentials AS c ON c.credential_id = p.credential_id ORDER BY p.name;"),
        (SqlObjectKind.Job,
            "SELECT j.name, j.enabled, j.description, j.start_step_id, c.name AS category_name, CASE WHEN j.owner_sid = 0x01 THEN NULL ELSE SUSER_SNAME(j.owner_sid) END AS owner_login_name, j.notify_level_eventlog, "
            + "j.notify_level_email, o.name AS notify_email_operator_name, j.delete_level FROM msdb.dbo.sysjobs AS j LEFT JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id "
            + "LEFT JOIN msdb.dbo.sysoperators AS o ON o.id = j.notify_email_operator_id WHERE j.originating_server_id = 0 ORDER BY j.name;"),
        (SqlObjectKind.Alert,
            "SELECT a.name, a.enabled, a.message_id, a.severity, a.delay_between_responses, a.notification_message, a.include_event_description AS include_event_description_in, a.database_name, a.event_description_keyword, "
            + "a.performance_condition, j.name AS job_name FROM msdb.dbo.sysalerts AS a LEFT JOIN msdb.dbo.sysjobs AS j ON j.job_id = a.job_id ORDER BY a.name;"),
    ];

    /// <summary>Parts of objects: name of the object, name of the part, then its values.</summary>
    public static IReadOnlyList<(SqlObjectKind Of, SqlObjectKind Kind, string Query)> Parts { get; } =
    [
        (SqlObjectKind.Login, SqlObjectKind.ServerRole,
            "SELECT m.name AS parent, r.name FROM sys.server_role_members AS x JOIN sys.server_principals AS r ON r.principal_id = x.role_principal_id JOIN sys.server_principals AS m ON m.principal_id = x.member_principal_id ORDER BY 1, 2;"),
        (SqlObjectKind.MailProfile, SqlObjectKind.ProfileAccount,
            "SELECT p.name AS parent, a.name, x.sequence_number FROM msdb.dbo.sysmail_profileaccount AS x JOIN msdb.dbo.sysmail_profile AS p ON p.profile_id = x.profile_id JOIN msdb.dbo.sysmail_account AS a ON a.account_id = x.account_id ORDER BY 1, 3;"),
        (SqlObjectKind.Proxy, SqlObjectKind.Subsystem,
            "SELECT p.name AS parent, s.subsystem AS name FROM msdb.dbo.sysproxysubsystem AS x JOIN msdb.dbo.sysproxies AS p ON p.proxy_id = x.proxy_id JOIN msdb.dbo.syssubsystems AS s ON s.subsystem_id = x.subsystem_id ORDER BY 1, 2;"),
        (SqlObjectKind.Job, SqlObjectKind.JobStep,
            "SELECT j.name AS parent, CAST(s.step_id AS nvarchar(11)) AS name, s.step_name, s.subsystem, s.command, s.flags, s.cmdexec_success_code, s.on_success_action, s.on_success_step_id, s.on_fail_action, s.on_fail_step_id, s.server, "
            + "s.database_name, s.database_user_name, s.retry_attempts, s.retry_interval, s.os_run_priority, s.output_file_name, p.name AS proxy_name FROM msdb.dbo.sysjobsteps AS s JOIN msdb.dbo.sysjobs AS j ON j.job_id = s.job_id "
            + "LEFT JOIN msdb.dbo.sysproxies AS p ON p.proxy_id = s.proxy_id ORDER BY j.name, s.step_id;"),
        (SqlObjectKind.Job, SqlObjectKind.JobSchedule,
            "SELECT j.name AS parent, s.name, s.enabled, s.freq_type, s.freq_interval, s.freq_subday_type, s.freq_subday_interval, s.freq_relative_interval, s.freq_recurrence_factor, s.active_start_date, s.active_end_date, "
            + "s.active_start_time, s.active_end_time FROM msdb.dbo.sysjobschedules AS x JOIN msdb.dbo.sysjobs AS j ON j.job_id = x.job_id JOIN msdb.dbo.sysschedules AS s ON s.schedule_id = x.schedule_id ORDER BY 1, 2;"),
        (SqlObjectKind.Alert, SqlObjectKind.Notification,
            "SELECT a.name AS parent, o.name, n.notification_method FROM msdb.dbo.sysnotifications AS n JOIN msdb.dbo.sysalerts AS a ON a.id = n.alert_id JOIN msdb.dbo.sysoperators AS o ON o.id = n.operator_id ORDER BY 1, 2;"),
    ];

    /// <summary>Gives the statements that make an object.</summary>
    public static ObjectCreation Create(SqlObject what) => what.Kind switch
    {
        SqlObjectKind.Setting => new([Statement(SetSetting, ("@name", what.Name), ("@value", what["value"]))], InTransaction: false, null),
        SqlObjectKind.Login => Login(what),
        SqlObjectKind.LinkedServer => LinkedServer(what),
        SqlObjectKind.MailAccount => InTransaction([Call("msdb.dbo.sysmail_add_account_sp", what, ("@account_name", what.Name))]),
        SqlObjectKind.MailProfile => MailProfile(what),
        SqlObjectKind.Operator => InTransaction([Call("msdb.dbo.sp_add_operator", what, ("@name", what.Name))]),
        SqlObjectKind.Proxy => InTransaction(
        [
            Call("msdb.dbo.sp_add_proxy", what, ("@proxy_name", what.Name)),
            .. what.Parts.Select(p => Call("msdb.dbo.sp_grant_proxy_to_subsystem", null, ("@proxy_name", what.Name), ("@subsystem_name", p.Name))),
        ]),
        SqlObjectKind.Job => Job(what),
        SqlObjectKind.Alert => InTransaction(
        [
            Call("msdb.dbo.sp_add_alert", what, ("@name", what.Name)),
            .. what.Parts.Select(p => Call("msdb.dbo.sp_add_notification", p, ("@alert_name", what.Name), ("@operator_name", p.Name))),
        ]),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what.Kind, "It is for people to make."),
    };

    /// <summary>Names become part of a text: what is none of a parameter does not.</summary>
    private static readonly Regex s_parameter = new("^[a-z_]+$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private const string SetSetting =
        "DECLARE @advanced int = (SELECT CAST(c.value AS int) FROM sys.configurations AS c WHERE c.name = N'show advanced options'); "
        + "EXEC sys.sp_configure N'show advanced options', 1; RECONFIGURE; EXEC sys.sp_configure @name, @value; RECONFIGURE; EXEC sys.sp_configure N'show advanced options', @advanced; RECONFIGURE;";

    // CREATE LOGIN takes no parameters: its text is put together on the server, where names are quoted and bytes are proven to be such.
    private const string CreateLogin =
        "DECLARE @text nvarchar(max) = N'CREATE LOGIN ' + QUOTENAME(@name) + CASE WHEN @type = N'S' THEN N' WITH PASSWORD = ' + CONVERT(nvarchar(max), CONVERT(varbinary(max), @password_hash, 1), 1) + N' HASHED, SID = ' "
        + "+ CONVERT(nvarchar(max), CONVERT(varbinary(max), @sid, 1), 1) + N', CHECK_POLICY = ' + CASE WHEN @is_policy_checked = N'1' THEN N'ON' ELSE N'OFF' END + N', CHECK_EXPIRATION = ' "
        + "+ CASE WHEN @is_expiration_checked = N'1' THEN N'ON' ELSE N'OFF' END + N', DEFAULT_DATABASE = ' ELSE N' FROM WINDOWS WITH DEFAULT_DATABASE = ' END "
        + "+ QUOTENAME(CASE WHEN DB_ID(@default_database) IS NULL THEN N'master' ELSE @default_database END) + ISNULL(N', DEFAULT_LANGUAGE = ' + QUOTENAME(@default_language), N''); EXEC (@text);";

    private const string AddToRole = "DECLARE @text nvarchar(max) = N'ALTER SERVER ROLE ' + QUOTENAME(@role) + N' ADD MEMBER ' + QUOTENAME(@name); EXEC (@text);";

    private static ObjectCreation Login(SqlObject login)
    {
        (string, object?) name = ("@name", login.Name);
        List<ObjectStatement> statements =
        [
            new(CreateLogin, [name, .. new[] { "type", "password_hash", "sid", "is_policy_checked", "is_expiration_checked", "default_database", "default_language" }.Select(v => ("@" + v, (object?)login[v]))]),
        ];
        if (login["is_disabled"] == "1")
            statements.Add(Statement("DECLARE @text nvarchar(max) = N'ALTER LOGIN ' + QUOTENAME(@name) + N' DISABLE'; EXEC (@text);", name));
        statements.AddRange(login.Parts.Select(r => Statement(AddToRole, name, ("@role", r.Name))));
        return new(statements, InTransaction: false, Statement("DECLARE @text nvarchar(max) = N'DROP LOGIN ' + QUOTENAME(@name); EXEC (@text);", name));
    }

    private static ObjectCreation LinkedServer(SqlObject server)
    {
        (string, object?) name = ("@server", server.Name);
        // The product SQL Server takes neither provider nor source (15428): the name is the server's.
        bool isPlain = string.Equals(server["srvproduct"], "SQL Server", StringComparison.OrdinalIgnoreCase);
        string[] given = isPlain ? ["srvproduct"] : ["srvproduct", "provider", "datasrc", "location", "provstr", "catalog"];
        List<ObjectStatement> statements = [Call("master.dbo.sp_addlinkedserver", Only(server, given), name)];
        foreach (string option in new[] { "rpc", "rpc out", "data access", "collation compatible", "use remote collation", "remote proc transaction promotion" }.Where(o => server[o] is not null))
            statements.Add(Option(name, option, server[option] == "1" ? "true" : "false"));
        foreach (string option in new[] { "collation name", "connect timeout", "query timeout" }.Where(o => server[o] is not null))
            statements.Add(Option(name, option, server[option]!));
        if (server["useself"] == "0")
            statements.Add(Statement("EXEC master.dbo.sp_droplinkedsrvlogin @rmtsrvname = @server, @locallogin = NULL;", name));
        return new(statements, InTransaction: false, Statement("EXEC master.dbo.sp_dropserver @server = @server, @droplogins = 'droplogins';", name));
    }

    private static ObjectStatement Option((string, object?) name, string option, string value) =>
        Statement("EXEC master.dbo.sp_serveroption @server = @server, @optname = @option, @optvalue = @value;", name, ("@option", option), ("@value", value));

    private static ObjectCreation MailProfile(SqlObject profile)
    {
        (string, object?) name = ("@profile_name", profile.Name);
        List<ObjectStatement> statements = [Call("msdb.dbo.sysmail_add_profile_sp", Only(profile, ["description"]), name)];
        statements.AddRange(profile.Parts.Select(a => Call("msdb.dbo.sysmail_add_profileaccount_sp", a, name, ("@account_name", a.Name))));
        if (profile["is_public"] is { } isPublic && isPublic != "0")
            statements.Add(Statement("EXEC msdb.dbo.sysmail_add_principalprofile_sp @principal_name = N'public', @profile_name = @profile_name, @is_default = @is_default;", name, ("@is_default", profile["is_default"])));
        return InTransaction(statements);
    }

    private static ObjectCreation Job(SqlObject job)
    {
        (string, object?) name = ("@job_name", job.Name);
        List<ObjectStatement> statements = [];
        if (job["category_name"] is { } category)
        {
            statements.Add(Statement(
                "IF NOT EXISTS (SELECT 1 FROM msdb.dbo.syscategories AS c WHERE c.name = @name AND c.category_class = 1) EXEC msdb.dbo.sp_add_category @class = 'JOB', @type = 'LOCAL', @name = @name;", ("@name", category)));
        }

        // The owner sa may have been given another name.
        string[] given = [.. job.Values.Keys.Where(k => k is not ("start_step_id" or "owner_login_name"))];
        ObjectStatement add = Call("msdb.dbo.sp_add_job", Only(job, given), name);
        statements.Add(new ObjectStatement(
            "DECLARE @owner sysname = ISNULL(@owner_login_name, SUSER_SNAME(0x01)); " + add.Text.TrimEnd(';') + ", @owner_login_name = @owner;", [.. add.Parameters, ("@owner_login_name", job["owner_login_name"])]));
        foreach (SqlObject part in job.Parts)
        {
            statements.Add(part.Kind == SqlObjectKind.JobStep
                ? Call("msdb.dbo.sp_add_jobstep", part, name, ("@step_id", part.Name))
                : Call("msdb.dbo.sp_add_jobschedule", part, name, ("@name", part.Name)));
        }

        if (job["start_step_id"] is { } first && job.Parts.Any(p => p.Kind == SqlObjectKind.JobStep))
            statements.Add(Call("msdb.dbo.sp_update_job", null, name, ("@start_step_id", first)));
        statements.Add(Statement("EXEC msdb.dbo.sp_add_jobserver @job_name = @job_name, @server_name = N'(local)';", name));
        return InTransaction(statements);
    }

    private static ObjectCreation InTransaction(IReadOnlyList<ObjectStatement> statements) => new(statements, InTransaction: true, null);

    private static SqlObject Only(SqlObject what, string[] values) => what with { Values = values.Where(v => what[v] is not null).ToDictionary(v => v, v => what[v], StringComparer.Ordinal) };

    /// <summary>Calls a procedure whose parameters are named as the values are.</summary>
    private static ObjectStatement Call(string procedure, SqlObject? values, params (string Name, object? Value)[] more)
    {
        List<(string Name, object? Value)> parameters = [.. more];
        parameters.AddRange((values?.Values ?? new Dictionary<string, string?>(StringComparer.Ordinal)).Where(v => v.Value is not null && s_parameter.IsMatch(v.Key)).OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => ("@" + v.Key, (object?)v.Value)));
        return new ObjectStatement(string.Format(CultureInfo.InvariantCulture, "EXEC {0} {1};", procedure, string.Join(", ", parameters.Select(p => $"{p.Name} = {p.Name}"))), parameters);
    }

    private static ObjectStatement Statement(string text, params (string Name, object? Value)[] parameters) => new(text, parameters);
}
