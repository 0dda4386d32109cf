using System.Collections.Generic;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>A program on a lab's computer. It runs as a process of its own, started by a small file in the computer's folder.</summary>
internal interface IComputerTool
{
    /// <summary>Name of the program, without an ending.</summary>
    string Name { get; }

    /// <summary>Runs it.</summary>
    /// <param name="context">Its computer and its console.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Exit code.</returns>
    int Run(ToolContext context, IReadOnlyList<string> arguments);
}
