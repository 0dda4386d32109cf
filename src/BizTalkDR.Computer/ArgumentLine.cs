using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace BizTalkDR.Computer;

/// <summary>Joins arguments so that a program of the C run time takes them apart as they were.</summary>
/// <remarks>https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments: backslashes count double only before a quotation mark.</remarks>
internal static class ArgumentLine
{
    public static string Of(IEnumerable<string> arguments) => string.Join(" ", arguments.Select(Quote));

    private static string Quote(string argument)
    {
        if (argument.Length > 0 && !argument.Any(c => c is ' ' or '\t' or '"' or '\n' or '\v'))
            return argument;
        StringBuilder text = new("\"");
        int slashes = 0;
        foreach (char c in argument)
        {
            if (c == '"')
                text.Append('\\', slashes + 1);
            slashes = c == '\\' ? slashes + 1 : 0;
            text.Append(c);
        }

        return text.Append('\\', slashes).Append('"').ToString();
    }
}
