using System;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace BizTalkDR.Tests.Files;

/// <summary>Looks at files with the rights of nobody, also where the tests run as root, who may read everything.</summary>
/// <remarks>Linux keeps the user id that counts for files by thread, so the other tests do not notice.</remarks>
internal sealed class OtherUser : IDisposable
{
    private const uint Nobody = 65534;

    private readonly string _folder;

    public OtherUser(string folder)
    {
        _folder = folder;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
    }

    public T Run<T>(Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Environment.IsPrivilegedProcess)
                {
                    _ = SetFileUser(Nobody);
                }

                result = action();
            }
            catch (Exception e)
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        error?.Throw();
        return result!;
    }

    public void Dispose()
    {
        foreach (string closed in Directory.EnumerateDirectories(_folder))
        {
            File.SetUnixFileMode(closed, (UnixFileMode)0b111_000_000);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileUser(uint user);
}
