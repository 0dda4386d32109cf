using System.IO;
using System.Threading;

namespace BizTalkDR.Lab.Faults;

/// <summary>Power for one or more disks: it fails after so many changes of files, for all of them at once.</summary>
internal sealed class PowerSupply
{
    private long _left = long.MaxValue;
    private long _changes;

    /// <summary>Changes of files seen so far.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Whether the power is off.</summary>
    public bool HasFailed => Interlocked.Read(ref _left) <= 0;

    /// <summary>Lets the power fail at the change of that number, counted from now.</summary>
    public void FailAfter(long changes) => Interlocked.Exchange(ref _left, changes);

    /// <summary>Power is back, for as long as nothing else is said.</summary>
    public void Restore() => Interlocked.Exchange(ref _left, long.MaxValue);

    /// <summary>Counts one change that has happened wholly or not at all when it fails.</summary>
    /// <exception cref="IOException">The power is off.</exception>
    public void Use()
    {
        if (IsDue())
        {
            throw Fail();
        }
    }

    /// <exception cref="IOException">The power is off.</exception>
    public void Require()
    {
        if (HasFailed)
        {
            throw Fail();
        }
    }

    /// <summary>Counts one change; true when the power fails at it.</summary>
    public bool IsDue()
    {
        Interlocked.Increment(ref _changes);
        return Interlocked.Decrement(ref _left) <= 0;
    }

    public IOException Fail()
    {
        Interlocked.Exchange(ref _left, 0);
        return new IOException("The power has failed.");
    }
}
