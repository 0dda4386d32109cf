using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>The old procedures for logins, users and roles.</summary>
internal static class SecurityProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_addrole", "@rolename sysname, @ownername sysname = NULL", call => Change(call, s => s.Create(call.Frame.Transaction!, call.Text("@rolename")!, 'R', null, null))),
        new SystemProcedure("sp_droprole", "@rolename sysname", call => Change(call, s => s.Drop(call.Frame.Transaction!, Interpreter.Principal(s, call.Text("@rolename")!, "role")))),
        new SystemProcedure("sp_addrolemember", "@rolename sysname, @membername sysname", call => Change(call, s => AddMember(call, s))),
        new SystemProcedure("sp_droprolemember", "@rolename sysname, @membername sysname", call => Change(call, s => s.RemoveMember(call.Frame.Transaction!, Interpreter.Principal(s, call.Text("@rolename")!, "role").Id, Interpreter.Principal(s, call.Text("@membername")!, "user").Id))),
        new SystemProcedure("sp_addlogin", "@loginame sysname, @passwd sysname = NULL, @defdb sysname = 'master', @deflanguage sysname = NULL, @sid varbinary(16) = NULL, @encryptopt varchar(20) = NULL", AddLogin),
        new SystemProcedure("sp_droplogin", "@loginame sysname", call => call.Interpreter.DropLogin(call.Text("@loginame")!, call.Frame)),
        new SystemProcedure("sp_adduser", "@loginame sysname, @name_in_db sysname = NULL, @grpname sysname = NULL", call => Change(call, s => AddUser(call, s))),
        new SystemProcedure("sp_grantdbaccess", "@loginame sysname, @name_in_db sysname = NULL", call => Change(call, s => AddUser(call, s))),
        new SystemProcedure("sp_dropuser", "@name_in_db sysname", call => Change(call, s => s.Drop(call.Frame.Transaction!, Interpreter.Principal(s, call.Text("@name_in_db")!, "user")))),
        new SystemProcedure("sp_revokedbaccess", "@name_in_db sysname", call => Change(call, s => s.Drop(call.Frame.Transaction!, Interpreter.Principal(s, call.Text("@name_in_db")!, "user")))),
        new SystemProcedure("sp_addsrvrolemember", "@loginame sysname, @rolename sysname", call => ServerRole(call, add: true)),
        new SystemProcedure("sp_dropsrvrolemember", "@loginame sysname, @rolename sysname", call => ServerRole(call, add: false)),
        new SystemProcedure("sp_changedbowner", "@loginame sysname, @map varchar(5) = NULL", ChangeOwner),
        new SystemProcedure("sp_password", "@old sysname = NULL, @new sysname, @loginame sysname = NULL", Password),
        new SystemProcedure("sp_helprolemember", "@rolename sysname = NULL", call => HelpRoleMember(call)),
        new SystemProcedure("sp_helpuser", "@name_in_db sysname = NULL", call => call.Send("UserName sysname, RoleName sysname, LoginName sysname, DefDBName sysname, DefSchemaName sysname, UserID int, SID varbinary(85)", HelpUser(call))),
        new SystemProcedure("sp_change_users_login", "@Action varchar(10), @UserNamePattern sysname = NULL, @LoginName sysname = NULL, @Password sysname = NULL", ChangeUsersLogin),
    ];

    private static void Change(SystemCall call, Action<DatabaseSecurity> change)
    {
        LabDatabase database = call.Frame.Database;
        if (!call.Frame.IsOwner(database) && !call.Frame.IsInRole(database, "db_securityadmin"))
        {
            throw call.Error(15247, "User does not have permission to perform this action.");
        }

        call.Interpreter.RunSchemaChange(call.Frame, () => change(call.Frame.Security(database)));
    }

    private static void AddMember(SystemCall call, DatabaseSecurity security)
    {
        DatabasePrincipal role = security.Find(call.Text("@rolename")!) is { Type: 'R' } found ? found : throw call.Error(15014, $"The role '{call.Text("@rolename")}' does not exist in the current database.");
        DatabasePrincipal member = security.Find(call.Text("@membername")!) ?? throw call.Error(15410, $"User or role '{call.Text("@membername")}' does not exist in this database.");
        security.AddMember(call.Frame.Transaction!, role.Id, member.Id);
    }

    private static void AddLogin(SystemCall call)
    {
        if (!call.Frame.HasServerRole("securityadmin"))
        {
            throw call.Error(15247, "User does not have permission to perform this action.");
        }

        call.Server.Logins.Create(call.Text("@loginame")!, call.Text("@passwd") ?? string.Empty, (byte[]?)call["@sid"], call.Text("@defdb") ?? "master");
    }

    private static void AddUser(SystemCall call, DatabaseSecurity security)
    {
        string login = call.Text("@loginame")!;
        LoginRecord found = call.Server.Logins.Find(login) ?? throw call.Error(15007, $"'{login}' is not a valid login or you do not have permission.");
        security.Create(call.Frame.Transaction!, call.Text("@name_in_db") ?? login, found.Type, found.Sid, "dbo");
    }

    private static void ServerRole(SystemCall call, bool add)
    {
        call.Frame.RequireSysAdmin();
        string role = call.Text("@rolename")!.ToLowerInvariant();
        if (!LoginStore.FixedRoles.Contains(role))
        {
            throw call.Error(15402, $"'{role}' is not a fixed server role.");
        }

        string login = call.Interpreter.FindLogin(call.Text("@loginame")!).Name;
        if (add)
        {
            call.Server.Logins.AddMember(role, login);
        }
        else
        {
            call.Server.Logins.RemoveMember(role, login);
        }
    }

    private static void ChangeOwner(SystemCall call)
    {
        call.Frame.RequireOwner(call.Frame.Database, "ALTER AUTHORIZATION");
        call.Frame.Database.Owner = call.Interpreter.FindLogin(call.Text("@loginame")!).Name;
    }

    private static void Password(SystemCall call)
    {
        LoginRecord login = call.Text("@loginame") is { } name ? call.Interpreter.FindLogin(name) : call.Frame.Session.Login;
        bool own = string.Equals(login.Name, call.Frame.Session.Login.Name, StringComparison.OrdinalIgnoreCase);
        if ((!own || call.Has("@loginame")) && !call.Frame.HasServerRole("securityadmin"))
        {
            throw call.Error(15247, "User does not have permission to perform this action.");
        }

        if (own && !call.Frame.IsSysAdmin && !LoginStore.Verify(login, call.Text("@old") ?? string.Empty))
        {
            throw call.Error(15211, "Old (current) password incorrect for user. The password was not changed.");
        }

        call.Server.Logins.Update(login, l => l with { Hash = PasswordHash.Compute(call.Text("@new") ?? string.Empty) });
    }

    private static void HelpRoleMember(SystemCall call)
    {
        DatabaseSecurity security = call.Frame.Security(call.Frame.Database);
        var names = security.Principals.ToDictionary(p => p.Id);
        call.Send("DbRole sysname, MemberName sysname, MemberSID varbinary(85)", security.Members.Where(m => call.Text("@rolename") is not { } role || string.Equals(names[m.Role].Name, role, StringComparison.OrdinalIgnoreCase)).Select(m => new object?[] { names[m.Role].Name, names[m.Member].Name, names[m.Member].Sid }));
    }

    private static IEnumerable<object?[]> HelpUser(SystemCall call)
    {
        DatabaseSecurity security = call.Frame.Security(call.Frame.Database);
        var names = security.Principals.ToDictionary(p => p.Id);
        foreach (DatabasePrincipal user in security.Principals.Where(p => p.Type != 'R' && (call.Text("@name_in_db") is not { } name || string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))))
        {
            LoginRecord? login = user.Sid is null ? null : call.Server.Logins.FindBySid(user.Sid);
            foreach (string role in security.Members.Where(m => m.Member == user.Id).Select(m => names[m.Role].Name).DefaultIfEmpty("public"))
            {
                yield return [user.Name, role, login?.Name, login?.DefaultDatabase, user.DefaultSchema, user.Id, user.Sid];
            }
        }
    }

    private static void ChangeUsersLogin(SystemCall call)
    {
        DatabaseSecurity security = call.Frame.Security(call.Frame.Database);
        switch (call.Text("@Action")!.ToUpperInvariant())
        {
            case "REPORT":
                call.Send("UserName sysname, UserSID varbinary(85)", security.Principals.Where(p => p.Type == 'S' && p.Id > 4 && p.Sid is not null && call.Server.Logins.FindBySid(p.Sid) is null).Select(p => new object?[] { p.Name, p.Sid }));
                break;
            case "UPDATE_ONE" or "AUTO_FIX":
                Change(call, s => s.Update(call.Frame.Transaction!, Interpreter.Principal(s, call.Text("@UserNamePattern")!, "user") with { Sid = call.Interpreter.FindLogin(call.Text("@LoginName") ?? call.Text("@UserNamePattern")!).Sid }));
                break;
            default:
                throw call.Error(15286, "Terminating this procedure. The @action parameter is not valid. Valid values: Report, Auto_Fix, Update_One.");
        }
    }
}
