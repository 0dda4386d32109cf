using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>The stores that BizTalk Server looks in.</summary>
/// <remarks>https://learn.microsoft.com/biztalk/core/certificate-stores-that-biztalk-server-uses.</remarks>
internal static class CertificatePlaces
{
    public const string LocalMachine = "LocalMachine";

    public const string CurrentUser = "CurrentUser";

    public const string Personal = "My";

    /// <summary>Other People.</summary>
    public const string OtherPeople = "AddressBook";

    private static readonly (string Location, string Store)[] s_all = [(CurrentUser, Personal), (LocalMachine, OtherPeople), (LocalMachine, Personal)];

    /// <summary>Everything in these stores.</summary>
    public static IReadOnlyList<StoredCertificate> List(ICertificateStores stores) => s_all.SelectMany(p => stores.List(p.Location, p.Store)).ToList();

    /// <summary>Whether BizTalk Server finds a certificate for this purpose in this store.</summary>
    public static bool Serves(CertificatePurpose purpose, string location, string store) => purpose switch
    {
        CertificatePurpose.Signing or CertificatePurpose.Decryption => Is(location, CurrentUser) && Is(store, Personal),
        CertificatePurpose.Encryption or CertificatePurpose.SignatureCheck => Is(location, LocalMachine) && Is(store, OtherPeople),
        _ => true,
    };

    /// <summary>Name of the store for people.</summary>
    public static string NameFor(CertificatePurpose purpose) => purpose switch
    {
        CertificatePurpose.Signing or CertificatePurpose.Decryption => @"Current User\Personal of the host instance's account",
        CertificatePurpose.Encryption or CertificatePurpose.SignatureCheck => @"Local Machine\Other People (AddressBook)",
        _ => "any store that BizTalk Server looks in",
    };

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
