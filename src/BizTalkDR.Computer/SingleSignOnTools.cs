using System;
using System.Linq;
using System.Security;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Enterprise Single Sign-On through ssoconfig and ssomanage; passwords go to their prompts over standard input.</summary>
/// <remarks>
/// https://learn.microsoft.com/biztalk/core/how-to-back-up-the-master-secret: -backupSecret asks for password, confirmation and reminder;
/// -restoreSecret shows the reminder and asks for the password. The wording of their failures is not documented: what is not recognised is SsoFailed with the tool's own words.
/// </remarks>
internal sealed class SingleSignOnTools(string computer, IExternalTools tools, IComputerFiles files) : ISingleSignOn
{
    public bool IsInstalled => tools.Find(ExternalTool.SsoConfig) is not null && tools.Find(ExternalTool.SsoManage) is not null;

    public SingleSignOnInfo ReadInfo()
    {
        string output = Run(SingleSignOnCommands.Display()).Output;
        string secretServer = Field(output, "secret server");
        return new SingleSignOnInfo(Field(output, "SQL Server"), Field(output, "database"), secretServer, string.Equals(secretServer, computer, StringComparison.OrdinalIgnoreCase));
    }

    public void BackupSecret(string file, SecureString password, string reminder) => Run(SingleSignOnCommands.Backup(files.ToHostPath(file)) with
    {
        Answers = [new PromptAnswer(string.Empty, password), new PromptAnswer(string.Empty, password), new PromptAnswer(string.Empty, null, reminder)],
    });

    public void RestoreSecret(string file, SecureString password) => Run(SingleSignOnCommands.Restore(files.ToHostPath(file)) with
    {
        Answers = [new PromptAnswer(string.Empty, password)],
    });

    public void MoveSecretServer(string computer)
    {
        string path = files.Expand(@"%TEMP%\biztalkdr-" + Guid.NewGuid().ToString("N") + ".xml");
        try
        {
            files.Write(path, FileProtection.OwnerOnly, s => Update(computer).Save(s));
            Run(SingleSignOnCommands.Update(files.ToHostPath(path)));
        }
        finally
        {
            files.Delete(path);
        }
    }

    /// <summary>Only the one element: with the admin accounts' elements it fails on a computer that is not the secret server.</summary>
    internal static XDocument Update(string computer) => new(new XElement("sso", new XElement("globalInfo", new XElement("secretServer", computer))));

    internal static string? TryField(string output, string label) => output.Split('\n').Select(l => l.Split([':'], 2))
        .Where(p => p.Length == 2 && TextSearch.Holds(p[0], label)).Select(p => p[1].Trim()).FirstOrDefault();

    private static string Field(string output, string label) => TryField(output, label) ?? throw new RecoveryException(
        RecoveryError.SsoFailed, "ssomanage -displayDB", $"ssomanage -displayDB did not name the {label}. It said: {output.Trim()}");

    private ToolResult Run(ToolCommand command)
    {
        RequireInstalled();
        ToolResult result = tools.Run(command);
        if (result.Succeeded)
            return result;
        throw new RecoveryException(ErrorOf(result.Said), command.ToString(), $"{command} ended with {result.ExitCode} on {computer}. It said: {result.Said}");
    }

    private static RecoveryError ErrorOf(string said)
    {
        if (Says(said, "0x80070005") || Says(said, "access is denied"))
            return RecoveryError.PermissionDenied;
        if (Says(said, "password is incorrect") || Says(said, "password is not correct") || Says(said, "wrong password") || Says(said, "0x80070056"))
            return RecoveryError.PasswordWrong;
        return Says(said, "not a valid") ? RecoveryError.SecretFileInvalid : RecoveryError.SsoFailed;
    }

    private static bool Says(string said, string what) => TextSearch.Holds(said, what);

    private void RequireInstalled()
    {
        if (!IsInstalled)
            throw new RecoveryException(RecoveryError.SsoNotInstalled, computer, $"Enterprise Single Sign-On is not installed on {computer}: ssoconfig and ssomanage were not found.");
    }
}
