using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>What a computer says of Enterprise SSO and its master secret.</summary>
/// <param name="Computer">NetBIOS name.</param>
/// <param name="Info">What SSO says of itself; null when it does not answer.</param>
/// <param name="Silence">Why it does not answer; null when it does.</param>
/// <param name="SecretIds">Ids of the master secrets in the registry: on the master secret server the current one and the one before it.</param>
/// <param name="Events">Events of source ENTSSO, newest first.</param>
/// <param name="IsClusterNode">Whether the cluster service is installed.</param>
/// <remarks>https://learn.microsoft.com/biztalk/core/technical-reference/enterprise-single-sign-on-events: the secrets lie in the registry of the secret server, a key for each id.</remarks>
public sealed record MasterSecretFacts(string Computer, SingleSignOnInfo? Info, RecoveryException? Silence, SecretIds SecretIds, IReadOnlyList<LoggedEvent> Events, bool IsClusterNode)
{
    /// <summary>Source of the events.</summary>
    public const string Source = "ENTSSO";

    private const string SecretsKey = @"SOFTWARE\Microsoft\ENTSSO\SSOSS";

    /// <summary>Looks at a computer; changes nothing.</summary>
    public static MasterSecretFacts Read(IComputer computer)
    {
        SingleSignOnInfo? info = null;
        RecoveryException? silence = null;
        try
        {
            info = computer.SingleSignOn.ReadInfo();
        }
        catch (RecoveryException error) when (error.Code != RecoveryError.OperationCancelled)
        {
            silence = error;
        }

        return new MasterSecretFacts(
            computer.Name, info, silence, SecretIds.Of(computer.Registry.SubKeys(SecretsKey)), computer.Events.Read(Source, []), computer.Services.Find("ClusSvc") is not null);
    }
}

/// <summary>A set of ids of master secrets.</summary>
public sealed class SecretIds : IEquatable<SecretIds>
{
    private static readonly Regex s_guid = new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly SortedSet<Guid> _ids;

    private SecretIds(IEnumerable<Guid> ids) => _ids = new SortedSet<Guid>(ids);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _ids.Count == 0;

    /// <summary>Takes names that are ids; others are left out.</summary>
    public static SecretIds Of(IEnumerable<string> names) => new(names.Select(n => Guid.TryParse(n, out Guid id) ? id : Guid.Empty).Where(i => i != Guid.Empty));

    /// <summary>Finds the ids in a text, such as an event's. The empty id stands for none.</summary>
    public static SecretIds In(string text) => Of(s_guid.Matches(text).Cast<Match>().Select(m => m.Value));

    /// <summary>Whether each of these is among others.</summary>
    public bool AreAmong(SecretIds others) => _ids.IsSubsetOf(others._ids);

    /// <inheritdoc/>
    public bool Equals(SecretIds? other) => other is not null && _ids.SetEquals(other._ids);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecretIds);

    /// <inheritdoc/>
    public override int GetHashCode() => _ids.Count == 0 ? 0 : _ids.Min.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => _ids.Count == 0 ? "none" : string.Join(", ", _ids);
}
