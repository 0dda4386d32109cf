using System;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

/// <summary>"Naming and referencing containers, blobs, and metadata"; IP-style URLs of the emulator.</summary>
public sealed class BlobUrlTests
{
    [Theory]
    [InlineData("https://a.blob.core.windows.net/c", "https://a.blob.core.windows.net/c", "")]
    [InlineData("HTTPS://a.blob.core.windows.net/c/", "https://a.blob.core.windows.net/c", "")]
    [InlineData("https://a.blob.core.windows.net/c/p/q r/ö'x.bak", "https://a.blob.core.windows.net/c", "p/q r/ö'x.bak")]
    [InlineData("https://a.blob.core.windows.net/c/a#b%25.bak", "https://a.blob.core.windows.net/c", "a#b%25.bak")]
    [InlineData("https://a.blob.core.windows.net/$root/x.bak", "https://a.blob.core.windows.net/$root", "x.bak")]
    [InlineData("http://127.0.0.1:10000/account/c/p/x.bak", "http://127.0.0.1:10000/account/c", "p/x.bak")]
    [InlineData("http://localhost:1/account/c", "http://localhost:1/account/c", "")]
    [InlineData("https://10.0.0.7/account/c/x", "https://10.0.0.7/account/c", "x")]
    [InlineData("https://[::1]:7/account/c/x", "https://[::1]:7/account/c", "x")]
    public void A_url_has_a_container_and_a_name(string url, string container, string name)
    {
        Assert.True(BlobUrl.Is(url));
        Assert.Equal(new BlobUrl(container, name), BlobUrl.Parse(url));
        Assert.Equal(container, BlobUrl.ContainerOf(url));
    }

    [Theory]
    [InlineData("https://a.blob.core.windows.net")]
    [InlineData("https://a.blob.core.windows.net/")]
    [InlineData("https://a.blob.core.windows.net//x")]
    [InlineData("http://127.0.0.1:10000/account")]
    [InlineData("http://127.0.0.1:10000//c/x")]
    [InlineData("http://a.blob.core.windows.net/c")]
    [InlineData("https:///c/x")]
    [InlineData("https://user:hidden@a.blob.core.windows.net/c")]
    [InlineData("https://a.blob.core.windows.net/c?sv=1&sig=hidden")]
    public void What_is_none_is_refused_without_its_secrets(string url)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => BlobUrl.Parse(url));
        Assert.Equal(RecoveryError.BackupPathInvalid, error.Code);
        Assert.DoesNotContain("hidden", $"{error} {error.Target} {error.Hint}", StringComparison.Ordinal);
        Assert.Equal(url, BlobUrl.ContainerOf(url));
    }

    [Theory]
    [InlineData(@"\\nas\share")]
    [InlineData("/srv/https://x")]
    [InlineData("ftp://a/c")]
    public void Other_paths_are_none(string path) => Assert.False(BlobUrl.Is(path));
}
