using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>ssoconfig: the SSO database of this computer, and the master secret.</summary>
/// <remarks>
/// https://learn.microsoft.com/biztalk/core/how-to-back-up-the-master-secret, how-to-restore-the-master-secret, how-to-generate-the-master-secret: options and
/// prompts. Passwords are never arguments. -status and the wording of the output are not documented.
/// </remarks>
internal sealed class SsoConfigTool : IComputerTool
{
    private const string NoSecretServer = "this computer is not the master secret server";

    private static readonly string[] s_usage =
    [
        "Usage: ssoconfig -status | -showDB | -setDB <SQL Server> <database>",
        "       ssoconfig -backupSecret <file> | -restoreSecret <file> | -generateSecret <file>",
    ];

    public string Name => "ssoconfig";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        string option = arguments.Count == 0 ? string.Empty : arguments[0].ToLowerInvariant();
        try
        {
            return (option, arguments.Count) switch
            {
                ("-showdb", 1) => ShowDatabase(context),
                ("-status", 1) => Status(context),
                ("-setdb", 3) => SetDatabase(context, arguments[1], arguments[2]),
                ("-backupsecret", 2) => OnSecretServer(context, 10560, _ => Backup(context, arguments[1])),
                ("-restoresecret", 2) => OnSecretServer(context, 10524, _ => Restore(context, arguments[1])),
                ("-generatesecret", 2) => OnSecretServer(context, 10526, database => Generate(context, database, arguments[1])),
                _ => context.Usage(s_usage, arguments),
            };
        }
        catch (SqlException refused)
        {
            return context.Fail($"the SSO database cannot be used: {refused.Message}");
        }
    }

    private static int ShowDatabase(ToolContext context)
    {
        if (SsoDatabase.Setting(context.Computer) is not { } set)
            return context.Fail("no SSO database is set on this computer");
        context.Say($"SQL Server   : {set.Server}");
        context.Say($"SSO database : {set.Database}");
        return Done(context);
    }

    private static int Status(ToolContext context)
    {
        (string Server, string Database)? set = SsoDatabase.Setting(context.Computer);
        ServiceInfo? service = context.Computer.Services.Find(EntSso.Service);
        bool isServer = set is not null && SsoDatabase.Of(context.Computer) is { } database && EntSso.IsSecretServer(context.Computer, database.Read());
        context.Say($"SSO Server          : {context.Computer.Name}");
        context.Say($"SQL Server          : {set?.Server}");
        context.Say($"SSO database        : {set?.Database}");
        context.Say($"Service account     : {service?.Account}");
        context.Say($"Service             : {service?.State.ToString() ?? "not installed"}");
        context.Say($"SSO secret server   : {(isServer ? "Yes" : "No")}");
        return Done(context);
    }

    private static int SetDatabase(ToolContext context, string server, string database)
    {
        SsoDatabase.Set(context.Computer, server, database);
        return Done(context);
    }

    private static int OnSecretServer(ToolContext context, int failed, Func<SsoDatabase, string?> action)
    {
        LabComputer computer = context.Computer;
        string? reason;
        if (!EntSso.IsRunning(computer))
            reason = "the service ENTSSO does not run (0x800706BA)";
        else if (SsoDatabase.Of(computer) is not { } database)
            reason = "the SSO database does not answer";
        else
            reason = EntSso.IsSecretServer(computer, database.Read()) ? action(database) : NoSecretServer;
        if (reason is null)
            return Done(context);
        computer.Log(EntSso.Service, failed, $"The operation failed: {reason}.");
        return context.Fail(reason);
    }

    private static string? Backup(ToolContext context, string path)
    {
        if (Held(context.Computer) is not { } secrets)
            return "there are no master secrets on this computer";
        return WhyNotThere(context.Computer, path) ?? Write(context, path, secrets);
    }

    private static string? Generate(ToolContext context, SsoDatabase database, string path)
    {
        LabComputer computer = context.Computer;
        MasterSecret? before = Held(computer)?.Current;
        MasterSecrets secrets = new(MasterSecret.New(), before);
        if ((WhyNotThere(computer, path) ?? Write(context, path, secrets)) is { } reason)
            return reason;
        if (before is not null)
            database.Reencrypt(secrets);
        secrets.Save(computer);
        computer.Memory = secrets.ToBytes();
        computer.Log(EntSso.Service, 10525, $"The master secret was generated. {secrets.Ids}");
        return null;
    }

    private static string? Restore(ToolContext context, string path)
    {
        LabComputer computer = context.Computer;
        if (!computer.Files.FileExists(path))
            return $"the file {path} was not found (0x80070002)";
        SecretFile? file;
        using (Stream stream = computer.Files.Read(path))
            file = SecretFile.Read(stream);
        if (file is null)
            return $"{path} is not a valid backup of a master secret";
        context.Say($"Password reminder : {file.Reminder}");
        if (context.AskSecret("Password") is not { } password)
            return "the operation was cancelled";
        if (file.Open(password) is not { } secrets)
            return "the password is not correct (0x80070056)";
        secrets.Save(computer);
        computer.Memory = secrets.ToBytes();
        computer.Log(EntSso.Service, 10523, $"The master secrets were restored. Backup file: {path}, {secrets.Ids}");
        return null;
    }

    private static string? Write(ToolContext context, string path, MasterSecrets secrets)
    {
        string? password = context.AskSecret("Password");
        string? again = password is null ? null : context.AskSecret("Confirm password");
        string? reminder = again is null ? null : context.Ask("Password reminder");
        if (reminder is null)
            return "the operation was cancelled";
        if (password!.Length == 0)
            return "a password is needed";
        if (password != again)
            return "the passwords do not match";
        SecretFile file = SecretFile.Of(secrets, password, reminder);
        context.Computer.Files.Write(path, FileProtection.OwnerOnly, file.Write);
        context.Computer.Log(EntSso.Service, 10559, $"The master secrets were backed up. Backup file: {path}, {secrets.Ids}");
        return null;
    }

    /// <summary>Only NTFS and removable media are taken: a share is neither.</summary>
    private static string? WhyNotThere(LabComputer computer, string path)
    {
        if (!computer.Files.ToHostPath(path).StartsWith(computer.Shares + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase))
            return null;
        computer.Log(EntSso.Service, 10561, $"The backup file {path} is not on an NTFS file system nor on removable media.");
        return "the backup file must be on an NTFS file system or on removable media (event 10561)";
    }

    private static MasterSecrets? Held(LabComputer computer)
    {
        try
        {
            return MasterSecrets.Load(computer);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static int Done(ToolContext context)
    {
        context.Say("The operation completed successfully.");
        return 0;
    }
}
