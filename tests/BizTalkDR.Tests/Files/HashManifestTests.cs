using System;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using Xunit;

namespace BizTalkDR.Tests.Files;

public sealed class HashManifestTests : IDisposable
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(A + "  x.bak", "x.bak")]
    [InlineData(A + " *x.bak", "x.bak")]
    [InlineData(A + "  ./x.bak", "x.bak")]
    [InlineData("# made last night\n\n" + A + "  x.bak\r\n", "x.bak")]
    [InlineData(A + "  with blanks in it.bak", "with blanks in it.bak")]
    [InlineData(A + @"  folder\x.bak", "folder/x.bak")]
    [InlineData("SHA256 (x.bak) = " + A, "x.bak")]
    [InlineData("SHA256 (a (2).bak) = " + A, "a (2).bak")]
    [InlineData("\"Algorithm\",\"Hash\",\"Path\"\n\"SHA256\",\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"x.bak\"", "x.bak")]
    [InlineData("#TYPE Microsoft.PowerShell.Commands.FileHashInfo\n\"Algorithm\";\"Hash\";\"Path\"\n\"SHA256\";\"" + A + "\";\"a\"\"b.bak\"", "a\"b.bak")]
    public void Reads_the_usual_lists(string text, string name)
    {
        ManifestEntry entry = Assert.Single(Read(text).Entries);

        Assert.Equal((_scratch.PathOf(name), A), (entry.FullName, entry.Sha256));
    }

    [Fact]
    public void Reads_what_Windows_PowerShell_redirects()
    {
        string path = _scratch.PathOf("list.txt");
        File.WriteAllText(path, A + "  x.bak\r\n", Encoding.Unicode);

        Assert.Single(HashManifest.Read(path).Entries);
    }

    [Fact]
    public void Finds_a_file_by_its_path_and_else_by_a_name_that_is_there_once()
    {
        HashManifest manifest = Read($"{A}  x.bak\n{B}  /elsewhere/y.bak\n{A}  /elsewhere/1/z.bak\n{B}  /elsewhere/2/z.bak\n");

        Assert.Equal(A, manifest.EntryOf(_scratch.PathOf("x.bak"))!.Sha256);
        Assert.Equal(B, manifest.EntryOf(_scratch.PathOf("deep/y.bak"))!.Sha256);
        Assert.Null(manifest.EntryOf(_scratch.PathOf("z.bak")));
        Assert.Null(manifest.EntryOf(_scratch.PathOf("other.bak")));
    }

    [Fact]
    public void Does_not_take_the_hash_of_another_file_of_the_same_name_that_is_there()
    {
        _scratch.Write("1/x.bak", "x");

        Assert.Null(Read($"{A}  1/x.bak\n").EntryOf(_scratch.PathOf("2/x.bak")));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("# only a comment\n", "names no file")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e  x.bak\n", "line 1")]
    [InlineData(A + "  x.bak\nsomething else\n", "line 2")]
    [InlineData(A + "  x.bak\n\n" + B + "  ./x.bak\n", "lines 1 and 3")]
    [InlineData("\"Algorithm\",\"Hash\",\"Path\"\n\"MD5\",\"d41d8cd98f00b204e9800998ecf8427e\",\"x.bak\"", "line 2")]
    public void Refuses_what_is_no_list_and_says_where(string text, string where)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => Read(text));

        Assert.Equal(RecoveryError.ManifestInvalid, error.Code);
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_list_that_cannot_be_opened()
    {
        foreach (string path in new[] { _scratch.PathOf("gone.txt"), _scratch.Folder, _scratch.PathOf(new string('x', 4000)), "a\0b" })
        {
            Assert.Equal(RecoveryError.ManifestInvalid, Assert.Throws<RecoveryException>(() => HashManifest.Read(path)).Code);
        }
    }

    [Fact]
    public void Refuses_a_pipe_without_waiting_for_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        FileScratch.Run("mkfifo", _scratch.PathOf("pipe"));

        Assert.Throws<RecoveryException>(() => HashManifest.Read(_scratch.PathOf("pipe")));
    }

    private HashManifest Read(string text) => HashManifest.Read(_scratch.Write("SHA256SUMS", text));
}
