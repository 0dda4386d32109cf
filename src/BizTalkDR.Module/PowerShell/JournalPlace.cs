using System;
using System.IO;
using BizTalkDR.Errors;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Where journals lie that nobody named.</summary>
internal static class JournalPlace
{
    /// <summary>The account's own application data.</summary>
    public static string Folder()
    {
        string folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "BizTalkDR");
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
