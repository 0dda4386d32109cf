using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Logins and server roles.
internal sealed partial class Interpreter
{
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
            if (name.Split('\\') is not [{ Length: > 0 }, { Length: > 0 }])
            {
                throw new LabSqlException(15407, 11, 1, $"'{name}' is not a valid Windows NT name. Give the complete name: <domain\\username>.");
            }

            Server.Logins.CreateWindows(name, DefaultDatabaseOf(windows.Options));
            return;
        }

        if (create.Source is not PasswordCreateLoginSource source)
        {
            throw ServerErrors.NotSupported("CREATE LOGIN FROM CERTIFICATE");
        }

        byte[]? sid = SidOf(source.Options);
        if (!source.Hashed)
        {
            Server.Logins.Create(name, source.Password.Value, sid, DefaultDatabaseOf(source.Options));
            return;
        }

        Server.Logins.Create(name, HashOf(source.Password), sid, DefaultDatabaseOf(source.Options));
    }

    private static byte[] HashOf(Literal password) => password is BinaryLiteral binary && Convert.FromHexString(binary.Value[2..]) is var hash && PasswordHash.IsHash(hash)
        ? hash
        : throw new LabSqlException(15021, 16, 2, "Invalid value given for parameter PASSWORD. Specify a valid parameter value.");

    private byte[]? SidOf(IEnumerable<PrincipalOption> options)
    {
        if (options.OfType<LiteralPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.Sid) is not { Value: BinaryLiteral binary })
        {
            return null;
        }

        byte[] sid = Convert.FromHexString(binary.Value[2..]);
        if (sid.Length != 16)
        {
            throw new LabSqlException(15419, 16, 1, "Supplied parameter sid should be binary(16).");
        }

        return Server.Logins.FindBySid(sid) is null ? sid : throw new LabSqlException(15433, 16, 1, "Supplied parameter sid is in use.");
    }

    private string DefaultDatabaseOf(IEnumerable<PrincipalOption> options)
    {
        string name = options.OfType<IdentifierPrincipalOption>().FirstOrDefault(o => o.OptionKind == PrincipalOptionKind.DefaultDatabase)?.Identifier.Value ?? "master";
        return Instance.Find(name)?.Name ?? throw new LabSqlException(15010, 16, 1, $"The database '{name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.");
    }

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
        PasswordAlterPrincipalOption password => login with { Hash = password.Hashed ? HashOf(password.Password) : PasswordHash.Compute(password.Password.Value) },
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
}
