using System;
using System.Collections.Generic;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>Writes certificates to a backup. A key file is opened again with its password before it is kept.</summary>
internal sealed class CertificateKeeper
{
    private readonly PartContext _context;
    private readonly string _folder;
    private readonly KeyProtection? _protection;
    private readonly List<KeptFile> _files = [];
    private readonly List<string> _leftOut = [];

    /// <exception cref="RecoveryException"><see cref="RecoveryError.CertificateFileInvalid"/>: nothing can be enclosed to the recipient.</exception>
    public CertificateKeeper(PartContext context)
    {
        _context = context;
        _folder = InventoryFile.NewFolder(context, CertificateInventory.Folder);
        _protection = KeyFilePassword.For(context);
        if (_protection?.Envelope is { } envelope)
            Add($"{_folder}/{CertificateInventory.EnvelopeName}", envelope, _protection.Needs);
    }

    /// <summary>What was written.</summary>
    public IReadOnlyList<KeptFile> Files => _files;

    /// <summary>Keys that could not be kept.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Keeps a certificate, with its key where that may leave.</summary>
    public KeptCertificate Keep(StoredCertificate one)
    {
        string name = $"{_folder}/{one.Location}-{one.Store}/{one.Thumbprint}";
        Add(name + ".cer", _context.Computer.Certificates.Export(one.Location, one.Store, one.Thumbprint), null);
        bool keyKept = one.HasPrivateKey && KeepKey(one, name + ".pfx");
        return new KeptCertificate(one.Location, one.Store, one.Thumbprint, one.Subject, one.NotAfterUtc, name + ".cer", keyKept ? name + ".pfx" : null) { HadPrivateKey = one.HasPrivateKey };
    }

    public void KeepInventory(CertificateInventory inventory) => _files.Add(InventoryFile.Write(_context.Folder, $"{_folder}/{CertificateInventory.FileName}", inventory));

    private bool KeepKey(StoredCertificate one, string name)
    {
        if (_protection is null)
        {
            _leftOut.Add($"The private key of {one.Thumbprint} ({one.Subject}) is not kept: neither a password nor a recipient's certificate was given (-CertificatePassword, -RecipientCertificate).");
            return false;
        }

        byte[] pfx;
        try
        {
            pfx = _context.Computer.Certificates.ExportPfx(one.Location, one.Store, one.Thumbprint, _protection.Password);
        }
        catch (RecoveryException refused) when (refused.Code == RecoveryError.PrivateKeyNotExportable)
        {
            _leftOut.Add(refused.Message + " " + refused.Hint);
            return false;
        }

        string opened = _context.Computer.Certificates.ReadPfx(pfx, _protection.Password);
        if (!string.Equals(opened, one.Thumbprint, StringComparison.OrdinalIgnoreCase))
            throw new RecoveryException(RecoveryError.CertificateFileInvalid, one.Thumbprint, $"The exported file of {one.Thumbprint} holds {opened} instead. It was not kept.");
        Add(name, pfx, _protection.Needs);
        return true;
    }

    private void Add(string name, byte[] content, string? needs) => _files.Add(_context.Folder.Keep(name, s => s.Write(content, 0, content.Length)) with { Needs = needs });
}
