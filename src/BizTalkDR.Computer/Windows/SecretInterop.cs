using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Master secrets through the interop assembly of Enterprise SSO, bound when it is used: it is on SSO computers alone, in a version of theirs.</summary>
/// <remarks>
/// https://learn.microsoft.com/host-integration-server/esso/issoconfigss-interface: BackupSecret(backupFile, filePassword, filePasswordReminder), RestoreSecret(restoreFile, filePassword),
/// GetFilePasswordReminder(restoreFile, out filePasswordReminder), which opens the file without its password. That SSOConfigOM is the class to create is [inferred] from public code;
/// where it is not so, <see cref="Load"/> gives nothing and the documented tools do the work.
/// </remarks>
internal sealed class SecretInterop
{
    public const string FileName = "Microsoft.EnterpriseSingleSignOn.Interop.dll";

    private const string Space = "Microsoft.EnterpriseSingleSignOn.Interop.";
    private const int AccessDenied = unchecked((int)0x80070005), InvalidPassword = unchecked((int)0x80070056);

    private readonly Type _class;
    private readonly MethodInfo _backup, _restore, _reminder;

    private SecretInterop(Type @class, MethodInfo backup, MethodInfo restore, MethodInfo reminder)
    {
        (_class, _backup, _restore, _reminder) = (@class, backup, restore, reminder);
    }

    /// <summary>Opens the assembly in a folder; null when it is not there or is not one that this version knows how to use.</summary>
    public static SecretInterop? Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return Of(Assembly.LoadFrom(path));
        }
        catch (Exception unusable) when (unusable is IOException or BadImageFormatException or NotSupportedException or SecurityException)
        {
            return null;
        }
    }

    /// <summary>Binds to an assembly; null when a type or a method is missing in it.</summary>
    public static SecretInterop? Of(Assembly assembly)
    {
        Type? contract = assembly.GetType(Space + "ISSOConfigSS"), implementation = assembly.GetType(Space + "SSOConfigOM");
        MethodInfo? backup = contract?.GetMethod("BackupSecret", [typeof(string), typeof(string), typeof(string)]);
        MethodInfo? restore = contract?.GetMethod("RestoreSecret", [typeof(string), typeof(string)]);
        MethodInfo? reminder = contract?.GetMethod("GetFilePasswordReminder", [typeof(string), typeof(string).MakeByRefType()]);
        return implementation is null || backup is null || restore is null || reminder is null ? null : new SecretInterop(implementation, backup, restore, reminder);
    }

    /// <summary>Writes the secrets to a file, and sees that the file is a backup of secrets.</summary>
    /// <exception cref="RecoveryException">PermissionDenied, PasswordWrong, SecretFileInvalid, SsoFailed.</exception>
    public void Backup(string file, SecureString password, string reminder)
    {
        SecretText.UseText(password, text => Call("ISSOConfigSS.BackupSecret", _backup, RecoveryError.SsoFailed, file, text, reminder));
        RequireSecretFile(file);
    }

    /// <summary>Restores the secrets of a file, once it has been seen that it is a backup of secrets.</summary>
    /// <exception cref="RecoveryException">PermissionDenied, PasswordWrong, SecretFileInvalid, SsoFailed.</exception>
    public void Restore(string file, SecureString password)
    {
        RequireSecretFile(file);
        SecretText.UseText(password, text => Call("ISSOConfigSS.RestoreSecret", _restore, RecoveryError.SsoFailed, file, text));
    }

    private void RequireSecretFile(string file) => Call("ISSOConfigSS.GetFilePasswordReminder", _reminder, RecoveryError.SecretFileInvalid, file, (string?)null);

    private void Call(string name, MethodInfo method, RecoveryError otherwise, string file, params string?[] more)
    {
        try
        {
            method.Invoke(Activator.CreateInstance(_class), [file, .. more]);
        }
        catch (TargetInvocationException failed) when (failed.InnerException is { } cause)
        {
            throw Failed(name, otherwise, file, cause);
        }
        catch (COMException failed)
        {
            // The class itself could not be created.
            throw Failed(name, RecoveryError.SsoFailed, file, failed);
        }
    }

    /// <summary>The cause itself is not kept: what an interop puts into it is not known.</summary>
    private static RecoveryException Failed(string name, RecoveryError otherwise, string file, Exception cause)
    {
        RecoveryError code = cause.HResult switch
        {
            AccessDenied => RecoveryError.PermissionDenied,
            InvalidPassword => RecoveryError.PasswordWrong,
            _ => otherwise,
        };
        return new RecoveryException(code, file, $"{name} of Enterprise SSO failed for {file} with 0x{cause.HResult:X8}.");
    }
}
