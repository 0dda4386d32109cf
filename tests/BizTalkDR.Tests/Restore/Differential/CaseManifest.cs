using System;
using System.Collections.Generic;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>A full backup that a manifest was written for.</summary>
/// <param name="Server">Instance of the member then.</param>
/// <param name="Database">Its name then.</param>
/// <param name="Set">The backup.</param>
internal sealed record ManifestedFull(string Server, string Database, ModelSet Set);

/// <summary>A manifest of a case, and what is true about it.</summary>
/// <param name="Found">The manifest, where it lies.</param>
/// <param name="Point">The name that the files of its set bear.</param>
/// <param name="Proves">Whether what it says proves that nothing was committed; known from how it was made, not from reading it.</param>
/// <param name="Fulls">The backups it was written for, one for each member.</param>
internal sealed record CaseManifest(FoundManifest Found, string Point, bool Proves, IReadOnlyList<ManifestedFull> Fulls);

/// <summary>A full set of a case's history.</summary>
/// <param name="Point">The name that its files bear.</param>
/// <param name="IsStill">Whether no member's content was changed from before its first backup to behind its last one.</param>
internal sealed record CaseFullSet(string Point, bool IsStill);
