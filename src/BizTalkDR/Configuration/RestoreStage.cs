namespace BizTalkDR.Configuration;

/// <summary>When a step of a computer's recovery comes: the order in which a lost computer is put together again.</summary>
/// <remarks>Microsoft's documentation, "Recovering a Computer That Runs BizTalk Server": databases first, then certificate store, SSO, group, configuration, applications, portal, alerts.</remarks>
public enum RestoreStage
{
    /// <summary>Databases there, products installed, same version.</summary>
    Prerequisites,

    CertificateStore,

    SingleSignOn,

    MasterSecret,

    Configuration,

    Hosts,

    SqlObjects,

    Applications,

    Certificates,

    Machine,

    Portal,

    Alerts,

    /// <summary>What a host needs before it takes a message: what it took without would be suspended.</summary>
    Ready,

    Start,

    Verify,
}
