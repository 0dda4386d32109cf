using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>A certificate of a database.</summary>
internal sealed record CertificateRecord(int Id, string Name, byte[] Public, byte[]? PrivateKey, DateTime? KeyBackedUp)
{
    public byte[] Thumbprint
    {
        get
        {
            using X509Certificate2 certificate = new(Public);
            return certificate.GetCertHash();
        }
    }
}

/// <summary>Keeps the master key and the certificates of a database. Private keys lie open in the lab's files: it is for practice only.</summary>
internal sealed class CertificateStore
{
    private readonly LabDatabase _database;
    private readonly HiddenTable _certificates;
    private readonly HiddenTable _masterKey;

    public CertificateStore(LabDatabase database)
    {
        _database = database;
        _certificates = new HiddenTable(
            database, "lab_certificates", ("id", SqlType.Int), ("name", SqlType.SysName), ("cert", SqlType.VarBinaryMax), ("pvk", SqlType.VarBinaryMax), ("backed_up", SqlType.DateTime));
        _masterKey = new HiddenTable(database, "lab_master_key", ("created", SqlType.DateTime), ("id", SqlType.UniqueIdentifier));
    }

    public IReadOnlyList<CertificateRecord> All =>
        [.. _certificates.Rows().Select(r => new CertificateRecord((int)r.Values[0]!, (string)r.Values[1]!, (byte[])r.Values[2]!, (byte[]?)r.Values[3], (DateTime?)r.Values[4]))];

    /// <summary>When the master key was made; null when there is none.</summary>
    public (DateTime Created, Guid Id)? MasterKey => _masterKey.Rows() is [var row, ..] ? ((DateTime)row.Values[0]!, (Guid)row.Values[1]!) : null;

    public CertificateRecord? Find(string name) => All.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));

    public static ServerCertificate? Find(LabInstance instance, byte[] thumbprint)
    {
        LabDatabase? master = instance.Find("master");
        CertificateRecord? found = master is null ? null : new CertificateStore(master).All.FirstOrDefault(c => c.Thumbprint.AsSpan().SequenceEqual(thumbprint));
        return found is null ? null : new ServerCertificate(found.Name, found.Thumbprint, found.PrivateKey, found.Public);
    }

    public void CreateMasterKey() => _masterKey.Change(t => _masterKey.Insert(t, _database.Instance.Now, Guid.NewGuid()));

    public void DropMasterKey() => _masterKey.Change(t => _masterKey.Delete(t, _ => true));

    /// <summary>Makes a certificate with a new key.</summary>
    public void Create(string name, string subject, DateTime start, DateTime expiry)
    {
        using RSA rsa = RSA.Create(3072);
        CertificateRequest request = new($"CN=\"{subject.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(expiry, TimeSpan.Zero));
        Add(name, made.Export(X509ContentType.Cert), rsa.ExportPkcs8PrivateKey());
    }

    public void Add(string name, byte[] certificate, byte[]? privateKey)
    {
        int id = All.Select(c => c.Id).DefaultIfEmpty(256).Max() + 1;
        _certificates.Change(t => _certificates.Insert(t, id, name, certificate, privateKey, null));
    }

    public void Drop(CertificateRecord certificate) => _certificates.Change(t => _certificates.Delete(t, r => certificate.Id.Equals(r.Values[0])));

    public void NoteBackup(CertificateRecord certificate) => Change(certificate, v => [.. v.Take(4), _database.Instance.Now]);

    public void SetPrivateKey(CertificateRecord certificate, byte[]? privateKey) => Change(certificate, v => [.. v.Take(3), privateKey, null]);

    private void Change(CertificateRecord certificate, Func<object?[], object?[]> change) => _certificates.Change(t =>
    {
        LabRow row = _certificates.Rows(t).First(r => certificate.Id.Equals(r.Values[0]));
        _certificates.Update(t, row.RowId, change(row.Values));
    });
}
