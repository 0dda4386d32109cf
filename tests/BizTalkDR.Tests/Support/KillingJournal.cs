using System;
using System.Collections.Generic;
using BizTalkDR.Restore;

namespace BizTalkDR.Tests.Support;

/// <summary>Ends the imitated process at a line of its journal: from then on it reaches neither a server nor its journal.</summary>
internal sealed class KillingJournal(FakeWorld world, IRestoreJournal journal, int line, bool afterWrite) : IRestoreJournal
{
    private int _lines;

    public string? Path => journal.Path;

    public int Lines => _lines;

    public void Write(string what, IReadOnlyDictionary<string, string?> details)
    {
        if (world.IsDead)
        {
            throw new KilledException();
        }

        _lines++;
        if (_lines != line)
        {
            journal.Write(what, details);
            return;
        }

        if (afterWrite)
        {
            journal.Write(what, details);
        }

        world.IsDead = true;
        throw new KilledException();
    }
}

internal sealed class KilledException : Exception;
