using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>What is the same for the certificate stores of every computer: certificates in memory.</summary>
internal abstract class CertificateStores : ICertificateStores
{
    public abstract bool StoreExists(string location, string store);

    public abstract void CreateStore(string location, string store);

    public abstract IReadOnlyList<StoredCertificate> List(string location, string store);

    public abstract byte[] Export(string location, string store, string thumbprint);

    public abstract byte[] ExportPfx(string location, string store, string thumbprint, SecureString password);

    public abstract void Import(string location, string store, byte[] certificate);

    public abstract void ImportPfx(string location, string store, byte[] pfx, SecureString password, bool exportable);

    public string ReadThumbprint(byte[] certificate)
    {
        using X509Certificate2 read = CertificateFiles.Open(certificate);
        return read.Thumbprint;
    }

    public string ReadPfx(byte[] pfx, SecureString password)
    {
        using X509Certificate2 read = CertificateFiles.OpenPfx(pfx, password);
        return read.Thumbprint;
    }

    public byte[] Seal(byte[] recipient, SecureString secret) => CertificateEnvelope.Seal(recipient, secret);

    public SecureString Unseal(byte[] envelope)
    {
        IReadOnlyList<X509Certificate2> personal = OpenPersonal();
        try
        {
            return CertificateEnvelope.Unseal(envelope, personal.Where(c => c.HasPrivateKey).ToList());
        }
        finally
        {
            foreach (X509Certificate2 one in personal)
                one.Dispose();
        }
    }

    /// <summary>Opens the certificates in Personal of the current user and the machine.</summary>
    protected abstract IReadOnlyList<X509Certificate2> OpenPersonal();
}
