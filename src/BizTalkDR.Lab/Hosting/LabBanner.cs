namespace BizTalkDR.Lab.Hosting;

/// <summary>What everybody who starts the lab must know.</summary>
public static class LabBanner
{
    public const string Text = """
        BizTalkDR Lab: a SIMULATED SQL Server environment with a sample BizTalk group, for practice and tests.
        It is not SQL Server, it is not BizTalk Server, and it is never for production data.
        """;
}
