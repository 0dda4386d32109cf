using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Functions that ask the session, the database or the instance.</summary>
internal static class MetadataFunctions
{
    private static readonly SqlType s_name = SqlType.SysName;

    public static void Register(FunctionRegistry functions)
    {
        RegisterDatabases(functions);
        RegisterObjects(functions);
        RegisterUsers(functions);
        RegisterSession(functions);
        ServerProperties.Register(functions);
    }

    /// <summary>The frame behind a context.</summary>
    public static ExecutionFrame FrameOf(IExecutionContext context) =>
        context as ExecutionFrame ?? throw new InvalidOperationException("The function needs the session's own context.");

    public static void Add(FunctionRegistry functions, string name, int min, int max, SqlType result, Func<ExecutionFrame, object?[], object?> evaluate) =>
        functions.Add(name, new ScalarFunction(min, max, _ => result, (context, types, values) => Evaluate(FrameOf(context), types, values, evaluate)));

    // An id is an int: what cannot become one is refused as any implied conversion is.
    private static object? Evaluate(ExecutionFrame frame, IReadOnlyList<SqlType> types, object?[] values, Func<ExecutionFrame, object?[], object?> evaluate)
    {
        try
        {
            return evaluate(frame, Plain(values));
        }
        catch (InvalidCastException)
        {
            foreach (SqlType type in types)
            {
                SqlConversion.Verify(type, SqlType.Int, isExplicit: false);
            }

            throw;
        }
        catch (OverflowException)
        {
            throw SqlErrors.ExpressionOverflow(SqlType.Int);
        }
    }

    private static object?[] Plain(object?[] values) => Array.ConvertAll(values, v => v is SqlVariant variant ? variant.Value : v);

