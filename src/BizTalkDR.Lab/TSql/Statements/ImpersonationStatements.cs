using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// EXECUTE AS and REVERT, and the EXECUTE AS clause of modules.
internal sealed partial class Interpreter
{
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
            login = new LoginRecord(0, user.Name, user.Sid ?? [], 'S', [], false, database.Name, user.CreateDate, user.ModifyDate);
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
