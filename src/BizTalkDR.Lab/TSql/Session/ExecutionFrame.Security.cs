using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Who the frame acts as and what that may do.
internal sealed partial class ExecutionFrame
{
    public bool IsSysAdmin => Session.Server.Logins.IsInRole(Session.Login, "sysadmin");

    public DatabaseSecurity Security(LabDatabase database) => new(database);

    public bool HasServerRole(string role) => IsSysAdmin || Session.Server.Logins.IsInRole(Session.Login, role);

    /// <summary>Whether the session has a permission of the server, or on an availability group.</summary>
    public bool HasServerPermission(string permission, string group = "") => Session.Server.Logins.Has(Session.Login, permission, group);

    public bool IsOwner(LabDatabase database) => DatabaseAccess.IsOwner(Session.Server, Session.Login, database);

    public bool IsInRole(LabDatabase database, string role) => DatabaseAccess.IsInRole(Session.Server, Session.Login, database, role);

    public string DefaultSchema(LabDatabase database)
    {
        if (IsSysAdmin)
        {
            return "dbo";
        }

        return DatabaseAccess.User(Session.Server, Session.Login, database)?.DefaultSchema ?? "dbo";
    }

    public void RequireSysAdmin()
    {
        if (!IsSysAdmin)
        {
            throw ServerErrors.NoServerPermission();
        }
    }

    public void RequireOwner(LabDatabase database, string statement)
    {
        if (!IsOwner(database))
        {
            throw ServerErrors.NotAllowedInDatabase(statement, database.Name);
        }
    }

    public void RequireDdl(LabDatabase database, string statement)
    {
        if (!IsOwner(database) && !IsInRole(database, "db_ddladmin") && !Security(database).HasDatabasePermission(DatabaseAccess.User(Session.Server, Session.Login, database), statement))
        {
            throw ServerErrors.NotAllowedInDatabase(statement, database.Name);
        }
    }

    /// <summary>Throws unless the database is open and the login may enter it (916, 924, 927, 942, 945).</summary>
    public void RequireUsable(LabDatabase database)
    {
        DatabaseAccess.RequireOpen(database);
        if (!DatabaseAccess.MayUse(Session.Server, Session.Login, database))
        {
            throw new LabSqlException(916, 14, 2, $"The server principal \"{Session.Login.Name}\" is not able to access the database \"{database.Name}\" under the current security context.");
        }

        if (DatabaseAccess.IsTaken(Session.Server, Session.Login, database, Session))
        {
            throw new LabSqlException(924, 14, 1, $"Database '{database.Name}' is already open and can only have one user at a time.");
        }
    }

    /// <summary>Throws 229 unless the session may do this to the object.</summary>
    public void Demand(string permission, LabDatabase database, string schema, string name, int objectId)
    {
        if (permission == "ALTER" && (IsOwner(database) || IsInRole(database, "db_ddladmin")))
        {
            return;
        }

        DemandOn(database, permission, schema, name, objectId);
    }

    /// <summary>Whether the session may change the definition of the object.</summary>
    public bool MayAlter(LabTable table) =>
        (IsChained && ReferenceEquals(table.Database, Database)) || IsOwner(table.Database) || IsInRole(table.Database, "db_ddladmin")
        || DatabaseAccess.IsAllowed(Session.Server, Session.Login, table.Database, "ALTER", table.Def.Schema, table.Def.ObjectId);

    public void DemandExecute(LabDatabase database, ModuleDef module) => DemandOn(database, "EXECUTE", module.Schema, module.Name, module.ObjectId);

    private void DemandOn(LabDatabase database, string permission, string schema, string name, int objectId)
    {
        bool chained = IsChained && ReferenceEquals(database, Database);
        if (chained || IsOwner(database) || DatabaseAccess.IsAllowed(Session.Server, Session.Login, database, permission, schema, objectId))
        {
            return;
        }

        throw ServerErrors.NoPermission(permission, name, database.Name, schema);
    }
}
