using System;
using System.IO;
using BizTalkDR.Errors;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Where journals lie that nobody named.</summary>
internal static class JournalPlace
{
    /// <summary>In the account's own application data; it need not be there yet.</summary>
    public static string Usual => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "BizTalkDR");

    /// <summary>Gives that folder, and makes it when it is not there.</summary>
    public static string Folder()
    {
        string folder = Usual;
        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.JournalNotWritable, folder, $"The folder '{folder}' for the journal cannot be created: {e.Message}", cause: e);
        }
    }
}
