using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Decides who may enter a database and what they may do in it.</summary>
internal static class DatabaseAccess
{
    /// <summary>Throws unless the database can be opened: 927, 942, 945, 926.</summary>
    public static void RequireOpen(LabDatabase database)
    {
        switch (database.State)
        {
            case DatabaseState.Online:
                return;
            case DatabaseState.Restoring:
                throw new LabSqlException(927, 14, 2, $"Database '{database.Name}' cannot be opened. It is in the middle of a restore.");
            case DatabaseState.Offline:
                throw new LabSqlException(942, 14, 4, $"Database '{database.Name}' cannot be opened because it is offline.");
            case DatabaseState.Suspect:
                throw new LabSqlException(926, 14, 1, $"Database '{database.Name}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.");
            case DatabaseState.Recovering:
                throw new LabSqlException(922, 14, 1, $"Database '{database.Name}' is being recovered. Waiting until recovery is finished.");
            default:
                throw new LabSqlException(945, 14, 2, $"Database '{database.Name}' cannot be opened due to inaccessible files or insufficient memory or disk space. See the SQL Server errorlog for details.");
        }
    }

    public static bool IsOwner(LabSqlServer server, LoginRecord login, LabDatabase database) =>
        server.Logins.IsInRole(login, "sysadmin")
        || string.Equals(database.Owner, login.Name, StringComparison.OrdinalIgnoreCase)
        || IsInRole(server, login, database, "db_owner");

    /// <summary>The user the login acts as; null when it has none there.</summary>
    public static DatabasePrincipal? User(LabSqlServer server, LoginRecord login, LabDatabase database)
    {
        if (database.State != DatabaseState.Online)
        {
            return null;
        }

        var security = new DatabaseSecurity(database);
        if (server.Logins.IsInRole(login, "sysadmin") || string.Equals(database.Owner, login.Name, StringComparison.OrdinalIgnoreCase))
        {
            return security.Find("dbo");
        }

        return security.FindBySid(login.Sid)
            ?? (database.Name.ToUpperInvariant() is "MASTER" or "TEMPDB" or "MSDB" ? security.Find("guest") : null);
    }

    public static bool MayUse(LabSqlServer server, LoginRecord login, LabDatabase database)
    {
        if (database.UserAccess == UserAccess.RestrictedUser && !IsOwner(server, login, database) && !server.Logins.IsInRole(login, "dbcreator"))
        {
            return false;
        }

        return User(server, login, database) is not null;
    }

    /// <summary>Whether the database is in single-user mode and its one user is someone else.</summary>
    public static bool IsTaken(LabSqlServer server, LoginRecord login, LabDatabase database, SqlSession? session = null) =>
        database.UserAccess == UserAccess.SingleUser && server.Sessions.Any(s => !ReferenceEquals(s, session) && s.UsedDatabases().Contains(database));

    public static bool IsInRole(LabSqlServer server, LoginRecord login, LabDatabase database, string role)
    {
        if (User(server, login, database) is not { } user)
        {
            return false;
        }

        var security = new DatabaseSecurity(database);
        return security.Find(role) is { } found && security.Closure(user.Id).Contains(found.Id);
    }

    /// <summary>Whether the login has the permission on the object: DENY wins, then grants on object, schema and database, then fixed roles.</summary>
    public static bool IsAllowed(LabSqlServer server, LoginRecord login, LabDatabase database, string permission, string schema, int objectId)
    {
        if (IsOwner(server, login, database))
        {
            return true;
        }

        if (User(server, login, database) is not { } user)
        {
            return false;
        }

        var security = new DatabaseSecurity(database);
        HashSet<int> who = security.Closure(user.Id);
        int schemaId = CatalogIds.SchemaId(database, schema);
        List<PermissionRecord> found = [.. security.Permissions.Where(p =>
            who.Contains(p.Grantee)
            && (p.Permission.Equals(permission, StringComparison.OrdinalIgnoreCase) || p.Permission.Equals("CONTROL", StringComparison.OrdinalIgnoreCase))
            && ((p.Class == 0) || (p.Class == 1 && p.MajorId == objectId) || (p.Class == 3 && p.MajorId == schemaId)))];
        bool reads = permission == "SELECT";
        bool writes = permission is "INSERT" or "UPDATE" or "DELETE";
        if (found.Exists(p => p.State == 'D') || (reads && who.Contains(16392)) || (writes && who.Contains(16393)))
        {
            return false;
        }

        return found.Count > 0 || (reads && who.Contains(16390)) || (writes && who.Contains(16391));
    }
}
