using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Groups;

/// <summary>Checks names of SQL Server objects before they go anywhere near a statement.</summary>
public static class SqlNames
{
    /// <summary>Longest name of an object (sysname).</summary>
    public const int MaxLength = 128;

    /// <summary>Writes a name as a delimited identifier: [name], with each ] doubled.</summary>
    public static string Quote(string name) => "[" + name.Replace("]", "]]") + "]";

    /// <summary>Refuses a name that no SQL Server object can have. Quotes, brackets and Unicode are fine.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.InvalidName"/>.</exception>
    public static void Check(string? name, string what)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new RecoveryException(RecoveryError.InvalidName, name, $"The name of the {what} is empty.");
        }

        if (name!.Length > MaxLength)
        {
            throw new RecoveryException(RecoveryError.InvalidName, name, $"The name of the {what} has {name.Length} characters; SQL Server allows {MaxLength}.");
        }

        if (name.Any(char.IsControl))
        {
            throw new RecoveryException(RecoveryError.InvalidName, name, $"The name of the {what} holds a control character.");
        }
    }
}
