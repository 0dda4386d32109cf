using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Errors;

public sealed class ErrorCatalogueTests
{
    public static TheoryData<RecoveryError> Codes => [.. Enum.GetValues<RecoveryError>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_error_has_a_category_and_a_next_step(RecoveryError code)
    {
        Assert.NotEqual(RecoveryErrorCategory.NotSpecified, ErrorCatalogue.CategoryOf(code));
        Assert.EndsWith(".", ErrorCatalogue.HintOf(code), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_error_has_its_page_with_cause_state_and_remedy(RecoveryError code)
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "errors.md"));
        string heading = "\n## " + code + "\n";
        int at = page.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(at >= 0, $"docs/errors.md lacks the heading {code}");
        int end = page.IndexOf("\n## ", at + heading.Length, StringComparison.Ordinal);
        string section = end < 0 ? page[at..] : page[at..end];
        Assert.Contains("**Cause.**", section, StringComparison.Ordinal);
        Assert.Contains("**State.**", section, StringComparison.Ordinal);
        Assert.Contains("**Remedy.**", section, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_no_heading_that_is_no_error()
    {
        IEnumerable<string> headings = File.ReadAllLines(Path.Combine(RepositoryRoot(), "docs", "errors.md")).Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);
        Assert.All(headings, h => Assert.True(Enum.TryParse<RecoveryError>(h, out _), h));
    }

    [Theory]
    [InlineData(18456, RecoveryError.LoginFailed)]
    [InlineData(-2, RecoveryError.OperationTimedOut)]
    [InlineData(53, RecoveryError.InstanceUnreachable)]
    [InlineData(258, RecoveryError.InstanceUnreachable)]
    [InlineData(10054, RecoveryError.ConnectionLost)]
    [InlineData(229, RecoveryError.PermissionDenied)]
    [InlineData(262, RecoveryError.PermissionDenied)]
    [InlineData(3101, RecoveryError.DatabaseInUse)]
    [InlineData(3154, RecoveryError.DatabaseExists)]
    [InlineData(3201, RecoveryError.BackupMediaUnreadable)]
    [InlineData(3241, RecoveryError.BackupMediaUnreadable)]
    [InlineData(3202, RecoveryError.BackupMediaNotWritable)]
    [InlineData(4305, RecoveryError.LogChainBroken)]
    [InlineData(4330, RecoveryError.ForkMismatch)]
    [InlineData(4335, RecoveryError.PastTheMark)]
    [InlineData(4338, RecoveryError.PastTheMark)]
    [InlineData(4343, RecoveryError.PastTheMark)]
    [InlineData(4214, RecoveryError.FullBackupMissing)]
    [InlineData(2812, RecoveryError.BackupProceduresMissing)]
    [InlineData(7411, RecoveryError.LinkedServerFailed)]
    [InlineData(33111, RecoveryError.EncryptionKeyMissing)]
    public void Translates_the_servers_numbers(int number, RecoveryError code) => Assert.Equal(code, SqlErrorMap.From(number));

    [Theory]
    [InlineData(3013)]
    [InlineData(3119)]
    [InlineData(4326)]
    [InlineData(4329)]
    [InlineData(50000)]
    public void Does_not_translate_numbers_that_say_nothing_by_themselves(int number) => Assert.Null(SqlErrorMap.From(number));

    [Fact]
    public void An_exception_takes_the_catalogues_hint_unless_it_has_a_better_one()
    {
        Assert.Equal(ErrorCatalogue.HintOf(RecoveryError.FolderEmpty), new RecoveryException(RecoveryError.FolderEmpty, "x", "m").Hint);
        Assert.Equal("do this", new RecoveryException(RecoveryError.FolderEmpty, "x", "m", "do this").Hint);
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Directory.Build.props")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository's root was not found.");
    }
}
