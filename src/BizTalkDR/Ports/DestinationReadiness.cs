using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Tells, before anything is touched, what decides whether a restore on an instance can come to its end.</summary>
public interface IReadinessSource
{
    /// <summary>Reads it; what this login may not see is null in the answer.</summary>
    /// <param name="paths">Files that the restore would make.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    DestinationReadiness ReadReadiness(IReadOnlyCollection<string> paths, CancellationToken cancellationToken = default);

    /// <summary>Reads what decides how much can be restored at once.</summary>
    DestinationCapacity ReadCapacity(CancellationToken cancellationToken = default);
}

/// <summary>What decides how much can be restored at once.</summary>
/// <param name="Computer">SERVERPROPERTY('ComputerNamePhysicalNetBIOS'): instances of one computer share its volumes and its memory.</param>
public sealed record DestinationCapacity(string Computer)
{
    /// <summary>Volumes that databases lie on; null when this login may not ask.</summary>
    public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>available_physical_memory_kb of sys.dm_os_sys_memory, in bytes; null when this login may not ask, or the system says that memory is low.</summary>
    public long? FreeMemoryBytes { get; init; }
}

/// <summary>What an instance says about a restore that is still to come.</summary>
/// <param name="Computer">SERVERPROPERTY('ComputerNamePhysicalNetBIOS'): instances of one computer share its volumes.</param>
/// <param name="Collation">The instance's own collation, which tempdb has.</param>
public sealed record DestinationReadiness(string Computer, string Collation)
{
    /// <summary>Whether the login is in the role sysadmin.</summary>
    public bool IsSysAdmin { get; init; }

    /// <summary>Whether it may create databases: role dbcreator, or CREATE ANY DATABASE.</summary>
    public bool MayCreateDatabases { get; init; }

    /// <summary>Files of every database; null when this login may not see them all.</summary>
    public IReadOnlyList<OwnedFile>? Files { get; init; }

    /// <summary>Volumes that databases lie on; null when this login may not ask.</summary>
    public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>Certificates and asymmetric keys of master; null when this login may not see them all.</summary>
    public IReadOnlyList<ServerKey>? Keys { get; init; }

    /// <summary>Names of credentials that hold a shared access signature; null when this login may not see them.</summary>
    public IReadOnlyList<string>? SharedAccessCredentials { get; init; }

    /// <summary>Sessions of users in databases; null when this login sees only its own.</summary>
    public IReadOnlyList<DatabaseSession>? Sessions { get; init; }

    /// <summary>Linked servers; null when this login may not see them.</summary>
    public IReadOnlyList<LinkedServer>? LinkedServers { get; init; }

    /// <summary>What is where the restore would make its files, by path; a path is missing when the server could not tell.</summary>
    public IReadOnlyDictionary<string, PathState> Paths { get; init; } = new Dictionary<string, PathState>(StringComparer.Ordinal);
}

/// <summary>A row of sys.master_files.</summary>
public sealed record OwnedFile(string Database, string PhysicalName, long SizeBytes);

/// <summary>A volume as sys.dm_os_volume_stats describes it.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Id">What tells it apart on its computer.</param>
/// <param name="AvailableBytes">Room left.</param>
public sealed record Volume(string MountPoint, string Id, long AvailableBytes);

/// <summary>A certificate or asymmetric key of master.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Thumbprint">0x and hexadecimal digits.</param>
/// <param name="HasPrivateKey">Whether the server can decrypt with it.</param>
public sealed record ServerKey(string Name, string Thumbprint, bool HasPrivateKey);

/// <summary>A session in a database.</summary>
public sealed record DatabaseSession(string Database, string Login, string Host, string Program);

/// <summary>What a server finds at a path.</summary>
public sealed record PathState(bool Exists, bool ParentExists);
