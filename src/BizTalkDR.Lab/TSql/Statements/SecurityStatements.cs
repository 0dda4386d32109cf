using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Logins, users, roles, GRANT, DENY, REVOKE, EXECUTE AS.
internal sealed partial class Interpreter
{
    private bool ExecuteSecurity(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case CreateLoginStatement create:
                CreateLogin(create, frame);
                break;
            case AlterLoginStatement alter:
                AlterLogin(alter, frame);
                break;
            case DropLoginStatement drop:
                DropLogin(drop.Name.Value, frame);
                break;
            case AlterServerRoleStatement role:
                AlterServerRole(role, frame);
                break;
            case CreateUserStatement or AlterUserStatement or DropUserStatement or CreateRoleStatement or AlterRoleStatement or DropRoleStatement or SecurityStatement or AlterAuthorizationStatement:
                InStatement(frame, () => ChangeDatabaseSecurity(statement, frame), writes: true);
                break;
            default:
                return false;
        }

        _session.LastRowCount = 0;
        return true;
    }

    private void ChangeDatabaseSecurity(TSqlStatement statement, ExecutionFrame frame)
    {
        LabDatabase database = frame.Database;
        if (statement is AlterAuthorizationStatement authorization)
        {
            AlterAuthorization(authorization, frame);
            return;
        }

        if (!frame.IsOwner(database) && !frame.IsInRole(database, "db_securityadmin") && !frame.IsInRole(database, "db_accessadmin"))
        {
            throw new LabSqlException(15247, 16, 1, "User does not have permission to perform this action.");
        }

        DatabaseSecurity security = frame.Security(database);
        LabTransaction transaction = frame.Transaction!;
        switch (statement)
        {
            case CreateUserStatement user:
                CreateUser(user.Name.Value, user.UserLoginOption, user.UserOptions, frame);
                break;
            case AlterUserStatement user:
                AlterUser(user, frame);
                break;
            case DropUserStatement drop:
                DropPrincipal(drop.Name.Value, drop.IsIfExists, frame, roles: false);
                break;
            case CreateRoleStatement role:
                security.Create(transaction, role.Name.Value, 'R', null, null);
                break;
            case AlterRoleStatement role:
                AlterRole(role, frame);
                break;
            case DropRoleStatement drop:
                DropPrincipal(drop.Name.Value, drop.IsIfExists, frame, roles: true);
                break;
            case SecurityStatement permission:
                ChangePermissions(permission, frame);
                break;
            default:
                break;
        }
    }

    private void RequireLoginAdmin(ExecutionFrame frame)
    {
        if (!frame.HasServerRole("securityadmin"))
        {
            throw new LabSqlException(15247, 16, 1, "User does not have permission to perform this action.");
        }
    }

    private void CreateLogin(CreateLoginStatement create, ExecutionFrame frame)
    {
        RequireLoginAdmin(frame);
        string name = create.Name.Value;
        if (create.Source is WindowsCreateLoginSource windows)
        {
            Server.Logins.Create(name, string.Empty, null, DefaultDatabaseOf(windows.Options), type: 'U');
            return;
        }

        if (create.Source is not PasswordCreateLoginSource source)
        {
            throw ServerErrors.NotSupported("CREATE LOGIN FROM CERTIFICATE");
        }

        if (source.Hashed)
        {
            throw ServerErrors.NotSupported("CREATE LOGIN … HASHED");
        }

        byte[]? sid = source.Options.OfType<LiteralPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.Sid) is { Value: BinaryLiteral binary }
            ? Convert.FromHexString(binary.Value[2..])
            : null;
        if (sid is not null && Server.Logins.FindBySid(sid) is not null)
        {
            throw new LabSqlException(15433, 16, 1, "Supplied parameter sid is in use.");
        }

        Server.Logins.Create(name, source.Password.Value, sid, DefaultDatabaseOf(source.Options));
    }

    private static string DefaultDatabaseOf(IEnumerable<PrincipalOption> options) =>
        options.OfType<IdentifierPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.DefaultDatabase)?.Identifier.Value ?? "master";

    internal LoginRecord FindLogin(string name) =>
        Server.Logins.Find(name) ?? throw new LabSqlException(15151, 16, 1, $"Cannot find the login '{name}', because it does not exist or you do not have permission.");

    private void AlterLogin(AlterLoginStatement alter, ExecutionFrame frame)
    {
        LoginRecord login = FindLogin(alter.Name.Value);
        bool own = string.Equals(login.Name, _session.Login.Name, StringComparison.OrdinalIgnoreCase);
        if (!own)
        {
            RequireLoginAdmin(frame);
        }

        switch (alter)
        {
            case AlterLoginEnableDisableStatement enable:
                RequireLoginAdmin(frame);
                Server.Logins.Update(login, l => l with { IsDisabled = !enable.IsEnable });
                break;
            case AlterLoginOptionsStatement options:
                foreach (PrincipalOption option in options.Options)
                {
                    Server.Logins.Update(FindLogin(login.Name), l => Changed(l, option));
                }

                break;
            default:
                throw ServerErrors.NotSupported("ALTER LOGIN … CREDENTIAL");
        }
    }

    private LoginRecord Changed(LoginRecord login, PrincipalOption option) => option switch
    {
        PasswordAlterPrincipalOption { Hashed: false } password => Server.Logins.WithPassword(login, password.Password.Value),
        IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.DefaultDatabase } database => login with { DefaultDatabase = database.Identifier.Value },
        IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.Name } name => login with { Name = name.Identifier.Value },
        IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.DefaultLanguage } or OnOffPrincipalOption => login,
        _ => throw ServerErrors.NotSupported("ALTER LOGIN " + option.OptionKind),
    };

    internal void DropLogin(string name, ExecutionFrame frame)
    {
        RequireLoginAdmin(frame);
        LoginRecord login = FindLogin(name);
        if (Server.Sessions.Any(s => string.Equals(s.OriginalLogin.Name, login.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LabSqlException(15434, 16, 1, $"Could not drop login '{name}' as the user is currently logged in.");
        }

        if (Instance.Databases.Any(d => string.Equals(d.Owner, login.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LabSqlException(15174, 16, 1, $"Login '{name}' owns one or more database(s). Change the owner of the database(s) before dropping the login.");
        }

        Server.Logins.Drop(login);
    }

    private void AlterServerRole(AlterServerRoleStatement role, ExecutionFrame frame)
    {
        frame.RequireSysAdmin();
        if (!LoginStore.FixedRoles.Contains(role.Name.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new LabSqlException(15151, 16, 1, $"Cannot alter the server role '{role.Name.Value}', because it does not exist or you do not have permission.");
        }

        switch (role.Action)
        {
            case AddMemberAlterRoleAction add:
                Server.Logins.AddMember(role.Name.Value.ToLowerInvariant(), FindLogin(add.Member.Value).Name);
                break;
            case DropMemberAlterRoleAction drop:
                Server.Logins.RemoveMember(role.Name.Value, drop.Member.Value);
                break;
            default:
                throw ServerErrors.NotSupported("ALTER SERVER ROLE … WITH NAME");
        }
    }

    internal void CreateUser(string name, UserLoginOption? option, IEnumerable<PrincipalOption> options, ExecutionFrame frame)
    {
        byte[]? sid;
        if (option is { UserLoginOptionType: UserLoginOptionType.WithoutLogin })
        {
            sid = System.Security.Cryptography.RandomNumberGenerator.GetBytes(28);
        }
        else if (option is null or { UserLoginOptionType: UserLoginOptionType.Login })
        {
            string login = option?.Identifier.Value ?? name;
            sid = (Server.Logins.Find(login) ?? throw new LabSqlException(15007, 16, 1, $"'{login}' is not a valid login or you do not have permission.")).Sid;
        }
        else
        {
            throw ServerErrors.NotSupported("CREATE USER FOR " + option.UserLoginOptionType);
        }

        DatabaseSecurity security = frame.Security(frame.Database);
        if (security.FindBySid(sid) is not null)
        {
            throw new LabSqlException(15063, 16, 1, "The login already has an account under a different user name.");
        }

        string schema = options.OfType<IdentifierPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.DefaultSchema)?.Identifier.Value ?? "dbo";
        security.Create(frame.Transaction!, name, 'S', sid, schema);
    }

    private void AlterUser(AlterUserStatement alter, ExecutionFrame frame)
    {
        DatabaseSecurity security = frame.Security(frame.Database);
        DatabasePrincipal user = Principal(security, alter.Name.Value, "user");
        foreach (PrincipalOption option in alter.UserOptions)
        {
            user = option switch
            {
                IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.Name } name => user with { Name = name.Identifier.Value },
                IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.DefaultSchema } schema => user with { DefaultSchema = schema.Identifier.Value },
                IdentifierPrincipalOption { OptionKind: PrincipalOptionKind.Login } login => user with { Sid = FindLogin(login.Identifier.Value).Sid },
                _ => throw ServerErrors.NotSupported("ALTER USER " + option.OptionKind),
            };
        }

        security.Update(frame.Transaction!, user);
    }

    internal static DatabasePrincipal Principal(DatabaseSecurity security, string name, string kind) =>
        security.Find(name) ?? throw new LabSqlException(15151, 16, 1, $"Cannot find the {kind} '{name}', because it does not exist or you do not have permission.");

    private static void DropPrincipal(string name, bool ifExists, ExecutionFrame frame, bool roles)
    {
        DatabaseSecurity security = frame.Security(frame.Database);
        DatabasePrincipal? found = security.Find(name);
        if (found is null && ifExists)
        {
            return;
        }

        string kind = roles ? "role" : "user";
        if (found is null || found.Type == 'R' != roles)
        {
            throw new LabSqlException(15151, 16, 1, $"Cannot drop the {kind} '{name}', because it does not exist or you do not have permission.");
        }

        if (found.Id < 5 || found.IsFixed)
        {
            throw new LabSqlException(15150, 16, 1, $"Cannot drop the {kind} '{name}'.");
        }

        security.Drop(frame.Transaction!, found);
    }

    private static void AlterRole(AlterRoleStatement alter, ExecutionFrame frame)
    {
        DatabaseSecurity security = frame.Security(frame.Database);
        DatabasePrincipal role = Principal(security, alter.Name.Value, "role");
        if (role.Type != 'R')
        {
            throw new LabSqlException(15151, 16, 1, $"Cannot alter the role '{alter.Name.Value}', because it does not exist or you do not have permission.");
        }

        switch (alter.Action)
        {
            case AddMemberAlterRoleAction add:
                security.AddMember(frame.Transaction!, role.Id, Principal(security, add.Member.Value, "user").Id);
                break;
            case DropMemberAlterRoleAction drop:
                security.RemoveMember(frame.Transaction!, role.Id, Principal(security, drop.Member.Value, "user").Id);
                break;
            case RenameAlterRoleAction rename:
                security.Update(frame.Transaction!, role with { Name = rename.NewName.Value });
                break;
            default:
                break;
        }
    }

    private void AlterAuthorization(AlterAuthorizationStatement authorization, ExecutionFrame frame)
    {
        if (authorization.SecurityTargetObject.ObjectKind != SecurityObjectKind.Database)
        {
            throw ServerErrors.NotSupported("ALTER AUTHORIZATION ON " + authorization.SecurityTargetObject.ObjectKind);
        }

        string name = authorization.SecurityTargetObject.ObjectName.MultiPartIdentifier.Identifiers[^1].Value;
        LabDatabase database = Instance.Find(name) ?? throw ServerErrors.UnknownDatabase(name);
        frame.RequireSysAdmin();
        database.Owner = FindLogin(authorization.PrincipalName.Value).Name;
    }

    private void ChangePermissions(SecurityStatement statement, ExecutionFrame frame)
    {
        DatabaseSecurity security = frame.Security(frame.Database);
        (byte @class, int major) = SecurableOf(statement.SecurityTargetObject, frame);
        char state = statement switch
        {
            GrantStatement { WithGrantOption: true } => 'W',
            GrantStatement => 'G',
            DenyStatement => 'D',
            _ => 'R',
        };
        foreach (Permission permission in statement.Permissions)
        {
            string name = string.Join(' ', permission.Identifiers.Select(i => i.Value)).ToUpper(CultureInfo.InvariantCulture);
            name = name == "EXEC" ? "EXECUTE" : name;
            if (permission.Columns.Count > 0 || statement.SecurityTargetObject?.Columns.Count > 0)
            {
                throw ServerErrors.NotSupported("column permissions");
            }

            foreach (SecurityPrincipal principal in statement.Principals)
            {
                string grantee = principal.PrincipalType == PrincipalType.Public ? "public" : principal.Identifier.Value;
                DatabasePrincipal found = security.Find(grantee)
                    ?? throw new LabSqlException(15151, 16, 1, $"Cannot find the user '{grantee}', because it does not exist or you do not have permission.");
                foreach (string one in name is "ALL" or "ALL PRIVILEGES" ? (IEnumerable<string>)["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "EXECUTE"] : [name])
                {
                    security.SetPermission(frame.Transaction!, @class, major, found.Id, one, state);
                }
            }
        }
    }

    private static (byte Class, int Major) SecurableOf(SecurityTargetObject? target, ExecutionFrame frame)
    {
        if (target is null || target.ObjectKind is SecurityObjectKind.Database)
        {
            return (0, 0);
        }

        IList<Identifier> parts = target.ObjectName.MultiPartIdentifier.Identifiers;
        string shown = string.Join('.', parts.Select(p => p.Value));
        switch (target.ObjectKind)
        {
            case SecurityObjectKind.Schema:
                return (3, CatalogIds.SchemaId(frame.Database, parts[^1].Value));
            case SecurityObjectKind.NotSpecified or SecurityObjectKind.Object:
                int? id = CatalogIds.ObjectId(frame, shown, null);
                return id is null
                    ? throw new LabSqlException(15151, 16, 1, $"Cannot find the object '{parts[^1].Value}', because it does not exist or you do not have permission.")
                    : ((byte)1, id.Value);
            case SecurityObjectKind.Type:
                return (6, 0);
            default:
                throw ServerErrors.NotSupported("permissions on " + target.ObjectKind);
        }
    }

    private void ExecuteAs(ExecuteAsStatement statement, ExecutionFrame frame) => Impersonate(statement.ExecuteContext, frame);

    private void Impersonate(ExecuteContext context, ExecutionFrame frame)
    {
        string name = context.Principal is null ? string.Empty : Scalar<string>(context.Principal, SqlType.SysName, frame) ?? string.Empty;
        switch (context.Kind)
        {
            case ExecuteAsOption.Caller or ExecuteAsOption.Self:
                _session.Impersonations.Push((_session.Login, null));
                break;
            case ExecuteAsOption.Login:
                LoginRecord login = Server.Logins.Find(name) ?? throw CannotImpersonate(name, "server");
                if (!frame.IsSysAdmin && !string.Equals(login.Name, _session.Login.Name, StringComparison.OrdinalIgnoreCase))
                {
                    throw CannotImpersonate(name, "server");
                }

                _session.Impersonations.Push((login, null));
                break;
            case ExecuteAsOption.User:
                PushUser(name, frame.Database, frame.IsOwner(frame.Database));
                break;
            default:
                throw ServerErrors.NotSupported("EXECUTE AS " + context.Kind);
        }
    }

    private void PushUser(string name, LabDatabase database, bool allowed)
    {
        DatabasePrincipal? user = new DatabaseSecurity(database).Find(name);
        LoginRecord? login = user is null || !allowed ? null : user.Id == DatabaseSecurity.DboId ? Server.Logins.Find(database.Owner) ?? LoginRecord.BuiltInAdministrator : Server.Logins.FindBySid(user.Sid ?? []);
        if (user is not null && login is null && allowed)
        {
            login = new LoginRecord(0, user.Name, user.Sid ?? [], 'S', [], [], false, database.Name, user.CreateDate, user.ModifyDate);
        }

        _session.Impersonations.Push((login ?? throw CannotImpersonate(name, "database"), name));
    }

    private static LabSqlException CannotImpersonate(string name, string level) => level == "server"
        ? new LabSqlException(15406, 16, 1, $"Cannot execute as the server principal because the principal \"{name}\" does not exist, this type of principal cannot be impersonated, or you do not have permission.")
        : new LabSqlException(15517, 16, 1, $"Cannot execute as the database principal because the principal \"{name}\" does not exist, this type of principal cannot be impersonated, or you do not have permission.");

    /// <summary>Acts on a module's EXECUTE AS clause; false for CALLER.</summary>
    private bool ImpersonateModule(ExecuteAsClause clause, LabDatabase database)
    {
        switch (clause.ExecuteAsOption)
        {
            case ExecuteAsOption.Caller:
                return false;
            case ExecuteAsOption.Owner or ExecuteAsOption.Self:
                PushUser("dbo", database, allowed: true);
                return true;
            default:
                PushUser(clause.Literal.Value, database, allowed: true);
                return true;
        }
    }

    private void Revert()
    {
        if (_session.Impersonations.Count > 0)
        {
            _session.Impersonations.Pop();
        }
    }
}
