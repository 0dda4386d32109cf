using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using Xunit;

namespace BizTalkDR.Tests.Files;

public sealed class BackupFileFinderTests : IDisposable
{
    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("*.bak", "a.bak", true)]
    [InlineData("*.bak", "A.BAK", true)]
    [InlineData("*.bak", "a.bak.old", false)]
    [InlineData("*_Log_*.bak", "SQL_Db_Log_BTS_1.bak", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("*", "", true)]
    [InlineData("", "a", false)]
    [InlineData("**a**", "bab", true)]
    [InlineData("*aaaa*aaaa*aaaa*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void A_name_fits_a_pattern_as_operators_mean_it(string pattern, string name, bool fits) => Assert.Equal(fits, new NamePattern(pattern).Fits(name));

    [Fact]
    public void Takes_backups_from_a_folder_by_name_in_the_order_of_their_names()
    {
        foreach (string name in new[] { "b.bak", "C.trn", "a.dif", "changes.diff", "notes.txt", "SHA256SUMS", "below/e.bak" })
        {
            _scratch.Write(name, "x");
        }

        Assert.Equal(["a.dif", "b.bak", "C.trn"], Names(Find()));
        Assert.Equal(["notes.txt"], Names(Find(names: ["*.TXT"])));
    }

    [Fact]
    public void Looks_into_folders_of_folders_when_asked_each_folders_own_files_first()
    {
        foreach (string name in new[] { "z.bak", "a/2.bak", "a/b/3.bak", "a/1.bak", "c/4.bak" })
        {
            _scratch.Write(name, "x");
        }

        Assert.Equal(["z.bak", "1.bak", "2.bak", "3.bak", "4.bak"], Names(Find(recurse: true)));
    }

    [Fact]
    public void Takes_every_file_once_however_often_it_is_named()
    {
        string path = _scratch.Write("a.bak", "x");

        FoundFiles found = BackupFileFinder.Find(new FileSelection([path, _scratch.Folder, path, _scratch.Folder]));

        Assert.Equal([path], found.Files);
        Assert.Empty(found.Problems);
    }

    [Fact]
    public void Takes_a_file_that_was_named_itself_whatever_it_is_called_and_even_if_it_is_not_there()
    {
        string[] paths = [_scratch.Write("backup.old", "x"), _scratch.PathOf("nothing.bak")];

        Assert.Equal(paths, BackupFileFinder.Find(new FileSelection(paths)).Files);
    }

    [Theory]
    [InlineData(false, "-Recurse")]
    [InlineData(true, "-Include")]
    public void Says_that_a_folder_holds_no_backup_and_what_to_do(bool recurse, string next)
    {
        _scratch.Write("notes.txt", "x");

        RecoveryException problem = Assert.Single(Find(recurse: recurse).Problems);

        Assert.Equal(RecoveryError.NoBackupsFound, problem.Code);
        Assert.Equal(_scratch.Folder, problem.Target);
        Assert.Contains(next, problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_run_in_circles_of_links_and_names_each_link_to_a_folder()
    {
        string inner = Path.GetDirectoryName(_scratch.Write("a/b/1.bak", "x"))!;
        string link = Path.Combine(inner, "round");
        Directory.CreateSymbolicLink(link, _scratch.Folder);

        FoundFiles found = Find(recurse: true);

        Assert.Equal(["1.bak"], Names(found));
        Assert.Contains(link, Assert.Single(found.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Enters_a_link_to_a_folder_that_was_named_itself()
    {
        _scratch.Write("real/1.bak", "x");
        string link = _scratch.PathOf("link");
        Directory.CreateSymbolicLink(link, _scratch.PathOf("real"));

        Assert.Equal(["1.bak"], Names(BackupFileFinder.Find(new FileSelection([link]))));
    }

    [Fact]
    public void A_folder_that_may_not_be_read_is_a_problem_and_the_others_go_on()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _scratch.Write("closed/1.bak", "x");
        _scratch.Write("open/2.bak", "x");
        using var other = new OtherUser(_scratch.Folder);
        File.SetUnixFileMode(_scratch.PathOf("closed"), UnixFileMode.None);

        FoundFiles found = other.Run(() => Find(recurse: true));

        Assert.Equal(["2.bak"], Names(found));
        RecoveryException problem = Assert.Single(found.Problems);
        Assert.Equal(RecoveryError.BackupFileAccessDenied, problem.Code);
        Assert.Equal(_scratch.PathOf("closed"), problem.Target);
    }

    [Fact]
    public void Stops_on_demand() =>
        Assert.ThrowsAny<OperationCanceledException>(() => BackupFileFinder.Find(new FileSelection([_scratch.Folder]), new System.Threading.CancellationToken(canceled: true)));

    private static IEnumerable<string> Names(FoundFiles found) => found.Files.Select(f => Path.GetFileName(f));

    private FoundFiles Find(bool recurse = false, params string[] names) =>
        BackupFileFinder.Find(new FileSelection([_scratch.Folder]) { Recurse = recurse, Names = names });
}
