using System;

namespace BizTalkDR.Lab.Tds;

/// <summary>Settings of a listener.</summary>
public sealed record TdsListenerOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 = one the system chooses.</summary>
    public int Port { get; init; }

    /// <summary>How long a client may take from connecting to the end of its login packet. Default 30 s.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection that the server ends waits for the client to close its side. Default 2 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Refuses clients that cannot encrypt, and encrypts everything for the others.</summary>
    public bool RequireEncryption { get; init; }

    /// <summary>Connections at a time; more are closed at once. Default 1000.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Longest request in bytes, parameters included. Default 128 MB.</summary>
    public int MaxRequestBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Clock of the time limits.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
