using System;
using System.Collections.Generic;
using System.IO;
using System.Security;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Keeps what is secret in a part under the password of the key files: the operator's, or a random one enclosed to a recipient's certificate. Without either it keeps nothing.</summary>
internal sealed class SecretKeeper
{
    private readonly PartContext _context;
    private readonly string _folder;
    private readonly List<KeptFile> _files = [];
    private KeyProtection? _protection;

    public SecretKeeper(PartContext context, string folder)
    {
        _context = context;
        _folder = folder;
    }

    /// <summary>What to pass so that secrets can be kept.</summary>
    public const string Remedy = "Pass -CertificatePassword or -RecipientCertificate";

    /// <summary>Whether secrets can be kept.</summary>
    public bool CanKeep => _context.Options.CertificateRecipient is not null || _context.Options.CertificatePassword is { Length: > 0 };

    /// <summary>What was written.</summary>
    public IReadOnlyList<KeptFile> Files => _files;

    /// <summary>Encrypts a file and keeps it.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.CertificateFileInvalid"/>: nothing can be enclosed to the recipient.</exception>
    public KeptFile Keep(string name, byte[] content)
    {
        if (_protection is null)
        {
            _protection = KeyFilePassword.For(_context) ?? throw new InvalidOperationException("There is nothing to protect a secret with.");
            if (_protection.Envelope is { } envelope)
                Add($"{_folder}/{CertificateInventory.EnvelopeName}", envelope, _protection.Needs);
        }

        return Add($"{_folder}/{name}", ProtectedFile.Protect(content, _protection.Password), _protection.Needs);
    }

    /// <summary>Opens what <see cref="Keep"/> wrote.</summary>
    /// <param name="context">Holds the password, or the stores with the recipient's key.</param>
    /// <param name="file">The file.</param>
    /// <param name="files">Files of its part: the enclosed password is among them.</param>
    /// <exception cref="RecoveryException">CertificatePasswordMissing, RecipientKeyMissing, PasswordWrong, KeptFileMissing, KeptFileChanged.</exception>
    public static byte[] Open(PartContext context, KeptFile file, IEnumerable<KeptFile> files)
    {
        SecureString password = KeyFilePassword.Of(context, InventoryFile.Find(files, CertificateInventory.EnvelopeName));
        using Stream stream = context.Folder.Open(file);
        return ProtectedFile.Open(file.Name, KeyFilePassword.Bytes(stream), password);
    }

    private KeptFile Add(string name, byte[] content, string? needs)
    {
        KeptFile kept = _context.Folder.Keep(name, s => s.Write(content, 0, content.Length)) with { Needs = needs };
        _files.Add(kept);
        return kept;
    }
}
