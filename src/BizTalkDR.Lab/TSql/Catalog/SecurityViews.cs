using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Logins, users, roles, permissions.</summary>
internal static class SecurityViews
{
    private const string ServerPrincipalColumns =
        "name sysname, principal_id int, sid varbinary(85), type char(1), type_desc nvarchar(60), is_disabled bit=0, create_date datetime, modify_date datetime, default_database_name sysname, default_language_name sysname, credential_id int, owning_principal_id int, is_fixed_role bit=0";

    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "server_principals", ServerPrincipalColumns, (frame, _, shape) => Logins(frame, shape).Concat(LoginStore.FixedRoles.Select((r, i) => shape.Row(("name", r), ("principal_id", i + 3), ("sid", new byte[] { (byte)(i + 3) }), ("type", "R"), ("type_desc", "SERVER_ROLE"), ("create_date", frame.Session.Server.StartTime), ("modify_date", frame.Session.Server.StartTime), ("is_fixed_role", true))))),
        new SystemView("sys", "sql_logins", ServerPrincipalColumns + ", is_policy_checked bit=0, is_expiration_checked bit=0, password_hash varbinary(256)", (frame, _, shape) => frame.Session.Server.Logins.All.Where(l => l.Type == 'S').Select(l => Login(l, shape, ("password_hash", frame.IsSysAdmin ? l.Hash : null)))),
        new SystemView("sys", "server_role_members", "role_principal_id int, member_principal_id int", (frame, _, shape) => frame.Session.Server.Logins.Members.Select(m => shape.Row(("role_principal_id", Array.FindIndex(LoginStore.FixedRoles, r => r.Equals(m.Role, StringComparison.OrdinalIgnoreCase)) + 3), ("member_principal_id", frame.Session.Server.Logins.Find(m.Member)?.Id)))),
        new SystemView("sys", "server_permissions", "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, grantee_principal_id int, grantor_principal_id int, type char(4), permission_name nvarchar(128), state char(1), state_desc nvarchar(60)", (frame, _, shape) => frame.Session.Server.Logins.All.Select(l => shape.Row(("class", 100), ("class_desc", "SERVER"), ("major_id", 0), ("minor_id", 0), ("grantee_principal_id", l.Id), ("grantor_principal_id", 1), ("type", "COSQ"), ("permission_name", "CONNECT SQL"), ("state", "G"), ("state_desc", "GRANT")))),
        new SystemView("sys", "database_principals", "name sysname, principal_id int, type char(1), type_desc nvarchar(60), default_schema_name sysname, create_date datetime, modify_date datetime, owning_principal_id int, sid varbinary(85), is_fixed_role bit, authentication_type int=0, authentication_type_desc nvarchar(60)=NONE, default_language_name sysname, default_language_lcid int, allow_encrypted_value_modifications bit=0", (frame, database, shape) => Principals(frame, database, shape)),
        new SystemView("sys", "database_role_members", "role_principal_id int, member_principal_id int", (_, database, shape) => new DatabaseSecurity(database).Members.Select(m => shape.Row(("role_principal_id", m.Role), ("member_principal_id", m.Member)))),
        new SystemView("sys", "database_permissions", "class tinyint, class_desc nvarchar(60), major_id int, minor_id int=0, grantee_principal_id int, grantor_principal_id int=1, type char(4), permission_name nvarchar(128), state char(1), state_desc nvarchar(60)", (_, database, shape) => Permissions(database, shape)),
        new SystemView("sys", "login_token", "principal_id int, sid varbinary(85), name nvarchar(128), type nvarchar(128), usage nvarchar(128)", (frame, _, shape) => [shape.Row(("principal_id", frame.Session.Login.Id), ("sid", frame.Session.Login.Sid), ("name", frame.Session.Login.Name), ("type", "SQL LOGIN"), ("usage", "GRANT OR DENY"))]),
    ];

    private static IEnumerable<object?[]> Logins(ExecutionFrame frame, RowShape shape) =>
        frame.Session.Server.Logins.All.Select(l => Login(l, shape))
            .Append(shape.Row(("name", "public"), ("principal_id", 2), ("sid", new byte[] { 2 }), ("type", "R"), ("type_desc", "SERVER_ROLE"), ("create_date", frame.Session.Server.StartTime), ("modify_date", frame.Session.Server.StartTime)));

    private static object?[] Login(LoginRecord l, RowShape shape, params (string Name, object? Value)[] more) => shape.Row([
        ("name", l.Name), ("principal_id", l.Id), ("sid", l.Sid), ("type", l.Type.ToString()), ("type_desc", l.Type == 'S' ? "SQL_LOGIN" : "WINDOWS_LOGIN"), ("is_disabled", l.IsDisabled), ("create_date", l.CreateDate), ("modify_date", l.ModifyDate),
        ("default_database_name", l.DefaultDatabase), ("default_language_name", "us_english"), .. more]);

    private static IEnumerable<object?[]> Principals(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        foreach (DatabasePrincipal p in new DatabaseSecurity(database).Principals)
        {
            byte[]? sid = p.Id == DatabaseSecurity.DboId ? frame.Session.Server.Logins.Find(database.Owner)?.Sid ?? p.Sid : p.Sid;
            yield return shape.Row(
                ("name", p.Name), ("principal_id", p.Id), ("type", p.Type.ToString()), ("type_desc", p.Type switch { 'R' => "DATABASE_ROLE", 'U' => "WINDOWS_USER", _ => "SQL_USER" }), ("default_schema_name", p.DefaultSchema), ("create_date", p.CreateDate),
                ("modify_date", p.ModifyDate), ("owning_principal_id", p.Type == 'R' ? 1 : null), ("sid", sid), ("is_fixed_role", p.IsFixed), ("authentication_type", p.Type == 'U' ? 3 : p.Type == 'S' && p.Id is 1 or > 4 && p.Type == 'S' ? 1 : 0),
                ("authentication_type_desc", p.Type == 'U' ? "WINDOWS" : p.Type == 'S' && p.Id is 1 or > 4 && p.Type == 'S' ? "INSTANCE" : "NONE"));
        }
    }

    private static IEnumerable<object?[]> Permissions(LabDatabase database, RowShape shape)
    {
        var security = new DatabaseSecurity(database);
        IEnumerable<PermissionRecord> connects = security.Principals.Where(p => p.Type != 'R' && (p.Id == 1 || p.Id > 4)).Select(p => new PermissionRecord(0, 0, p.Id, "CONNECT", 'G'));
        return connects.Concat(security.Permissions).Select(p => shape.Row(
            ("class", p.Class), ("class_desc", p.Class switch { 0 => "DATABASE", 1 => "OBJECT_OR_COLUMN", 3 => "SCHEMA", _ => "TYPE" }), ("major_id", p.MajorId), ("grantee_principal_id", p.Grantee), ("type", Code(p.Permission)),
            ("permission_name", p.Permission), ("state", p.State.ToString()), ("state_desc", p.State switch { 'D' => "DENY", 'W' => "GRANT_WITH_GRANT_OPTION", _ => "GRANT" })));
    }

    private static string Code(string permission) => permission switch
    {
        "SELECT" => "SL  ",
        "INSERT" => "IN  ",
        "UPDATE" => "UP  ",
        "DELETE" => "DL  ",
        "EXECUTE" => "EX  ",
        "REFERENCES" => "RF  ",
        "CONTROL" => "CL  ",
        "ALTER" => "AL  ",
        "CONNECT" => "CO  ",
        "VIEW DEFINITION" => "VW  ",
        _ => permission.Length >= 4 ? permission[..4] : permission.PadRight(4),
    };
}
