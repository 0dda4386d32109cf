using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Catalogue;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Keys;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Keys;

/// <summary>Which certificates the group depends on, whether each is kept, whether a destination has it, and what brings it there.</summary>
public sealed class EncryptionKeyRuleTests
{
    private const string Folder = @"\\nas\o'keys";
    private static readonly byte[] s_certificate = NewCertificate("Vault"), s_other = NewCertificate("Other");
    private static readonly EncryptionKey s_key = new("SQL1\\I", ThumbprintOf(s_certificate), "Vault", true, ["OrdersDb", "backups of SSODB"]);

    /// <summary>Uses as thumbprint:database, with + for a backup; certificates as thumbprint:name, with - for one without its private key; null where the login may not see them.</summary>
    [Theory]
    [InlineData("", "", "")]
    [InlineData("0xAA:OrdersDb", "0xAA:Vault", "0xAA Vault True OrdersDb")]
    [InlineData("0xAA:OrdersDb 0xAA:+OrdersDb 0xAA:+SSODB", "0xAA:Vault", "0xAA Vault True OrdersDb,backups of OrdersDb,backups of SSODB")]
    [InlineData("0xBB:SSODB 0xAA:OrdersDb", "0xAA:Vault 0xBB:Other", "0xAA Vault True OrdersDb|0xBB Other True SSODB")]
    [InlineData("0xaa:OrdersDb 0xAA:+ordersdb", "0xAa:Vault", "0xaa Vault True OrdersDb,backups of ordersdb")]
    [InlineData("0xAA:ORDERSDB", "0xAA:Vault", "0xAA Vault True ORDERSDB")]
    [InlineData("0xAA:Elsewhere 0xAA:+tempdb", "0xAA:Vault", "")]
    [InlineData("0xAA:OrdersDb 0xAA:Elsewhere", "0xAA:Vault", "0xAA Vault True OrdersDb")]
    [InlineData("0xAA:OrdersDb", "0xAA:-Vault", "0xAA Vault False OrdersDb")]
    [InlineData("0xAA:OrdersDb", "0xBB:Other", "0xAA  False OrdersDb")]
    [InlineData("0xAA:OrdersDb", "", "0xAA  False OrdersDb")]
    [InlineData("0xAA:OrdersDb", null, "0xAA   OrdersDb")]
    public void The_group_depends_on_what_its_members_and_their_backups_are_encrypted_with(string uses, string? keys, string expected) => Assert.Equal(
        expected,
        string.Join('|', EncryptionKeys.Of("SQL1", ["OrdersDb", "SSODB"], Parts(uses).Select(p => new KeyUse(p.Thumbprint, p.Name.TrimStart('+'), p.Name.StartsWith('+'))).ToList(), keys is null ? null : Keys(keys))
            .Select(k => $"{k.Thumbprint} {k.Certificate} {k.HasPrivateKey} {string.Join(',', k.UsedBy)}")));

