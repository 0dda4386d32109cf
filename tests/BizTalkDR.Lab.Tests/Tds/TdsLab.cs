using System;
using System.Collections.Concurrent;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>One certificate for all tests of the protocol: making a key takes long.</summary>
public sealed class CertificateFolder : IDisposable
{
    public CertificateFolder()
    {
        Folder = Directory.CreateTempSubdirectory("tds-cert-").FullName;
        Certificate = LabCertificate.LoadOrCreate(Folder);
    }

    public string Folder { get; }

    public X509Certificate2 Certificate { get; }

    public void Dispose()
    {
        Certificate.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

[CollectionDefinition("tds")]
public sealed class TdsCollection : ICollectionFixture<CertificateFolder>;

/// <summary>A listener over a scripted server.</summary>
internal sealed class TdsLab : IDisposable
{
    public const string Password = "S3cret!åß€";
    private readonly string _folder;

    public TdsLab(CertificateFolder certificate, TdsListenerOptions? options = null)
    {
        _folder = certificate.Folder;
        Listener = new TdsListener(Server, certificate.Certificate, options);
        Listener.Faulted += Faults.Enqueue;
        Listener.Start();
    }

    public ScriptedServer Server { get; } = new();

    public TdsListener Listener { get; }

    public ConcurrentQueue<Exception> Faults { get; } = [];

    public SqlConnectionStringBuilder Settings(bool pooling = false) => new()
    {
        DataSource = $"tcp:127.0.0.1,{Listener.Port}",
        UserID = "sa",
        Password = Password,
        TrustServerCertificate = true,
        Pooling = pooling,
        ConnectRetryCount = 0,
        ConnectTimeout = 30,
    };

    public SqlConnectionStringBuilder Strict()
    {
        SqlConnectionStringBuilder settings = Settings();
        settings.Encrypt = SqlConnectionEncryptOption.Strict;
        settings.ServerCertificate = LabCertificate.CerPath(_folder);
        return settings;
    }

    public SqlConnection Open(Action<SqlConnectionStringBuilder>? change = null)
    {
        SqlConnectionStringBuilder settings = Settings();
        change?.Invoke(settings);
        SqlConnection connection = new(settings.ConnectionString);
        connection.Open();
        return connection;
    }

    public void Dispose() => Listener.Dispose();
}
