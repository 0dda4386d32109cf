using System;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security;

namespace BizTalkDR.SqlServer;

/// <summary>A shared access signature: shown to nobody but the service it is for.</summary>
internal sealed class SharedAccess
{
    private readonly SecureString? _token;

    public SharedAccess(SecureString? token)
    {
        _token = token?.Copy();
        _token?.MakeReadOnly();
    }

    /// <summary>Adds the signature to the query of a request.</summary>
    public string AddTo(string url)
    {
        string token = Text();
        return token.Length == 0 ? url : url + (url.IndexOf('?') < 0 ? "?" : "&") + token;
    }

    /// <summary>When it ends (<c>se</c>); null when it does not say.</summary>
    /// <remarks>"Create a service SAS": signedExpiry is UTC in a form of ISO 8601.</remarks>
    public DateTime? ExpiresUtc() => Text().Split('&').Where(p => p.StartsWith("se=", StringComparison.Ordinal)).Select(p => Uri.UnescapeDataString(p.Substring(3)))
        .Select(t => DateTime.TryParse(t, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime time) ? time : (DateTime?)null).FirstOrDefault();

    public bool IsGiven => _token is { Length: > 0 };

    /// <summary>Without the question mark that portals put before it.</summary>
    private string Text()
    {
        if (_token is null)
        {
            return string.Empty;
        }

        IntPtr copy = Marshal.SecureStringToGlobalAllocUnicode(_token);
        try
        {
            return (Marshal.PtrToStringUni(copy) ?? string.Empty).Trim().TrimStart('?', '&');
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
