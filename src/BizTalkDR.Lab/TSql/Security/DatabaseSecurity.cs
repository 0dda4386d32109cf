using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Describes a user or role of a database. Type: S user, U Windows user, R role.</summary>
internal sealed record DatabasePrincipal(int Id, string Name, char Type, byte[]? Sid, string? DefaultSchema, DateTime CreateDate, DateTime ModifyDate, bool IsFixed = false);

/// <summary>Describes a permission. State: G grant, D deny, W grant with grant option. Class: 0 database, 1 object, 3 schema.</summary>
internal sealed record PermissionRecord(byte Class, int MajorId, int Grantee, string Permission, char State);

/// <summary>Users, roles and permissions of one database, kept in its hidden tables (so they travel with its backups).</summary>
internal sealed class DatabaseSecurity
{
    public const int PublicId = 0;
    public const int DboId = 1;

    private static readonly DateTime s_created = new(2003, 4, 8, 9, 10, 42, DateTimeKind.Unspecified);

    private static readonly DatabasePrincipal[] s_fixed =
    [
        Fixed(0, "public", 'R'), Fixed(1, "dbo", 'S') with { Sid = [1], DefaultSchema = "dbo" }, Fixed(2, "guest", 'S') with { Sid = [0], DefaultSchema = "guest" },
        Fixed(3, "INFORMATION_SCHEMA", 'S'), Fixed(4, "sys", 'S'),
        Fixed(16384, "db_owner", 'R'), Fixed(16385, "db_accessadmin", 'R'), Fixed(16386, "db_securityadmin", 'R'), Fixed(16387, "db_ddladmin", 'R'),
        Fixed(16389, "db_backupoperator", 'R'), Fixed(16390, "db_datareader", 'R'), Fixed(16391, "db_datawriter", 'R'), Fixed(16392, "db_denydatareader", 'R'), Fixed(16393, "db_denydatawriter", 'R'),
    ];

    private readonly LabDatabase _database;
    private readonly HiddenTable _principals;
    private readonly HiddenTable _members;
    private readonly HiddenTable _permissions;

    public DatabaseSecurity(LabDatabase database)
    {
        _database = database;
        _principals = new HiddenTable(
            database, "lab_principals", ("principal_id", SqlType.Int), ("name", SqlType.SysName), ("type", SqlType.NVarChar(1)), ("sid", new SqlType(SqlKind.VarBinary, 85)),
            ("default_schema", SqlType.SysName), ("create_date", SqlType.DateTime), ("modify_date", SqlType.DateTime));
        _members = new HiddenTable(database, "lab_role_members", ("role_id", SqlType.Int), ("member_id", SqlType.Int));
        _permissions = new HiddenTable(
            database, "lab_permissions", ("class", SqlType.TinyInt), ("major_id", SqlType.Int), ("grantee", SqlType.Int), ("permission", SqlType.NVarChar(60)), ("state", SqlType.NVarChar(1)));
    }

    public IReadOnlyList<DatabasePrincipal> Principals =>
        [.. s_fixed, .. _principals.Rows().Select(r => new DatabasePrincipal((int)r.Values[0]!, (string)r.Values[1]!, ((string)r.Values[2]!)[0], (byte[]?)r.Values[3], (string?)r.Values[4], (DateTime)r.Values[5]!, (DateTime)r.Values[6]!))];

    public IReadOnlyList<(int Role, int Member)> Members => [.. _members.Rows().Select(r => ((int)r.Values[0]!, (int)r.Values[1]!))];

    public IReadOnlyList<PermissionRecord> Permissions =>
        [.. _permissions.Rows().Select(r => new PermissionRecord((byte)r.Values[0]!, (int)r.Values[1]!, (int)r.Values[2]!, (string)r.Values[3]!, ((string)r.Values[4]!)[0]))];