    public static string? Text(object? value) => value switch
    {
        null => null,
        string s => s,
        _ => System.Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    public static int? Int(object? value) => value switch
    {
        null => null,
        string s => int.TryParse(s, CultureInfo.InvariantCulture, out int i) ? i : null,
        byte[] => null,
        _ => System.Convert.ToInt32(value, CultureInfo.InvariantCulture),
    };

    private static void RegisterDatabases(FunctionRegistry f)
    {
        Add(f, "DB_ID", 0, 1, new SqlType(SqlKind.SmallInt), (frame, a) => a.Length == 0 ? (short)frame.Database.Id : Text(a[0]) is { } name && frame.Instance.Find(name) is { } d ? (short)d.Id : null);
        Add(f, "DB_NAME", 0, 1, s_name, (frame, a) => a.Length == 0 || Int(a[0]) == 0 ? frame.Database.Name : Int(a[0]) is { } id ? ById(frame, id)?.Name : null);
        Add(f, "ORIGINAL_DB_NAME", 0, 0, s_name, (frame, _) => frame.Session.CurrentDatabase.Name);
        Add(f, "HAS_DBACCESS", 1, 1, SqlType.Int, (frame, a) => Text(a[0]) is { } name && frame.Instance.Find(name) is { } d ? (d.State == DatabaseState.Online && DatabaseAccess.MayUse(frame.Session.Server, frame.Session.Login, d) && !DatabaseAccess.IsTaken(frame.Session.Server, frame.Session.Login, d, frame.Session) ? 1 : 0) : null);
        f.Add("DATABASEPROPERTYEX", new ScalarFunction(2, 2, _ => SqlType.Variant, (context, _, a) => ServerProperties.OfDatabase(FrameOf(context), Text(Plain(a)[0]), Text(Plain(a)[1]))));
        Add(f, "DATABASEPROPERTY", 2, 2, SqlType.Int, (frame, a) => Text(a[0]) is { } name && frame.Instance.Find(name) is { } d ? Text(a[1])?.ToUpperInvariant() switch { "ISREADONLY" => d.IsReadOnly ? 1 : 0, "ISOFFLINE" => d.State == DatabaseState.Offline ? 1 : 0, "ISINSTANDBY" => d.IsInStandby ? 1 : 0, "ISSINGLEUSER" => d.UserAccess == UserAccess.SingleUser ? 1 : 0, _ => null } : null);
        Add(f, "FILE_ID", 1, 1, new SqlType(SqlKind.SmallInt), (frame, a) => frame.Database.Files.FirstOrDefault(x => string.Equals(x.LogicalName, Text(a[0]), StringComparison.OrdinalIgnoreCase)) is { } file ? (short)file.FileId : null);
        Add(f, "FILE_NAME", 1, 1, s_name, (frame, a) => frame.Database.Files.FirstOrDefault(x => x.FileId == Int(a[0]))?.LogicalName);
        Add(f, "FILEPROPERTY", 2, 2, SqlType.Int, (frame, a) => frame.Database.Files.FirstOrDefault(x => string.Equals(x.LogicalName, Text(a[0]), StringComparison.OrdinalIgnoreCase)) is { } file ? Text(a[1])?.ToUpperInvariant() switch { "ISLOGFILE" => file.IsLog ? 1 : 0, "ISPRIMARYFILE" => file.FileId == 1 ? 1 : 0, "ISREADONLY" => frame.Database.IsReadOnly ? 1 : 0, "SPACEUSED" => (int)(file.SizeBytes / 8192), _ => null } : null);
        Add(f, "FILEGROUP_NAME", 1, 1, s_name, (_, a) => Int(a[0]) == 1 ? "PRIMARY" : null);
        Add(f, "FN_HADR_IS_PRIMARY_REPLICA", 1, 1, SqlType.Bit, (_, _) => null);
        Add(f, "FN_HADR_BACKUP_IS_PREFERRED_REPLICA", 1, 1, SqlType.Bit, (_, _) => true);
        Add(f, "FN_SYSPOLICY_IS_AUTOMATION_ENABLED", 0, 0, SqlType.Bit, (_, _) => false);
    }

    private static LabDatabase? ById(ExecutionFrame frame, int id) => frame.Instance.Databases.FirstOrDefault(d => d.Id == id);

    private static LabDatabase Database(ExecutionFrame frame, object?[] a, int index) => index < a.Length && Int(a[index]) is { } id ? ById(frame, id) ?? frame.Database : frame.Database;

    private static void RegisterObjects(FunctionRegistry f)
    {
        Add(f, "OBJECT_ID", 1, 2, SqlType.Int, (frame, a) => Text(a[0]) is { } name ? CatalogIds.ObjectId(frame, name, a.Length > 1 ? Text(a[1])?.Trim() : null) : null);
        Add(f, "OBJECT_NAME", 1, 2, s_name, (frame, a) => Int(a[0]) is { } id ? CatalogIds.FindObject(Database(frame, a, 1), id)?.Name : null);
        Add(f, "OBJECT_SCHEMA_NAME", 1, 2, s_name, (frame, a) => Int(a[0]) is { } id ? CatalogIds.FindObject(Database(frame, a, 1), id)?.Schema : null);
        Add(f, "OBJECT_DEFINITION", 1, 1, SqlType.NVarCharMax, (frame, a) => Int(a[0]) is { } id ? CatalogIds.FindObject(frame.Database, id)?.Module?.Text : null);
        Add(f, "OBJECTPROPERTY", 2, 2, SqlType.Int, (frame, a) => ObjectProperties.Of(frame, Int(a[0]), Text(a[1])));
        f.Add("OBJECTPROPERTYEX", new ScalarFunction(2, 2, _ => SqlType.Variant, (context, _, a) => ObjectProperties.Of(FrameOf(context), Int(Plain(a)[0]), Text(Plain(a)[1])) is { } value ? new SqlVariant(SqlType.Int, value) : null));
        Add(f, "SCHEMA_ID", 0, 1, SqlType.Int, (frame, a) => CatalogIds.SchemaId(frame.Database, a.Length == 0 ? frame.DefaultSchema(frame.Database) : Text(a[0]) ?? string.Empty) is var id && id > 0 ? id : null);
        Add(f, "SCHEMA_NAME", 0, 1, s_name, (frame, a) => a.Length == 0 ? frame.DefaultSchema(frame.Database) : CatalogIds.Schemas(frame.Database).FirstOrDefault(s => s.Id == Int(a[0])).Name);
        Add(f, "COL_LENGTH", 2, 2, new SqlType(SqlKind.SmallInt), (frame, a) => ObjectProperties.Column(frame, Text(a[0]), Text(a[1])) is { } column ? CatalogIds.MaxLength(column.Type) : null);
        Add(f, "COL_NAME", 2, 2, s_name, (frame, a) => ObjectProperties.Table(frame, Int(a[0]))?.Columns.Find(c => c.ColumnId == Int(a[1]))?.Name);
        Add(f, "COLUMNPROPERTY", 3, 3, SqlType.Int, (frame, a) => ObjectProperties.OfColumn(frame, Int(a[0]), Text(a[1]), Text(a[2])));
        Add(f, "TYPE_ID", 1, 1, SqlType.Int, (frame, a) => ObjectProperties.TypeId(frame, Text(a[0])));
        Add(f, "TYPE_NAME", 1, 1, s_name, (frame, a) => ObjectProperties.TypeName(frame, Int(a[0])));
        Add(f, "INDEXPROPERTY", 3, 3, SqlType.Int, (frame, a) => ObjectProperties.OfIndex(frame, Int(a[0]), Text(a[1]), Text(a[2])));
        Add(f, "INDEX_COL", 3, 3, s_name, (frame, a) => ObjectProperties.IndexColumn(frame, Text(a[0]), Int(a[1]), Int(a[2])));
        Add(f, "STATS_DATE", 2, 2, SqlType.DateTime, (_, _) => null);
        Add(f, "IDENT_CURRENT", 1, 1, SqlType.Decimal(38, 0), (frame, a) => ObjectProperties.TableByName(frame, Text(a[0])) is { } table && table.Def.Columns.Find(c => c.IsIdentity) is { } column ? (decimal)(table.CurrentIdentity ?? column.IdentitySeed) : null);
        Add(f, "IDENT_SEED", 1, 1, SqlType.Decimal(38, 0), (frame, a) => ObjectProperties.TableByName(frame, Text(a[0]))?.Def.Columns.Find(c => c.IsIdentity) is { } column ? (decimal)column.IdentitySeed : null);
        Add(f, "IDENT_INCR", 1, 1, SqlType.Decimal(38, 0), (frame, a) => ObjectProperties.TableByName(frame, Text(a[0]))?.Def.Columns.Find(c => c.IsIdentity) is { } column ? (decimal)column.IdentityIncrement : null);
    }

    private static void RegisterUsers(FunctionRegistry f)
    {
        Func<ExecutionFrame, object?[], object?> login = (frame, a) => a.Length == 0 ? frame.Session.Login.Name : a[0] is byte[] sid ? frame.Session.Server.Logins.FindBySid(sid)?.Name : null;
        Add(f, "SUSER_SNAME", 0, 1, s_name, login);
        Add(f, "SUSER_NAME", 0, 1, s_name, (frame, a) => a.Length == 0 ? frame.Session.Login.Name : frame.Session.Server.Logins.All.FirstOrDefault(l => l.Id == Int(a[0]))?.Name);
        Add(f, "SUSER_SID", 0, 2, new SqlType(SqlKind.VarBinary, 85), (frame, a) => a.Length == 0 ? frame.Session.Login.Sid : Text(a[0]) is { } name ? frame.Session.Server.Logins.Find(name)?.Sid : null);
        Add(f, "SUSER_ID", 0, 1, SqlType.Int, (frame, a) => a.Length == 0 ? frame.Session.Login.Id : Text(a[0]) is { } name ? frame.Session.Server.Logins.Find(name)?.Id : null);
        Add(f, "SID_BINARY", 1, 1, new SqlType(SqlKind.VarBinary, 85), (_, _) => null);
        Add(f, "SYSTEM_USER", 0, 0, s_name, (frame, _) => frame.Session.Login.Name);
        Add(f, "ORIGINAL_LOGIN", 0, 0, s_name, (frame, _) => frame.Session.OriginalLogin.Name);
        Func<ExecutionFrame, object?[], object?> user = (frame, a) => a.Length == 0 ? UserName(frame) : frame.Security(frame.Database).Principals.FirstOrDefault(p => p.Id == Int(a[0]))?.Name;
        Add(f, "USER_NAME", 0, 1, s_name, user);
        foreach (string name in new[] { "USER", "CURRENT_USER", "SESSION_USER" })
        {
            Add(f, name, 0, 0, s_name, user);
        }

        Add(f, "USER_ID", 0, 1, SqlType.Int, (frame, a) => a.Length == 0 ? User(frame)?.Id : frame.Security(frame.Database).Find(Text(a[0]) ?? string.Empty)?.Id);
        Add(f, "DATABASE_PRINCIPAL_ID", 0, 1, SqlType.Int, (frame, a) => a.Length == 0 ? User(frame)?.Id : frame.Security(frame.Database).Find(Text(a[0]) ?? string.Empty)?.Id);
        Add(f, "IS_MEMBER", 1, 1, SqlType.Int, (frame, a) => IsMember(frame, Text(a[0]), null));
        Add(f, "IS_ROLEMEMBER", 1, 2, SqlType.Int, (frame, a) => IsMember(frame, Text(a[0]), a.Length > 1 ? Text(a[1]) : null));
        Add(f, "IS_SRVROLEMEMBER", 1, 2, SqlType.Int, IsServerRoleMember);
        Add(f, "HAS_PERMS_BY_NAME", 3, 5, SqlType.Int, HasPermission);
        Add(f, "PERMISSIONS", 0, 2, SqlType.Int, (frame, _) => frame.IsOwner(frame.Database) ? 254 : 0);
    }

    private static DatabasePrincipal? User(ExecutionFrame frame) => DatabaseAccess.User(frame.Session.Server, frame.Session.Login, frame.Database);

    private static string UserName(ExecutionFrame frame) => User(frame)?.Name ?? "guest";

    private static object? IsMember(ExecutionFrame frame, string? role, string? member)
    {
        DatabaseSecurity security = frame.Security(frame.Database);
        DatabasePrincipal? found = security.Find(role ?? string.Empty);
        if (found is not { Type: 'R' })
        {
            return null;
        }

        DatabasePrincipal? user = member is null ? User(frame) : security.Find(member);
        if (user is null)
        {
            return null;
        }

        bool owner = user.Id == DatabaseSecurity.DboId && found.Id == 16384;
        return owner || security.Closure(user.Id).Contains(found.Id) || (member is null && frame.IsSysAdmin) ? 1 : 0;
    }

    private static object? IsServerRoleMember(ExecutionFrame frame, object?[] a)
    {
        string role = Text(a[0]) ?? string.Empty;
        if (!LoginStore.FixedRoles.Contains(role, StringComparer.OrdinalIgnoreCase) && !string.Equals(role, "public", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        LoginRecord? login = a.Length > 1 ? frame.Session.Server.Logins.Find(Text(a[1]) ?? string.Empty) : frame.Session.Login;
        return login is null ? null : frame.Session.Server.Logins.IsInRole(login, role) || frame.Session.Server.Logins.IsInRole(login, "sysadmin") ? 1 : 0;
    }

    private static object? HasPermission(ExecutionFrame frame, object?[] a)
    {
        string? securable = Text(a[0]);
        string @class = Text(a[1])?.ToUpperInvariant() ?? "SERVER";
        string permission = Text(a[2])?.ToUpperInvariant() ?? string.Empty;
        switch (@class)
        {
            case "SERVER":
                return frame.HasServerPermission(permission) ? 1 : 0;
            case "AVAILABILITY GROUP":
                string group = (securable ?? string.Empty) is ['[', .. string inner, ']'] ? inner.Replace("]]", "]", StringComparison.Ordinal) : securable ?? string.Empty;
                return !frame.Instance.AvailabilityGroups.Any(g => string.Equals(g.Name, group, StringComparison.OrdinalIgnoreCase)) ? null : frame.HasServerPermission(permission, group) ? 1 : 0;
            case "DATABASE":
                LabDatabase? database = securable is null ? frame.Database : frame.Instance.Find(securable.Trim('[', ']'));
                return database is null ? null : frame.IsOwner(database) || frame.Security(database).HasDatabasePermission(DatabaseAccess.User(frame.Session.Server, frame.Session.Login, database), permission) || (permission is "BACKUP DATABASE" or "BACKUP LOG" && frame.IsInRole(database, "db_backupoperator")) ? 1 : 0;
            case "OBJECT":
                int? id = CatalogIds.ObjectId(frame, securable ?? string.Empty, null);
                CatalogObject? found = id is null ? null : CatalogIds.FindObject(frame.Database, id.Value);
                return found is null ? null : DatabaseAccess.IsAllowed(frame.Session.Server, frame.Session.Login, frame.Database, permission, found.Schema, found.Id) ? 1 : 0;
            default:
                return frame.IsSysAdmin ? 1 : 0;
        }
    }

    private static void RegisterSession(FunctionRegistry f)
    {
        Add(f, "HOST_NAME", 0, 0, s_name, (frame, _) => frame.Session.HostName);
        Add(f, "HOST_ID", 0, 0, new SqlType(SqlKind.Char, 10), (frame, _) => frame.Session.ClientProcessId.ToString(CultureInfo.InvariantCulture));
        Add(f, "APP_NAME", 0, 0, s_name, (frame, _) => frame.Session.ApplicationName);
        Add(f, "PROGRAM_NAME", 0, 0, s_name, (frame, _) => frame.Session.ApplicationName);
        Add(f, "SCOPE_IDENTITY", 0, 0, SqlType.Decimal(38, 0), (frame, _) => frame.ScopeIdentity);
        Add(f, "ROWCOUNT_BIG", 0, 0, SqlType.BigInt, (frame, _) => frame.Session.LastRowCount);
        Add(f, "XACT_STATE", 0, 0, new SqlType(SqlKind.SmallInt), (frame, _) => (short)(frame.Session.Transaction.Current is null ? 0 : frame.Session.Transaction.Doomed ? -1 : 1));
        Add(f, "CURRENT_TRANSACTION_ID", 0, 0, SqlType.BigInt, (frame, _) => frame.Transaction?.Id ?? 0L);
        Add(f, "TRIGGER_NESTLEVEL", 0, 3, SqlType.Int, (frame, _) => frame.TriggerLevel);
        Add(f, "CONTEXT_INFO", 0, 0, new SqlType(SqlKind.VarBinary, 128), (frame, _) => frame.Session.Settings.ContextInfo);
        Add(f, "APPLOCK_MODE", 3, 3, SqlType.NVarChar(32), (frame, a) => frame.Session.Server.Locks.ModeOf(frame, Text(a[1]) ?? string.Empty, Text(a[2]) ?? "Session"));
        Add(f, "APPLOCK_TEST", 4, 4, new SqlType(SqlKind.SmallInt), (frame, a) => (short)(frame.Session.Server.Locks.CouldTake(frame, Text(a[1]) ?? string.Empty, Text(a[2]) ?? "Exclusive") ? 1 : 0));
        Add(f, "CURSOR_STATUS", 2, 2, new SqlType(SqlKind.SmallInt), (frame, a) => CursorStatus(frame, Text(a[0]), Text(a[1]) ?? string.Empty));
        Add(f, "MIN_ACTIVE_ROWVERSION", 0, 0, new SqlType(SqlKind.Binary, 8), (frame, _) => frame.GetGlobal("@@DBTS").Value);
        Add(f, "GETANSINULL", 0, 1, SqlType.Int, (_, _) => 1);
        Add(f, "FORMATMESSAGE", 1, -1, SqlType.NVarChar(2048), (_, a) => a[0] is string format ? MessageFormat.Format(format, a[1..]) : null);
        Add(f, "SESSION_CONTEXT", 1, 1, SqlType.Variant, (frame, a) => Text(a[0]) is { } key && frame.Session.Context.TryGetValue(key, out SessionValue? found) ? found.Value : null);
        Add(f, "ERROR_NUMBER", 0, 0, SqlType.Int, (frame, _) => Caught(frame)?.Number);
        Add(f, "ERROR_MESSAGE", 0, 0, SqlType.NVarChar(4000), (frame, _) => Caught(frame)?.Text);
        Add(f, "ERROR_SEVERITY", 0, 0, SqlType.Int, (frame, _) => Caught(frame) is { } e ? (int)e.Class : null);
        Add(f, "ERROR_STATE", 0, 0, SqlType.Int, (frame, _) => Caught(frame) is { } e ? (int)e.State : null);
        Add(f, "ERROR_LINE", 0, 0, SqlType.Int, (frame, _) => Caught(frame)?.Line);
        Add(f, "ERROR_PROCEDURE", 0, 0, s_name, (frame, _) => frame.Session.Caught.TryPeek(out CaughtError? caught) ? caught.Procedure : null);
    }

    private static SqlMessage? Caught(ExecutionFrame frame) => frame.Session.Caught.Count == 0 ? null : frame.Session.Caught.Peek().Message;

    private static object? CursorStatus(ExecutionFrame frame, string? kind, string name)
    {
        SqlCursor? cursor;
        switch (kind?.ToUpperInvariant())
        {
            case "LOCAL":
                frame.Cursors.TryGetValue(name, out cursor);
                break;
            case "GLOBAL":
                frame.Session.GlobalCursors.TryGetValue(name, out cursor);
                break;
            case "VARIABLE":
                if (frame.CursorVariables.TryGetValue(name, out cursor) && cursor is null)
                {
                    return (short)-2;
                }

                break;
            default:
                return (short)-3;
        }

        return cursor is null ? (short)-3 : !cursor.IsOpen ? (short)-1 : cursor.Rows!.Count == 0 ? (short)0 : (short)1;
    }
}
