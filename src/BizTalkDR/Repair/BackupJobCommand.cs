using System;
using System.Collections.Generic;

namespace BizTalkDR.Repair;

/// <summary>Finds the folder in the command of a step of the job Backup BizTalk Server.</summary>
/// <remarks>
/// The commands call <c>sp_BackupAllFull_Schedule 'd', 'BTS', '&lt;destination path&gt;'</c> and <c>sp_MarkAll 'BTS', '&lt;destination path&gt;'</c>; arguments are
/// usually positional, may be named (<c>@BackupPath =</c>), and carry comments (facts: backup-job.md §2).
/// </remarks>
public static class BackupJobCommand
{
    /// <summary>What the shipped job says until it is configured.</summary>
    public const string NotConfigured = "<destination path>";

    private static readonly (string Procedure, int Position)[] Calls = [("sp_BackupAllFull_Schedule", 2), ("sp_MarkAll", 1)];

    /// <summary>Gives the folder the step writes to.</summary>
    /// <returns>The folder; null when the step makes no backup, or takes its folder from something else than a literal.</returns>
    public static string? PathOf(string command) => Find(command) is { } found ? found.Value : null;

    /// <summary>Gives the command with another folder, everything else untouched.</summary>
    /// <exception cref="ArgumentException">The command names no folder.</exception>
    public static string WithPath(string command, string path)
    {
        (int start, int length, _) = Find(command) ?? throw new ArgumentException("The command names no folder.", nameof(command));
        return command.Substring(0, start) + "'" + path.Replace("'", "''") + "'" + command.Substring(start + length);
    }

    private static (int Start, int Length, string Value)? Find(string command)
    {
        foreach ((string procedure, int position) in Calls)
        {
            int call = command.IndexOf(procedure, StringComparison.OrdinalIgnoreCase);
            if (call < 0)
            {
                continue;
            }

            List<(int Start, int Length, string Value, bool IsPath)> literals = Literals(command, call + procedure.Length);
            int named = literals.FindIndex(l => l.IsPath);
            int index = named >= 0 ? named : position;
            return index < literals.Count ? (literals[index].Start, literals[index].Length, literals[index].Value) : null;
        }

        return null;
    }

    // String literals outside comments; whether one follows @BackupPath =.
    private static List<(int Start, int Length, string Value, bool IsPath)> Literals(string text, int from)
    {
        var found = new List<(int, int, string, bool)>();
        string before = string.Empty;
        for (int i = from; i < text.Length; i++)
        {
            if (Starts(text, i, "/*"))
            {
                int end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                i = end < 0 ? text.Length : end + 1;
            }
            else if (Starts(text, i, "--"))
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end;
            }
            else if (text[i] == '\'')
            {
                int end = EndOf(text, i);
                if (end < 0)
                {
                    return found;
                }

                bool isPath = before.TrimEnd('N', 'n').EndsWith("@BackupPath=", StringComparison.OrdinalIgnoreCase);
                found.Add((i, end - i, text.Substring(i + 1, end - i - 2).Replace("''", "'"), isPath));
                before = string.Empty;
                i = end - 1;
            }
            else if (!char.IsWhiteSpace(text[i]))
            {
                before += text[i];
            }
        }

        return found;
    }

    private static bool Starts(string text, int at, string with) => string.CompareOrdinal(text, at, with, 0, with.Length) == 0;

    // Behind the closing quote; -1 for a literal that is never closed.
    private static int EndOf(string text, int start)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\'' && (i + 1 >= text.Length || text[i + 1] != '\''))
            {
                return i + 1;
            }

            if (text[i] == '\'')
            {
                i++;
            }
        }

        return -1;
    }
}
