using System;
using System.IO;
using System.Text;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>Writes a text so that the file is there whole or not at all.</summary>
internal static class WholeFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes under a temporary name, flushes to the disk, renames.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PlanNotWritable"/>.</exception>
    public static void Write(string path, string text)
    {
        string temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                byte[] bytes = Utf8.GetBytes(text);
                stream.Write(bytes, 0, bytes.Length);
                stream.Flush(flushToDisk: true);
            }

            if (File.Exists(path))
            {
                File.Replace(temporary, path, null);
            }
            else
            {
                File.Move(temporary, path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.PlanNotWritable, path, $"'{path}' cannot be written: {error.Message}", cause: error);
        }
    }
}
