using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Computer;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers;

public sealed class FolderComputerTests : IDisposable
{
    private readonly ComputerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Says_that_it_is_simulated_and_what_it_is_called()
    {
        using IComputer computer = _folder.Open();
        Assert.True(computer.IsSimulated);
        Assert.Equal("LABBTS1", computer.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("BTSPROD1")]
    public void Names_what_it_cannot_open(string name) =>
        Assert.Equal(RecoveryError.ComputerUnreachable, Assert.Throws<RecoveryException>(() => new ComputerFactory().Open(new ComputerAddress(name))).Code);

    [Theory]
    [InlineData("""{ "schemaVersion": 2, "name": "LABBTS1" }""")]
    [InlineData("""{ "schemaVersion": 1, "name": "" }""")]
    [InlineData("{ \"schemaVersion\": 1, \"na")]
    public void Refuses_a_description_it_does_not_know(string description)
    {
        _folder.Write("computer.json", description);
        Assert.Equal(RecoveryError.ComputerUnreachable, Assert.Throws<RecoveryException>(_folder.Open).Code);
    }

    [Fact]
    public void Keeps_files_on_its_own_disks_and_finds_them_in_any_case()
    {
        using IComputer computer = _folder.Open();
        computer.Files.Write(@"%CommonProgramFiles%\Enterprise Single Sign-On\note.txt", FileProtection.Inherited, s => s.WriteByte(65));
        Assert.Equal("A", _folder.Read("files/C/Program Files/Common Files/Enterprise Single Sign-On/note.txt"));
        Assert.True(computer.Files.FileExists(@"c:\PROGRAM FILES\common files\ENTERPRISE SINGLE SIGN-ON\Note.TXT"));
        Assert.Equal([@"C:\Program Files\Common Files\Enterprise Single Sign-On\note.txt"], computer.Files.List(@"C:\Program Files", "*.TXT", recurse: true).Select(f => f.Path));
        Assert.Empty(computer.Files.List(@"D:\nowhere"));
    }

    [Theory]
    [InlineData(@"C:\..\..\x")]
    [InlineData(@"\\server\share\..\..\..\..\x")]
    public void Never_leaves_its_folder(string path)
    {
        using IComputer computer = _folder.Open();
        Assert.Equal(RecoveryError.BackupPathInvalid, Assert.Throws<RecoveryException>(() => computer.Files.ToHostPath(path)).Code);
    }

    [Fact]
    public void Protects_a_file_before_anything_is_in_it()
    {
        using IComputer computer = _folder.Open();
        UnixFileMode? during = null;
        computer.Files.Write(@"C:\secret.bin", FileProtection.OwnerOnly, s =>
        {
            s.WriteByte(1);
            if (!OperatingSystem.IsWindows())
                during = File.GetUnixFileMode(((FileStream)s).Name);
        });
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, during);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(computer.Files.ToHostPath(@"C:\secret.bin")));
        }

        Assert.Equal(["secret.bin"], Directory.GetFiles(Path.Combine(_folder.Path, "files", "C")).Select(Path.GetFileName));
    }

    [Fact]
    public void Leaves_the_old_file_when_writing_fails()
    {
        using IComputer computer = _folder.Open();
        computer.Files.Write(@"C:\a.txt", FileProtection.Inherited, s => s.WriteByte(65));
        Assert.Throws<IOException>(() => computer.Files.Write(@"C:\a.txt", FileProtection.Inherited, s => throw new IOException("full")));
        Assert.Equal("A", _folder.Read("files/C/a.txt"));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "files", "C")));
    }

    public static TheoryData<RegistryValueType, object> Values => new()
    {
        { RegistryValueType.String, "text" },
        { RegistryValueType.ExpandString, "%TEMP%" },
        { RegistryValueType.DWord, -1 },
        { RegistryValueType.QWord, long.MaxValue },
        { RegistryValueType.MultiString, new[] { "a", "b" } },
        { RegistryValueType.Binary, new byte[] { 0, 255 } },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Gives_back_registry_values_in_their_view_alone(RegistryValueType type, object data)
    {
        using IComputer computer = _folder.Open();
        computer.Registry.Set(@"SOFTWARE\Microsoft\ENTSSO\SQL", new RegistryValue("Value", type, data), RegistryView.Registry32);
        using IComputer again = _folder.Open();
        RegistryValue read = Assert.Single(again.Registry.Values(@"software\microsoft\ENTSSO\sql", RegistryView.Registry32));
        Assert.Equal(("Value", type), (read.Name, read.Type));
        Assert.Equal(data, read.Data);
        Assert.Equal(["ENTSSO"], again.Registry.SubKeys(@"SOFTWARE\Microsoft", RegistryView.Registry32));
        Assert.True(again.Registry.KeyExists(@"SOFTWARE\Microsoft", RegistryView.Registry32));
        Assert.False(again.Registry.KeyExists(@"SOFTWARE\Microsoft"));
    }

    [Fact]
    public void Starts_what_a_service_depends_on_and_stops_what_depends_on_it()
    {
        Services(string.Empty);
        using IComputer computer = _folder.Open();
        computer.Services.Start("btssvc$Host", TimeSpan.FromSeconds(1));
        Assert.Equal(["Running", "Running"], States(computer));
        computer.Services.Stop("ENTSSO", TimeSpan.FromSeconds(1));
        Assert.Equal(["Stopped", "Stopped"], States(computer));
    }

    [Theory]
    [InlineData("""{ "startError": "the SSO database cannot be decrypted" }""", "decrypted")]
    [InlineData("""{ "start": "Disabled" }""", "1058")]
    public void Does_not_start_a_service_whose_need_does_not_start(string sso, string reason)
    {
        Services(sso.Trim('{', '}', ' '));
        using IComputer computer = _folder.Open();
        RecoveryException refused = Assert.Throws<RecoveryException>(() => computer.Services.Start("BTSSvc$Host", TimeSpan.FromSeconds(1)));
        Assert.Equal(RecoveryError.ServiceNotStarted, refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(["Stopped", "Stopped"], States(computer));
    }

    [Fact]
    public void Does_not_set_how_a_service_starts_that_is_not_there()
    {
        Services(string.Empty);
        using IComputer computer = _folder.Open();
        Assert.Equal(RecoveryError.ServiceStartNotSet, Assert.Throws<RecoveryException>(() => computer.Services.SetStart("BTSSvc$Other", ServiceStart.Manual)).Code);
        computer.Services.SetStart("btssvc$host", ServiceStart.Disabled);
        Assert.Equal(ServiceStart.Disabled, computer.Services.Find("BTSSvc$Host")!.Start);
        Assert.Equal(["Stopped", "Stopped"], States(computer));
    }

    [Fact]
    public void Lists_events_of_a_source_newest_first()
    {
        _folder.Write("events.jsonl", string.Join('\n', Event("ENTSSO", 10559, 1), Event("Other", 10559, 2), Event("ENTSSO", 10525, 3), Event("ENTSSO", 10559, 4)) + "\n");
        using IComputer computer = _folder.Open();
        Assert.Equal([4, 1], computer.Events.Read("entsso", [10559]).Select(e => e.TimeUtc.Hour));
        Assert.Equal([4], computer.Events.Read("ENTSSO", [], 1).Select(e => e.TimeUtc.Hour));
    }

    [Fact]
    public void Moves_a_certificate_with_its_key_to_another_store_and_refuses_a_wrong_password()
    {
        byte[] pfx = Certificate(out string thumbprint);
        using IComputer computer = _folder.Open();
        RecoveryException wrong = Assert.Throws<RecoveryException>(() => computer.Certificates.ImportPfx("LocalMachine", "My", pfx, ComputerFolder.Secret("wrong"), exportable: true));
        Assert.Equal(RecoveryError.PasswordWrong, wrong.Code);
        Assert.False(computer.Certificates.StoreExists("LocalMachine", "My"));
        computer.Certificates.ImportPfx("LocalMachine", "My", pfx, ComputerFolder.Secret("right"), exportable: true);
        byte[] out2 = computer.Certificates.ExportPfx("LocalMachine", "My", thumbprint, ComputerFolder.Secret("other"));
        computer.Certificates.ImportPfx("CurrentUser", "My", out2, ComputerFolder.Secret("other"), exportable: false);
        StoredCertificate moved = Assert.Single(computer.Certificates.List("CurrentUser", "My"));
        Assert.Equal((thumbprint, true, false), (moved.Thumbprint, moved.HasPrivateKey, moved.CanExportKey));
        RecoveryException kept = Assert.Throws<RecoveryException>(() => computer.Certificates.ExportPfx("CurrentUser", "My", thumbprint, ComputerFolder.Secret("x")));
        Assert.Equal(RecoveryError.PrivateKeyNotExportable, kept.Code);
    }

    [Fact]
    public void Keeps_a_certificate_without_a_key_as_that()
    {
        Certificate(out _);
        using IComputer computer = _folder.Open();
        computer.Certificates.CreateStore("LocalMachine", "AddressBook");
        Assert.Empty(computer.Certificates.List("LocalMachine", "AddressBook"));
        computer.Certificates.Import("LocalMachine", "AddressBook", File.ReadAllBytes(Path.Combine(_folder.Path, "one.cer")));
        StoredCertificate one = Assert.Single(computer.Certificates.List("LocalMachine", "AddressBook"));
        Assert.Equal((false, null), (one.HasPrivateKey, one.CanExportKey));
    }

    private static string Event(string source, int id, int hour) => $$"""{"source":"{{source}}","id":{{id}},"timeUtc":"2026-01-01T0{{hour}}:00:00Z","message":"m"}""";

    private static IEnumerable<string> States(IComputer computer) => computer.Services.List().Select(s => s.State.ToString());

    private void Services(string sso)
    {
        string more = sso.Length == 0 ? string.Empty : ", " + sso;
        string start = sso.Contains("\"start\"", StringComparison.Ordinal) ? string.Empty : """, "start": "Automatic" """;
        _folder.Write("services.json", $$"""
            [ { "name": "ENTSSO", "displayName": "SSO", "state": "Stopped", "account": "LAB\\sso"{{start}}{{more}} },
              { "name": "BTSSvc$Host", "displayName": "Host", "state": "Stopped", "start": "Manual", "account": "LAB\\bts", "dependsOn": ["entsso"] } ]
            """);
    }

    private byte[] Certificate(out string thumbprint)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=lab", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
        thumbprint = made.Thumbprint;
        File.WriteAllBytes(Path.Combine(_folder.Path, "one.cer"), made.Export(X509ContentType.Cert));
        return made.Export(X509ContentType.Pfx, "right");
    }

    [Fact]
    public void Knows_its_own_disks_also_through_a_link()
    {
        using IComputer computer = _folder.Open();
        string own = Path.Combine(_folder.Path, "files", "C", "kept"), share = Path.Combine(_folder.Path, "files", "UNC", "nas", "kept"), elsewhere = Path.GetTempPath();
        Assert.Equal((true, false, false), (computer.Files.IsOwnDisk(own), computer.Files.IsOwnDisk(share), computer.Files.IsOwnDisk(elsewhere)));
        Assert.False(computer.Files.IsOwnDisk(Path.GetPathRoot(elsewhere)!));
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(own);
        string link = Path.Combine(elsewhere, "link-" + Guid.NewGuid().ToString("N"));
        Directory.CreateSymbolicLink(link, own);
        Assert.True(computer.Files.IsOwnDisk(Path.Combine(link, "below")));
        Directory.Delete(link);
    }
}
