using System;
using System.IO;
using BizTalkDR.Errors;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Reads the file of a recipient's certificate.</summary>
internal static class RecipientFile
{
    /// <exception cref="RecoveryException"><see cref="RecoveryError.CertificateFileInvalid"/>: it cannot be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.CertificateFileInvalid, path, $"The recipient's certificate '{path}' cannot be read: {e.Message} Nothing was backed up.", null, e);
        }
    }
}
