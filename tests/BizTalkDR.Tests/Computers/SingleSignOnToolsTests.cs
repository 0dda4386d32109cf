using System;
using System.IO;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers;

/// <summary>Command lines and prompts of ssoconfig and ssomanage as Microsoft documents them.</summary>
public sealed class SingleSignOnToolsTests : IDisposable
{
    private readonly ComputerFolder _folder = new();

    public SingleSignOnToolsTests()
    {
        _folder.Install("ssomanage", """
            printf '%s\n' "$*" >> "$BIZTALKDR_COMPUTER/log"
            [ "$1" = -updateDB ] && cat "$2" > "$BIZTALKDR_COMPUTER/update.xml"
            [ "$1" = -displayDB ] && printf 'Using SSO server on this computer\n\nSQL Server : LABSQL1\nSSO database : SSODB\nSSO secret server name : labbts1\n'
            exit 0
            """);
        _folder.Install("ssoconfig", """
            printf '%s\n' "$*" >> "$BIZTALKDR_COMPUTER/log"
            [ "$1" = -restoreSecret ] && echo 'Password reminder : the dog'
            printf 'Password: '; read -r a || { echo; echo 'cancelled'; exit 1; }
            [ "$a" = right ] || { echo 'The password is incorrect.' >&2; exit 1; }
            if [ "$1" = -backupSecret ]; then printf 'Confirm: '; read -r b; printf 'Reminder: '; read -r c; printf '%s|%s' "$b" "$c" > "$2"; fi
            echo 'The operation completed successfully.'
            """);
    }

    public void Dispose() => _folder.Dispose();

    [ShellFact]
    public void Reads_servers_and_roles()
    {
        using IComputer computer = _folder.Open();
        Assert.True(computer.SingleSignOn.IsInstalled);
        Assert.Equal(new SingleSignOnInfo("LABSQL1", "SSODB", "labbts1", IsSecretServer: true), computer.SingleSignOn.ReadInfo());
        Assert.Equal("-displayDB\n", _folder.Read("log"));
    }

    [ShellFact]
    public void Backs_up_with_password_confirmation_and_reminder_and_none_of_them_on_the_command_line()
    {
        string file = Path.Combine(_folder.Path, "secret.bak");
        using IComputer computer = _folder.Open();
        computer.SingleSignOn.BackupSecret(file, ComputerFolder.Secret("right"), "the dog");
        Assert.Equal("right|the dog", File.ReadAllText(file));
        Assert.Equal($"-backupSecret {file}\n", _folder.Read("log"));
    }

    [ShellFact]
    public void Restores_and_names_a_wrong_password()
    {
        using IComputer computer = _folder.Open();
        computer.SingleSignOn.RestoreSecret("/escrow/secret.bak", ComputerFolder.Secret("right"));
        RecoveryException wrong = Assert.Throws<RecoveryException>(() => computer.SingleSignOn.RestoreSecret("/escrow/secret.bak", ComputerFolder.Secret("cAnary")));
        Assert.Equal(RecoveryError.PasswordWrong, wrong.Code);
        Assert.DoesNotContain("cAnary", wrong.ToString(), StringComparison.Ordinal);
        Assert.Equal("-restoreSecret /escrow/secret.bak\n-restoreSecret /escrow/secret.bak\n", _folder.Read("log"));
    }

    [ShellFact]
    public void Moves_the_secret_server_by_that_element_alone_and_leaves_no_file()
    {
        using IComputer computer = _folder.Open();
        computer.SingleSignOn.MoveSecretServer("LABBTS2");
        string update = _folder.Read("update.xml").ReplaceLineEndings(string.Empty).Replace(" ", string.Empty, StringComparison.Ordinal);
        Assert.EndsWith("<sso><globalInfo><secretServer>LABBTS2</secretServer></globalInfo></sso>", update, StringComparison.Ordinal);
        Assert.StartsWith("-updateDB ", _folder.Read("log"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "files", "C", "Temp")));
    }

    [Fact]
    public void Says_that_it_is_not_installed()
    {
        Directory.Delete(Path.Combine(_folder.Path, "tools"), recursive: true);
        using IComputer computer = _folder.Open();
        Assert.False(computer.SingleSignOn.IsInstalled);
        Assert.Equal(RecoveryError.SsoNotInstalled, Assert.Throws<RecoveryException>(() => computer.SingleSignOn.ReadInfo()).Code);
    }
}
