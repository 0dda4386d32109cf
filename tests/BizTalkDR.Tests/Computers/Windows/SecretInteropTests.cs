using System;
using System.IO;
using System.Linq;
using System.Security;
using BizTalkDR.Computer;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>The interop of Enterprise SSO, bound late: an assembly with the documented signatures, compiled here, stands for Microsoft's.</summary>
public sealed class SecretInteropTests : IDisposable
{
    private const string Secret = "cAnary-7";

    private const string Documented = """
        namespace Microsoft.EnterpriseSingleSignOn.Interop
        {
            public interface ISSOConfigSS
            {
                void BackupSecret(string backupFile, string filePassword, string filePasswordReminder);
                void RestoreSecret(string restoreFile, string filePassword);
                void GetFilePasswordReminder(string restoreFile, out string filePasswordReminder);
            }

            public class SSOConfigOM : ISSOConfigSS
            {
                void ISSOConfigSS.BackupSecret(string file, string password, string reminder) => System.IO.File.WriteAllLines(file, new[] { "secrets", new string(password.ToCharArray()), reminder });
                void ISSOConfigSS.RestoreSecret(string file, string password)
                {
                    if (System.IO.File.ReadAllLines(file)[1] != password) throw new System.Runtime.InteropServices.COMException("canary " + password, unchecked((int)0x80070056));
                    System.IO.File.WriteAllText(file + ".restored", string.Empty);
                }
                void ISSOConfigSS.GetFilePasswordReminder(string file, out string reminder)
                {
                    if (file.Contains("closed")) throw new System.UnauthorizedAccessException();
                    string[] lines = System.IO.File.ReadAllLines(file);
                    if (lines.Length != 3) throw new System.Runtime.InteropServices.COMException("no secrets", unchecked((int)0xC0002A0D));
                    reminder = lines[2];
                }
            }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("interop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Backs_up_and_restores_by_the_documented_calls()
    {
        SecretInterop interop = Compile(Documented)!;
        string file = Path.Combine(_folder, "one.bak");
        interop.Backup(file, ComputerFolder.Secret(Secret), "the horse");
        Assert.Equal(["secrets", Secret, "the horse"], File.ReadAllLines(file));
        interop.Restore(file, ComputerFolder.Secret(Secret));
        Assert.True(File.Exists(file + ".restored"));
    }

    [Fact]
    public void Names_a_wrong_password_a_file_without_secrets_and_a_closed_one_and_shows_no_secret()
    {
        SecretInterop interop = Compile(Documented)!;
        string file = Path.Combine(_folder, "one.bak"), other = Path.Combine(_folder, "other.bak");
        interop.Backup(file, ComputerFolder.Secret("right"), "the horse");
        File.WriteAllText(other, "sql");
        RecoveryException[] refused = new[] { file, other, Path.Combine(_folder, "closed.bak") }.Select(f => Assert.Throws<RecoveryException>(() => interop.Restore(f, ComputerFolder.Secret(Secret)))).ToArray();
        Assert.Equal([RecoveryError.PasswordWrong, RecoveryError.SecretFileInvalid, RecoveryError.PermissionDenied], refused.Select(r => r.Code));
        Assert.All(refused, r => Assert.DoesNotContain(Secret, r.ToString(), StringComparison.Ordinal));
        Assert.False(File.Exists(file + ".restored"));
    }

    [Theory]
    [InlineData("RestoreSecret(string restoreFile, string filePassword)", "RestoreSecret(string restoreFile)")]
    [InlineData("class SSOConfigOM", "class Other")]
    public void Leaves_the_work_to_the_tools_when_the_assembly_is_another_one(string from, string to)
    {
        string source = to == "class Other" ? Documented.Replace(from, to, StringComparison.Ordinal) : "namespace Microsoft.EnterpriseSingleSignOn.Interop { public interface ISSOConfigSS { void " + to + "; } public class SSOConfigOM { } }";
        Assert.Null(Compile(source));
    }

    [Fact]
    public void Is_nothing_where_there_is_no_assembly_or_a_damaged_one()
    {
        Assert.Null(SecretInterop.Load(_folder));
        File.WriteAllText(Path.Combine(_folder, SecretInterop.FileName), "no assembly");
        Assert.Null(SecretInterop.Load(_folder));
    }

    [ShellFact]
    public void The_tools_do_it_without_the_interop_and_the_interop_does_it_where_it_is()
    {
        using ComputerFolder folder = new();
        folder.Install("ssomanage", "exit 0");
        folder.Install("ssoconfig", "printf 'Password: '; read -r a; printf 'Confirm: '; read -r b; printf 'Reminder: '; read -r c; echo tool > \"$2\"");
        using IComputer computer = folder.Open();
        SingleSignOnTools tools = new("LABBTS1", computer.Tools, computer.Files);
        string file = Path.Combine(_folder, "two.bak");
        new WindowsSingleSignOn(tools, computer.Files, () => null).BackupSecret(file, ComputerFolder.Secret(Secret), "the horse");
        Assert.Equal("tool", File.ReadAllText(file).Trim());
        new WindowsSingleSignOn(tools, computer.Files, () => Compile(Documented)).BackupSecret(file, ComputerFolder.Secret(Secret), "the horse");
        Assert.StartsWith("secrets", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_overwritten_once_it_was_used_as_text()
    {
        string? kept = null;
        SecretText.UseText(ComputerFolder.Secret(Secret), text =>
        {
            Assert.Equal(Secret, new string(text.ToCharArray()));
            kept = text;
        });
        Assert.Equal(new string('\0', Secret.Length), kept);
        SecretText.UseText(new SecureString(), text => Assert.Equal(string.Empty, text));
    }

    private SecretInterop? Compile(string source)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName, SecretInterop.FileName);
        // Each has a name of its own: two assemblies of one name are loaded once.
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Interop" + Guid.NewGuid().ToString("N"), [CSharpSyntaxTree.ParseText(source)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(p) == "netstandard.dll").Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.True(compilation.Emit(path) is { Success: true } emitted, "the assembly does not compile");
        return SecretInterop.Load(Path.GetDirectoryName(path)!);
    }
}
