using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Faults;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Faults an instance's process can be told to have, by a line of its input, which only the program that started it holds.</summary>
internal sealed class InstanceOrders(LabStorage storage, MovedClock clock)
{
    /// <summary>Order: bytes by which the instance's files may still grow follow.</summary>
    public const string DiskLeft = "disk-left";

    /// <summary>Order: seconds from the real time follow.</summary>
    public const string ClockShift = "clock-shift";

    /// <summary>Answer to an order that was followed.</summary>
    public const string Done = "DONE";

    private LimitedDisk? _disk;

    /// <summary>Follows an order and gives the answer; null for a line that is none.</summary>
    public string? Follow(string line)
    {
        string[] words = line.Split(' ');
        if (words.Length != 2 || !long.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            return null;

        switch (words[0])
        {
            case DiskLeft:
                _disk ??= new LimitedDisk();
                _disk.Left = value;
                storage.Disk = _disk;
                return Done;
            case ClockShift:
                clock.Shift = TimeSpan.FromSeconds(value);
                return Done;
            default:
                return null;
        }
    }
}
