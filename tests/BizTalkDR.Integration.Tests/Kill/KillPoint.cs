using System;
using System.Collections.Generic;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>What is being committed while a process ends.</summary>
internal enum CommitShape
{
    /// <summary>Two databases of each of two instances.</summary>
    TwoInstances,

    /// <summary>The same with a transaction mark on both.</summary>
    MarkedTwoInstances,

    /// <summary>Two databases of one instance.</summary>
    TwoDatabases,
    MarkedTwoDatabases,
    OneDatabase,

    /// <summary>Nothing: a checkpoint runs over committed and open transactions.</summary>
    Checkpoint,
}

/// <summary>Which process ends when. Syncs are counted from just before the commit; 0 = the process lives.</summary>
/// <param name="Shape">What is committed.</param>
/// <param name="FromSecond">Whether the instance that comes second by name coordinates: barriers are then taken there last.</param>
/// <param name="Coordinator">Sync after which the coordinator ends.</param>
/// <param name="Participant">Sync after which the other instance ends.</param>
/// <param name="Restart">Sync of the first new start after which that start ends as well, counted from the start of the process.</param>
internal sealed record KillPoint(CommitShape Shape, bool FromSecond, int Coordinator, int Participant, int Restart = 0);

/// <summary>What came of one point.</summary>
/// <param name="Point">The point.</param>
/// <param name="Kills">Processes that ended.</param>
/// <param name="RestartKilled">Whether the first new start ended too.</param>
/// <param name="CoordinatorSyncs">Syncs of the coordinator during the commit, when it lived.</param>
/// <param name="ParticipantSyncs">The same for the other instance.</param>
/// <param name="Settled">From the last start until all rows could be read.</param>
/// <param name="NextMark">Time the next marked commit over both instances took.</param>
/// <param name="Failures">What is wrong; empty when all is well.</param>
internal sealed record KillResult(
    KillPoint Point, int Kills, bool RestartKilled, long CoordinatorSyncs, long ParticipantSyncs, TimeSpan Settled, TimeSpan NextMark, IReadOnlyList<string> Failures);