    public DatabasePrincipal? Find(string name) => Principals.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));

    public DatabasePrincipal? FindBySid(byte[] sid) => Principals.FirstOrDefault(p => p.Sid is not null && p.Sid.AsSpan().SequenceEqual(sid));

    /// <summary>The principal, its roles and theirs, and public.</summary>
    public HashSet<int> Closure(int principal)
    {
        var all = new HashSet<int> { principal, PublicId };
        var waiting = new Queue<int>([principal]);
        IReadOnlyList<(int Role, int Member)> members = Members;
        while (waiting.TryDequeue(out int id))
        {
            foreach ((int role, int member) in members)
            {
                if (member == id && all.Add(role))
                {
                    waiting.Enqueue(role);
                }
            }
        }

        return all;
    }

    public void Create(LabTransaction transaction, string name, char type, byte[]? sid, string? schema)
    {
        if (Find(name) is not null)
        {
            throw new LabSqlException(15023, 16, 1, $"User, group, or role '{name}' already exists in the current database.");
        }

        int id = Math.Max(5, Principals.Where(p => p.Id < 16384).Max(p => p.Id) + 1);
        DateTime now = _database.Instance.Now;
        _principals.Insert(transaction, id, name, type.ToString(), sid, schema, now, now);
    }

    public void Update(LabTransaction transaction, DatabasePrincipal principal)
    {
        LabRow row = _principals.Rows(transaction).First(r => (int)r.Values[0]! == principal.Id);
        _principals.Update(transaction, row.RowId, [principal.Id, principal.Name, principal.Type.ToString(), principal.Sid, principal.DefaultSchema, principal.CreateDate, _database.Instance.Now]);
    }

    public void Drop(LabTransaction transaction, DatabasePrincipal principal)
    {
        if (principal.Type == 'R' && Members.Any(m => m.Role == principal.Id))
        {
            throw new LabSqlException(15144, 16, 1, "The role has members. It must be empty before it can be dropped.");
        }

        _principals.Delete(transaction, r => (int)r.Values[0]! == principal.Id);
        _members.Delete(transaction, r => (int)r.Values[1]! == principal.Id);
        _permissions.Delete(transaction, r => (int)r.Values[2]! == principal.Id);
    }

    public void AddMember(LabTransaction transaction, int role, int member)
    {
        if (!_members.Rows(transaction).Any(r => (int)r.Values[0]! == role && (int)r.Values[1]! == member))
        {
            _members.Insert(transaction, role, member);
        }
    }

    public void RemoveMember(LabTransaction transaction, int role, int member) =>
        _members.Delete(transaction, r => (int)r.Values[0]! == role && (int)r.Values[1]! == member);

    /// <summary>Grants or denies; a state of R revokes.</summary>
    public void SetPermission(LabTransaction transaction, byte @class, int majorId, int grantee, string permission, char state)
    {
        _permissions.Delete(transaction, r => (byte)r.Values[0]! == @class && (int)r.Values[1]! == majorId && (int)r.Values[2]! == grantee && string.Equals((string)r.Values[3]!, permission, StringComparison.OrdinalIgnoreCase));
        if (state != 'R')
        {
            _permissions.Insert(transaction, @class, majorId, grantee, permission, state.ToString());
        }
    }

    /// <summary>Forgets the permissions on an object that was dropped.</summary>
    public void Forget(LabTransaction transaction, int objectId)
    {
        if (Permissions.Any(p => p.Class == 1 && p.MajorId == objectId))
        {
            _permissions.Delete(transaction, r => (byte)r.Values[0]! == 1 && (int)r.Values[1]! == objectId);
        }
    }

    public bool HasDatabasePermission(DatabasePrincipal? user, string permission)
    {
        if (user is null)
        {
            return false;
        }

        HashSet<int> who = Closure(user.Id);
        List<PermissionRecord> found = [.. Permissions.Where(p => p.Class == 0 && who.Contains(p.Grantee) && (string.Equals(p.Permission, permission, StringComparison.OrdinalIgnoreCase) || p.Permission is "CONTROL" or "ALTER"))];
        return found.Count > 0 && found.TrueForAll(p => p.State != 'D');
    }

    private static DatabasePrincipal Fixed(int id, string name, char type) => new(id, name, type, null, null, s_created, s_created, type == 'R' && id != 0);
}
