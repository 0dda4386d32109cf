using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>A credential of the instance: the lab has no use for its secret, and keeps none.</summary>
internal sealed record CredentialRecord(int Id, string Name, string Identity, DateTime Created, DateTime Modified);

/// <summary>Keeps credentials in a hidden table of master.</summary>
internal sealed class CredentialStore
{
    private readonly LabInstance _instance;
    private readonly HiddenTable _stored;

    public CredentialStore(LabInstance instance)
    {
        _instance = instance;
        _stored = new HiddenTable(
            instance.Find("master")!, "lab_credentials", ("id", SqlType.Int), ("name", SqlType.SysName), ("identity", SqlType.NVarChar(4000)), ("create_date", SqlType.DateTime), ("modify_date", SqlType.DateTime));
    }

    public IReadOnlyList<CredentialRecord> All =>
        [.. _stored.Rows().Select(r => new CredentialRecord((int)r.Values[0]!, (string)r.Values[1]!, (string)r.Values[2]!, (DateTime)r.Values[3]!, (DateTime)r.Values[4]!))];

    public CredentialRecord? Find(string name) => All.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));

    public void Create(string name, string identity)
    {
        if (Find(name) is not null)
        {
            throw new LabSqlException(15530, 16, 1, $"The credential with name \"{name}\" already exists.");
        }

        int id = All.Select(c => c.Id).DefaultIfEmpty(65535).Max() + 1;
        _stored.Change(t => _stored.Insert(t, id, name, identity, _instance.Now, _instance.Now));
    }

    public void Alter(string name, string identity)
    {
        CredentialRecord found = Require(name, "alter");
        _stored.Change(t =>
        {
            _stored.Delete(t, r => found.Id.Equals(r.Values[0]));
            _stored.Insert(t, found.Id, found.Name, identity, found.Created, _instance.Now);
        });
    }

    public void Drop(string name)
    {
        CredentialRecord found = Require(name, "drop");
        _stored.Change(t => _stored.Delete(t, r => found.Id.Equals(r.Values[0])));
    }

    private CredentialRecord Require(string name, string verb) =>
        Find(name) ?? throw new LabSqlException(15151, 16, 1, $"Cannot {verb} the credential '{name}', because it does not exist or you do not have permission.");
}
