using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Credentials of the server: what RESTORE FROM URL finds a shared access signature in.
internal sealed partial class Interpreter
{
    private bool ExecuteCredential(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case CreateCredentialStatement { IsDatabaseScoped: false } create:
                frame.RequireSysAdmin();
                if (CredentialNamed(create.Name.Value) is not null)
                {
                    throw new LabSqlException(15530, 16, 1, $"The credential with name \"{create.Name.Value}\" already exists.");
                }

                Instance.ChangeCredentials(all => [.. all, new ServerCredential(65536 + all.Count, create.Name.Value, create.Identity.Value, Instance.Now, Instance.Now) { Secret = create.Secret?.Value ?? string.Empty }]);
                break;
            case AlterCredentialStatement { IsDatabaseScoped: false } alter:
                frame.RequireSysAdmin();
                ServerCredential changed = CredentialNamed(alter.Name.Value) ?? throw NoCredential("alter", alter.Name.Value);
                Instance.ChangeCredentials(all => [.. all.Select(c => c.Id == changed.Id ? c with { Identity = alter.Identity.Value, Secret = alter.Secret?.Value ?? string.Empty, Modified = Instance.Now } : c)]);
                break;
            case DropCredentialStatement { IsDatabaseScoped: false } drop:
                frame.RequireSysAdmin();
                ServerCredential? gone = CredentialNamed(drop.Name.Value);
                if (gone is null && !drop.IsIfExists)
                {
                    throw NoCredential("drop", drop.Name.Value);
                }

                Instance.ChangeCredentials(all => [.. all.Where(c => c.Id != gone?.Id)]);
                break;
            default:
                return false;
        }

        _session.LastRowCount = 0;
        return true;
    }

    private ServerCredential? CredentialNamed(string name) => Instance.Credentials.FirstOrDefault(c => Same(c.Name, name));

    private static LabSqlException NoCredential(string verb, string name) =>
        new(15151, 16, 1, $"Cannot {verb} the credential '{name}', because it does not exist or you do not have permission.");
}
