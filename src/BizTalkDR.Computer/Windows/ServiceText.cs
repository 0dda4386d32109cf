using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Reads what <c>sc.exe query</c> writes.</summary>
/// <remarks>
/// Labels are translated in some languages of Windows, so nothing relies on them: of each block the first line holds the name, and the state is the line whose number and
/// word are those of the same state (SERVICE_STATUS, dwCurrentState: https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_status).
/// </remarks>
internal static class ServiceText
{
    private static readonly (int Number, string Word, ServiceState State)[] s_states =
    [
        (1, "STOPPED", ServiceState.Stopped), (2, "START_PENDING", ServiceState.StartPending), (3, "STOP_PENDING", ServiceState.StopPending), (4, "RUNNING", ServiceState.Running),
        (5, "CONTINUE_PENDING", ServiceState.StartPending), (6, "PAUSE_PENDING", ServiceState.Paused), (7, "PAUSED", ServiceState.Paused),
    ];

    private static readonly Regex s_state = new(@"^[^:]*:\s*(\d)\s+([A-Z_]+)\s*$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Gives the services of the output with their states; a block without a state is none.</summary>
    public static IReadOnlyDictionary<string, ServiceState> Read(string output)
    {
        Dictionary<string, ServiceState> found = new(StringComparer.OrdinalIgnoreCase);
        string? name = null;
        foreach (string line in output.Replace("\r", string.Empty).Split('\n'))
        {
            if (line.Trim().Length == 0)
                name = null;
            else if (name is null)
                name = line.Split([':'], 2) is { Length: 2 } parts ? parts[1].Trim() : string.Empty;
            else if (StateOf(line) is { } state && name.Length > 0)
                found[name] = state;
        }

        return found;
    }

    private static ServiceState? StateOf(string line)
    {
        Match match = s_state.Match(line);
        if (!match.Success)
            return null;
        int number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return s_states.Where(s => s.Number == number && s.Word == match.Groups[2].Value).Select(s => (ServiceState?)s.State).FirstOrDefault();
    }
}