    [Theory]
    [InlineData("Vault", true, null)]
    [InlineData("Vault", false, RecoveryError.EncryptionKeyMissing)]
    [InlineData(null, false, RecoveryError.EncryptionKeyMissing)]
    [InlineData(null, null, RecoveryError.PermissionDenied)]
    public void An_instance_backs_up_what_it_has_whole(string? certificate, bool? hasPrivateKey, RecoveryError? expected)
    {
        RecoveryException? why = EncryptionKeyBackup.WhyNot(s_key with { Certificate = certificate, HasPrivateKey = hasPrivateKey });
        Assert.Equal(expected, why?.Code);
        if (why is null)
            return;
        Assert.All((string[])[s_key.Thumbprint, "OrdersDb, backups of SSODB", "SQL1\\I"], w => Assert.Contains(w, why.Message, StringComparison.Ordinal));
        // The catalogue's next step speaks of a destination, and there is none yet.
        Assert.DoesNotContain("destination", why.Hint, StringComparison.Ordinal);
        Assert.Equal(certificate is not null, why.Message.Contains("'Vault', but without its private key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("this this", "key", CheckOutcome.Passed, "is the certificate")]
    [InlineData("this other", "key", CheckOutcome.Failed, "holds the certificate 0x")]
    [InlineData("this text", "key", CheckOutcome.Failed, "holds no certificate")]
    [InlineData("this empty", "key", CheckOutcome.Failed, "holds no certificate")]
    [InlineData("this huge", "key", CheckOutcome.Failed, "too large")]
    [InlineData("this closed", "key", CheckOutcome.NotChecked, "cannot read it")]
    [InlineData("none", "key", CheckOutcome.Failed, ".cer is not there")]
    [InlineData("this this", "none", CheckOutcome.Failed, ".pvk with the private key is not there")]
    [InlineData("this this", "empty", CheckOutcome.Failed, "or is empty")]
    [InlineData("no folder", "none", CheckOutcome.NotChecked, "does not see /mnt/keys")]
    public void It_is_kept_when_both_files_are_there_and_the_certificate_is_the_one(string certificate, string key, CheckOutcome expected, string text)
    {
        string name = $"SQL1_I-{s_key.Thumbprint[2..].ToUpperInvariant()}";
        FilesSeen files = new(certificate == "no folder" ? null : "/mnt/keys");
        if (certificate.Split(' ') is ["this", var what])
            files.Put($"/mnt/keys/{name}.cer", what switch { "this" => s_certificate, "other" => s_other, "empty" => [], "text" => "no certificate"u8.ToArray(), "huge" => new byte[(1 << 20) + 1], _ => null });
        if (key != "none")
            files.Put($"/mnt/keys/{name}.pvk", key == "empty" ? [] : [1]);
        PathMap map = new(new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [Folder] = "/mnt/keys" });
        EncryptionKeyCheck check = EncryptionKeyTest.Kept(s_key, Folder, map, files);
        Assert.Equal(("SQL1\\I", "Kept", s_key.Thumbprint, expected), (check.Server, check.Check, check.Thumbprint, check.Outcome));
        Assert.Contains(text, check.Text, StringComparison.Ordinal);
        Assert.Equal(expected == CheckOutcome.Failed ? RecoveryError.EncryptionKeyNotKept : null, check.Error);
        Assert.Equal(expected == CheckOutcome.Passed, check.Remedy is null);
        Assert.Equal(expected == CheckOutcome.Failed, check.Text.Contains("OrdersDb, backups of SSODB cannot be restored elsewhere", StringComparison.Ordinal));
    }

    /// <summary>KEY is the thumbprint of the certificate.</summary>
    [Theory]
    [InlineData("KEY:Vault", CheckOutcome.Passed, "It is there as 'Vault'.", null)]
    [InlineData("KEY:Another", CheckOutcome.Passed, "It is there as 'Another'.", null)]
    [InlineData("", CheckOutcome.Failed, "It is not in master.", "CREATE CERTIFICATE [Vault] FROM FILE = N'FILE.cer' WITH PRIVATE KEY (FILE = N'FILE.pvk', DECRYPTION BY PASSWORD = '...');")]
    [InlineData("0xBB:Else", CheckOutcome.Failed, "It is not in master.", "CREATE CERTIFICATE [Vault] FROM FILE = N'FILE.cer' WITH")]
    [InlineData("0xBB:vault", CheckOutcome.Failed, "It is not in master.", "CREATE CERTIFICATE [Restored KEY] FROM FILE = N'FILE.cer' WITH")]
    [InlineData("KEY:-a]b", CheckOutcome.Failed, "It is there as 'a]b', without its private key.", "ALTER CERTIFICATE [a]]b] WITH PRIVATE KEY (FILE = N'FILE.pvk', DECRYPTION BY PASSWORD = '...');")]
    [InlineData(null, CheckOutcome.NotChecked, "The login may not see the certificates of master.", null)]
    public void A_destination_has_it_with_its_private_key_or_is_told_the_statement(string? there, CheckOutcome expected, string text, string? statement)
    {
        EncryptionKeyCheck check = EncryptionKeyTest.Destination(s_key, Folder, "DR1", there is null ? null : Keys(there.Replace("KEY", s_key.Thumbprint.ToLowerInvariant(), StringComparison.Ordinal)));
        Assert.Equal(("DR1", "Destination", expected, text), (check.Server, check.Check, check.Outcome, check.Text));
        Assert.Equal(expected == CheckOutcome.Failed ? RecoveryError.EncryptionKeyMissing : null, check.Error);
        Assert.Equal(expected == CheckOutcome.Passed, check.Remedy is null);
        if (statement is not null)
        {
            string file = $@"\\nas\o''keys\SQL1_I-{s_key.Thumbprint[2..].ToUpperInvariant()}";
            Assert.Contains(statement.Replace("FILE.", file + ".", StringComparison.Ordinal).Replace("KEY]", s_key.Thumbprint + "]", StringComparison.Ordinal), check.Remedy, StringComparison.Ordinal);
        }
    }

    private static List<ServerKey> Keys(string text) => Parts(text).Select(p => new ServerKey(p.Name.TrimStart('-'), p.Thumbprint, !p.Name.StartsWith('-'))).ToList();

    private static IEnumerable<(string Thumbprint, string Name)> Parts(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => (p[..p.IndexOf(':', StringComparison.Ordinal)], p[(p.IndexOf(':', StringComparison.Ordinal) + 1)..]));

    private static byte[] NewCertificate(string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=" + subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return made.Export(X509ContentType.Cert);
    }

    private static string ThumbprintOf(byte[] certificate)
    {
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(certificate);
        return "0x" + read.Thumbprint;
    }

    /// <summary>Files that are seen; null content is one that may not be read.</summary>
    private sealed class FilesSeen(string? seen) : IFileStore
    {
        private readonly Dictionary<string, byte[]?> _files = new(StringComparer.Ordinal);

        public void Put(string path, byte[]? content) => _files[path] = content;

        public IReadOnlyList<FolderEntry>? ListFiles(string folder) => folder == seen ? [] : null;

        public long? SizeOf(string path) => _files.TryGetValue(path, out byte[]? content) ? content?.Length ?? 1000 : null;

        public byte[]? Read(string path, int mostBytes) => _files.GetValueOrDefault(path) is { } content && content.Length <= mostBytes ? content : null;
    }
}
