using System;
using System.Globalization;
using System.Text.Json;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>ISJSON, JSON_VALUE and JSON_QUERY with lax and strict paths.</summary>
internal static class JsonFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.AddStrict("ISJSON", 1, SqlType.Int, (a, _) => IsJson(a.Text(0)!) ? 1 : 0);
        registry.AddStrict("JSON_VALUE", 2, SqlType.NVarChar(4000), (a, _) => Find(a, scalar: true));
        registry.AddStrict("JSON_QUERY", 1, 2, _ => SqlType.NVarCharMax, (a, _) => Find(a, scalar: false));
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? Find(FunctionArgs args, bool scalar)
    {
        string path = args.Count > 1 ? args.Text(1)!.Trim() : "$";
        bool strict = path.StartsWith("strict ", StringComparison.OrdinalIgnoreCase);
        path = strict ? path[7..].Trim() : path.StartsWith("lax ", StringComparison.OrdinalIgnoreCase) ? path[4..].Trim() : path;
        try
        {
            using JsonDocument document = JsonDocument.Parse(args.Text(0)!);
            JsonElement? found = Walk(document.RootElement, path);
            bool container = found?.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
            if (found is null || container == scalar)
            {
                return !strict ? null : throw (found is null
                    ? SqlErrors.Make(13608, 16, 5, "Property cannot be found on the specified JSON path.")
                    : SqlErrors.Make(13623, 16, 1, "Scalar value cannot be found in the specified JSON path."));
            }

            return found.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => found.Value.GetString(),
                _ => found.Value.GetRawText(),
            };
        }
        catch (JsonException)
        {
            throw SqlErrors.Make(13609, 16, 1, "JSON text is not properly formatted. Unexpected character is found at position 0.");
        }
    }

    private static JsonElement? Walk(JsonElement element, string path)
    {
        if (!path.StartsWith('$'))
        {
            throw SqlErrors.Make(13607, 16, 4, $"JSON path is not properly formatted. Unexpected character '{(path.Length > 0 ? path[0] : ' ')}' is found at position 0.");
        }

        int i = 1;
        while (i < path.Length)
        {
            if (path[i] == '.')
            {
                int end = path.AsSpan(i + 1).IndexOfAny('.', '[');
                bool quoted = i + 1 < path.Length && path[i + 1] == '"';
                int close = quoted ? path.IndexOf('"', i + 2) : end < 0 ? path.Length : i + 1 + end;
                string name = quoted ? path[(i + 2)..close] : path[(i + 1)..close];
                i = quoted ? close + 1 : close;
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                {
                    return null;
                }
            }
            else if (path[i] == '[' && path.IndexOf(']', i) is > 0 and var close
                     && int.TryParse(path.AsSpan(i + 1, close - i - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                i = close + 1;
                if (element.ValueKind != JsonValueKind.Array || index >= element.GetArrayLength())
                {
                    return null;
                }

                element = element[index];
            }
            else
            {
                throw SqlErrors.Make(13607, 16, 4, $"JSON path is not properly formatted. Unexpected character '{path[i]}' is found at position {i}.");
            }
        }

        return element;
    }
}
