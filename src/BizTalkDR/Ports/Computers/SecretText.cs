using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace BizTalkDR.Ports.Computers;

/// <summary>Takes a secret out of its <see cref="SecureString"/> for as long as one use lasts, and clears what it was copied to.</summary>
public static class SecretText
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

    /// <summary>Writes a secret as text of an XML element.</summary>
    public static void WriteXml(Stream stream, SecureString secret) => Use(secret, chars =>
    {
        // The longest entity has five characters.
        char[] escaped = new char[chars.Length * 5];
        int length = 0;
        foreach (char c in chars)
        {
            string? entity = c switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => null };
            if (entity is null)
                escaped[length++] = c;
            else
                foreach (char part in entity)
                    escaped[length++] = part;
        }

        char[] exact = new char[length];
        Array.Copy(escaped, exact, length);
        Array.Clear(escaped, 0, escaped.Length);
        try
        {
            WriteClearing(stream, exact);
        }
        finally
        {
            Array.Clear(exact, 0, exact.Length);
        }
    });

    /// <summary>Whether an XML file can hold a secret: control characters have no place in one.</summary>
    public static bool FitsXml(SecureString secret)
    {
        bool fits = true;
        Use(secret, chars => fits = Array.TrueForAll(chars, c => c >= ' ' && c is not ('\uFFFE' or '\uFFFF')));
        return fits;
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

    /// <summary>Runs an action with the secret as a string, for what takes nothing else; then the string is overwritten. What the action's callee copies of it is out of reach.</summary>
    public static void UseText(SecureString secret, Action<string> action)
    {
        if (secret.Length == 0)
        {
            action(string.Empty);
            return;
        }

        string text = new('\0', secret.Length);
        GCHandle pinned = GCHandle.Alloc(text, GCHandleType.Pinned);
        try
        {
            Use(secret, chars => Marshal.Copy(chars, 0, pinned.AddrOfPinnedObject(), chars.Length));
            action(text);
        }
        finally
        {
            Marshal.Copy(new char[secret.Length], 0, pinned.AddrOfPinnedObject(), secret.Length);
            pinned.Free();
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
