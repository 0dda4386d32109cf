using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Ends this process right after a chosen sync, as a crash would: how durability is proven, sync by sync.</summary>
/// <remarks>Exists only in a child that was started with <see cref="Variable"/>. The sync is named there, counted from the start of the process
/// (0 = none), or later by a line of input: <c>end-after-sync N</c>, counted from then on.</remarks>
internal sealed class SuddenEnd
{
    /// <summary>Environment variable that makes a child listen to the order.</summary>
    public const string Variable = "BIZTALKDR_LAB_END_AFTER_SYNC";

    /// <summary>First word of the order; the number of syncs follows, 0 takes an order back.</summary>
    public const string Order = "end-after-sync";

    /// <summary>First word of the answer; the number of syncs so far follows.</summary>
    public const string Answer = "SYNCS";

    private readonly LabStorage _storage;
    private long _last = long.MaxValue;

    private SuddenEnd(LabStorage storage, int syncs)
    {
        _storage = storage;
        Arm(syncs);
        storage.AfterSync = EndWhenDue;
    }

    /// <summary>Watches the storage when the environment asks for it; null otherwise.</summary>
    public static SuddenEnd? FromEnvironment(LabStorage storage) =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int syncs) ? new SuddenEnd(storage, syncs) : null;

    /// <summary>Follows an order and gives the answer; null for a line that is none.</summary>
    public string? Follow(string line)
    {
        string[] words = line.Split(' ');
        if (words.Length != 2 || !string.Equals(words[0], Order, StringComparison.Ordinal)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int syncs))
        {
            return null;
        }

        Arm(syncs);
        return string.Create(CultureInfo.InvariantCulture, $"{Answer} {_storage.SyncCount}");
    }

    private void Arm(int syncs) => Interlocked.Exchange(ref _last, syncs == 0 ? long.MaxValue : _storage.SyncCount + syncs);

    private void EndWhenDue(long number)
    {
        if (number < Interlocked.Read(ref _last))
            return;

        // On Unix this is SIGKILL: nothing is written, closed or said any more.
        using Process self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
