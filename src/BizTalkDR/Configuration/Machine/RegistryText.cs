using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>A key of the registry with its values.</summary>
/// <param name="Key">Key below HKEY_LOCAL_MACHINE.</param>
/// <param name="Values">Its values, by name.</param>
internal sealed record RegistryKeyText(string Key, IReadOnlyList<RegistryValue> Values);

/// <summary>Keys of the registry as the text of a .reg file; pure.</summary>
/// <remarks>The form that regedit and <c>reg export</c> write: "Windows Registry Editor Version 5.00", UTF-16. Strings are quoted; expandable and multiple strings are UTF-16 in hexadecimal with a zero at the end.</remarks>
internal static class RegistryText
{
    private const string Header = "Windows Registry Editor Version 5.00";
    private const string Root = @"HKEY_LOCAL_MACHINE\";

    /// <summary>Writes keys.</summary>
    public static void Write(Stream stream, IEnumerable<RegistryKeyText> keys)
    {
        StringBuilder text = new(Header + "\r\n");
        foreach (RegistryKeyText key in keys)
        {
            text.Append("\r\n[").Append(Root).Append(key.Key).Append("]\r\n");
            foreach (RegistryValue value in key.Values.OrderBy(v => v.Name, StringComparer.OrdinalIgnoreCase))
                text.Append(value.Name.Length == 0 ? "@" : Quote(value.Name)).Append('=').Append(DataOf(value)).Append("\r\n");
        }

        byte[] bytes = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text.ToString())];
        stream.Write(bytes, 0, bytes.Length);
    }

    /// <summary>Reads keys.</summary>
    /// <exception cref="FormatException">It is of another form; the message says where.</exception>
    public static IReadOnlyList<RegistryKeyText> Read(Stream stream)
    {
        using StreamReader reader = new(stream, Encoding.Unicode, detectEncodingFromByteOrderMarks: true, 4096, leaveOpen: true);
        string[] lines = reader.ReadToEnd().Replace("\\\r\n", string.Empty).Split('\n').Select(l => l.Trim()).ToArray();
        if (lines[0] != Header)
            throw new FormatException($"it does not begin with {Header}");
        List<(string Key, List<RegistryValue> Values)> keys = [];
        foreach (string line in lines.Skip(1).Where(l => l.Length > 0 && l[0] != ';'))
        {
            if (line[0] == '[' && line[line.Length - 1] == ']' && line.StartsWith("[" + Root, StringComparison.OrdinalIgnoreCase))
                keys.Add((line.Substring(Root.Length + 1, line.Length - Root.Length - 2), []));
            else if (keys.Count > 0)
                keys[keys.Count - 1].Values.Add(ValueOf(line));
            else
                throw new FormatException($"this line belongs to no key: {line}");
        }

        return keys.Select(k => new RegistryKeyText(k.Key, k.Values)).ToList();
    }

    /// <summary>Whether two values are the same.</summary>
    public static bool Same(RegistryValue a, RegistryValue b) => a.Type == b.Type && DataOf(a) == DataOf(b);

    private static string DataOf(RegistryValue value) => value.Type switch
    {
        RegistryValueType.String when ((string)value.Data).IndexOfAny(['\r', '\n']) >= 0 => Hex("(1)", Encoding.Unicode.GetBytes((string)value.Data + "\0")),
        RegistryValueType.String => Quote((string)value.Data),
        RegistryValueType.DWord => string.Format(CultureInfo.InvariantCulture, "dword:{0:x8}", (int)value.Data),
        RegistryValueType.QWord => Hex("(b)", BitConverter.GetBytes((long)value.Data)),
        RegistryValueType.ExpandString => Hex("(2)", Encoding.Unicode.GetBytes((string)value.Data + "\0")),
        RegistryValueType.MultiString => Hex("(7)", Encoding.Unicode.GetBytes(string.Concat(((string[])value.Data).Select(s => s + "\0")) + "\0")),
        _ => Hex(string.Empty, (byte[])value.Data),
    };

    private static RegistryValue ValueOf(string line)
    {
        (string name, int end) = line[0] == '@' ? (string.Empty, 1) : Unquote(line, 0);
        if (end >= line.Length || line[end] != '=')
            throw new FormatException($"this is no value: {line}");
        string data = line.Substring(end + 1);
        if (data.Length > 0 && data[0] == '"')
            return new RegistryValue(name, RegistryValueType.String, Unquote(data, 0).Text);
        if (data.StartsWith("dword:", StringComparison.OrdinalIgnoreCase) && uint.TryParse(data.Substring(6), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            return new RegistryValue(name, RegistryValueType.DWord, unchecked((int)number));
        int colon = data.IndexOf(':');
        byte[] bytes = colon > 0 ? Bytes(data.Substring(colon + 1), line) : throw new FormatException($"this is no value: {line}");
        return data.Substring(0, colon).ToUpperInvariant() switch
        {
            "HEX" => new RegistryValue(name, RegistryValueType.Binary, bytes),
            "HEX(B)" when bytes.Length == 8 => new RegistryValue(name, RegistryValueType.QWord, BitConverter.ToInt64(bytes, 0)),
            "HEX(1)" => new RegistryValue(name, RegistryValueType.String, Encoding.Unicode.GetString(bytes).TrimEnd('\0')),
            "HEX(2)" => new RegistryValue(name, RegistryValueType.ExpandString, Encoding.Unicode.GetString(bytes).TrimEnd('\0')),
            "HEX(7)" => new RegistryValue(name, RegistryValueType.MultiString, Encoding.Unicode.GetString(bytes).Split(['\0'], StringSplitOptions.RemoveEmptyEntries)),
            _ => throw new FormatException($"this type of value is not known: {line}"),
        };
    }

    private static byte[] Bytes(string text, string line) => text.Split([','], StringSplitOptions.RemoveEmptyEntries).Select(t =>
        byte.TryParse(t.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte one) ? one : throw new FormatException($"these are no bytes: {line}")).ToArray();

    private static string Hex(string kind, byte[] bytes) => "hex" + kind + ":" + string.Join(",", bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private static string Quote(string text) => "\"" + text.Replace(@"\", @"\\").Replace("\"", "\\\"") + "\"";

    private static (string Text, int End) Unquote(string line, int start)
    {
        StringBuilder text = new();
        for (int at = start + 1; line[start] == '"' && at < line.Length; at++)
        {
            if (line[at] == '"')
                return (text.ToString(), at + 1);
            if (line[at] == '\\' && at + 1 < line.Length)
                at++;
            text.Append(line[at]);
        }

        throw new FormatException($"a quotation mark is missing: {line}");
    }
}
