using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Takes a secret out of its <see cref="SecureString"/> for as long as one use lasts, and clears what it was copied to.</summary>
internal static class SecretText
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes an answer and the end of the line.</summary>
    public static void WriteLine(Stream stream, PromptAnswer answer)
    {
        if (answer.Secret is { } secret)
            Use(secret, chars => WriteClearing(stream, chars));
        else
            WriteClearing(stream, (answer.Text ?? string.Empty).ToCharArray());
        byte[] end = s_utf8.GetBytes(Environment.NewLine);
        stream.Write(end, 0, end.Length);
        stream.Flush();
    }

    /// <summary>Replaces each occurrence of the secret by asterisks.</summary>
    public static string Mask(string text, SecureString secret)
    {
        char[] result = text.ToCharArray();
        bool found = false;
        Use(secret, chars =>
        {
            for (int at = 0; at + chars.Length <= result.Length; at++)
            {
                if (!IsAt(result, at, chars))
                    continue;
                for (int i = 0; i < chars.Length; i++)
                    result[at + i] = '*';
                found = true;
            }
        });
        return found ? new string(result) : text;
    }

    /// <summary>Runs an action over the characters, then clears them.</summary>
    public static void Use(SecureString secret, Action<char[]> action)
    {
        char[] chars = new char[secret.Length];
        IntPtr memory = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            Marshal.Copy(memory, chars, 0, chars.Length);
            action(chars);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
            Array.Clear(chars, 0, chars.Length);
        }
    }

    private static bool IsAt(char[] text, int at, char[] wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (text[at + i] != wanted[i])
                return false;
        }

        return true;
    }

    private static void WriteClearing(Stream stream, char[] chars)
    {
        byte[] bytes = s_utf8.GetBytes(chars);
        try
        {
            stream.Write(bytes, 0, bytes.Length);
        }
        finally
        {
            Array.Clear(bytes, 0, bytes.Length);
        }
    }
}
