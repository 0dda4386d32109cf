namespace BizTalkDR.Reports;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    Information,

    /// <summary>The operator must know; the operation goes on.</summary>
    Warning,

    /// <summary>What was found cannot be relied on.</summary>
    Error,
}

/// <summary>Something noticed.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Subject">What it is about: a file, a database, a mark.</param>
/// <param name="Text">What was noticed.</param>
public sealed record Finding(FindingLevel Level, string Subject, string Text)
{
    /// <summary>Gives <c>level: subject: text</c>.</summary>
    public override string ToString() => $"{Level}: {Subject}: {Text}";
}
