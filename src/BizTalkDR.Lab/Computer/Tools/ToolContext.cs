using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>The computer a tool runs on, and its console.</summary>
internal sealed class ToolContext(LabComputer computer, TextReader input, TextWriter output)
{
    public LabComputer Computer => computer;

    public void Say(string line) => output.WriteLine(line);

    /// <summary>Says what failed.</summary>
    /// <returns>1, the exit code.</returns>
    public int Fail(string what)
    {
        output.WriteLine("ERROR: " + what);
        return 1;
    }

    /// <summary>Says how a tool is used.</summary>
    /// <returns>0 when that was asked for; 1 when the arguments are not understood.</returns>
    public int Usage(IEnumerable<string> lines, IReadOnlyList<string> arguments)
    {
        foreach (string line in lines)
            Say(line);
        return arguments is [] or ["-?"] or ["/?"] ? 0 : Fail($"the arguments are not understood: {string.Join(' ', arguments)}");
    }

    /// <summary>Asks for a line; null when the input has ended.</summary>
    public string? Ask(string prompt)
    {
        output.Write(prompt + " : ");
        output.Flush();
        return input.ReadLine();
    }

    /// <summary>Asks for a password: at a keyboard it is not shown. Null when the input has ended.</summary>
    public string? AskSecret(string prompt)
    {
        if (!ReferenceEquals(input, Console.In) || Console.IsInputRedirected)
            return Ask(prompt);
        output.Write(prompt + " : ");
        output.Flush();
        StringBuilder typed = new();
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (key.KeyChar != '\0')
                typed.Append(key.KeyChar);
        }

        output.WriteLine();
        return typed.ToString();
    }
}
