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
            case SecurityStatement permission when IsOfServer(permission):
                ChangeServerPermissions(permission, frame);
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

    internal void CreateUser(string name, UserLoginOption? option, IEnumerable<PrincipalOption> options, ExecutionFrame frame)
    {
        byte[]? sid;
        char type = 'S';
        if (option is { UserLoginOptionType: UserLoginOptionType.WithoutLogin })
        {
            sid = System.Security.Cryptography.RandomNumberGenerator.GetBytes(28);
        }
        else if (option is null or { UserLoginOptionType: UserLoginOptionType.Login })
        {
            string login = option?.Identifier.Value ?? name;
            LoginRecord found = Server.Logins.Find(login) ?? throw new LabSqlException(15007, 16, 1, $"'{login}' is not a valid login or you do not have permission.");
            (sid, type) = (found.Sid, found.Type);
        }
        else
        {
            throw ServerErrors.NotSupported("CREATE USER FOR " + option.UserLoginOptionType);
        }

        DatabaseSecurity security = frame.Security(frame.Database);
        if (security.Find(name) is null && security.FindBySid(sid) is not null)
        {
            throw new LabSqlException(15063, 16, 1, "The login already has an account under a different user name.");
        }

        string schema = options.OfType<IdentifierPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.DefaultSchema)?.Identifier.Value ?? "dbo";
        security.Create(frame.Transaction!, name, type, sid, schema);
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

    private static string NameOf(Permission permission) => string.Join(' ', permission.Identifiers.Select(i => i.Value)).ToUpper(CultureInfo.InvariantCulture);

    private static bool IsOfServer(SecurityStatement statement) => statement.SecurityTargetObject?.ObjectKind is SecurityObjectKind.AvailabilityGroup
        || (statement.SecurityTargetObject is null && statement.Permissions.Any(p => PermissionNames.Server.Contains(NameOf(p))));

    private void ChangeServerPermissions(SecurityStatement statement, ExecutionFrame frame)
    {
        frame.RequireSysAdmin();
        if (!Same(frame.Database.Name, "master"))
        {
            throw new LabSqlException(4621, 16, 10, "Permissions at the server scope can only be granted when the current database is master");
        }

        string group = statement.SecurityTargetObject is { } target ? GroupNamed(target.ObjectName.MultiPartIdentifier.Identifiers[^1].Value).Name : string.Empty;
        foreach (ServerPermission permission in statement.Permissions.SelectMany(p => statement.Principals.Select(l => new ServerPermission(FindLogin(l.Identifier.Value).Name, NameOf(p), group))))
        {
            switch (statement)
            {
                case GrantStatement { WithGrantOption: false }:
                    Server.Logins.Grant(permission);
                    break;
                case RevokeStatement:
                    Server.Logins.Revoke(permission);
                    break;
                default:
                    throw ServerErrors.NotSupported("DENY, and GRANT WITH GRANT OPTION, of a permission of the server");
            }
        }
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
            string name = NameOf(permission);
            name = name == "EXEC" ? "EXECUTE" : name;
            if (!PermissionNames.Known.Contains(name))
            {
                throw ServerErrors.Syntax(name, statement.StartLine);
            }

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
}
