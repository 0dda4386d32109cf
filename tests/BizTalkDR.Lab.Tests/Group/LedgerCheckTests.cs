using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Group;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>The ledger of these tests: 1 acknowledged before the mark, 2 acknowledged during it, 3 unknown, 4 refused, 5 sent after it, 6 sent before and acknowledged after.</summary>
public sealed class LedgerCheckTests
{
    private const string Mark = "BTS_2024_05_06_14_15_01_327";

    [Theory]
    [InlineData("nothing undecided arrived", "1", "1", true)]
    [InlineData("all undecided arrived", "1 2 3 6", "1 2 3 6", true)]
    [InlineData("the one in between arrived", "1 2", "1 2", true)]
    [InlineData("a row is lost in one member", "1", "", false)]
    [InlineData("a row is lost in both members", "", "", false)]
    [InlineData("a row nobody sent", "1 99", "1", false)]
    [InlineData("half of the one in between", "1 2", "1", false)]
    [InlineData("half of the unknown one", "1", "1 3", false)]
    [InlineData("the refused one is there", "1 4", "1 4", false)]
    [InlineData("one sent after the mark is there", "1 5", "1 5", false)]
    [InlineData("one row lost, another added: counts agree", "2", "1", false)]
    public void Judges_by_sets_of_identifiers(string situation, string first, string second, bool ok)
    {
        LedgerReport report = LedgerCheck.AtMark(Entries(), Mark, Found(first, second));
        Assert.True(ok == report.Ok, situation);
    }

    [Fact]
    public void Names_the_lost_row_the_extra_row_and_the_half_transaction()
    {
        LedgerReport report = LedgerCheck.AtMark(Entries(), Mark, Found("1 2 77", "2"));
        Assert.Equal([1L], report.Halves);
        MemberComparison a = report.Members.Single(member => member.Member == "S1/A");
        MemberComparison b = report.Members.Single(member => member.Member == "S2/B");
        Assert.Equal([77L], a.Unexpected);
        Assert.Empty(a.Missing);
        Assert.Equal([1L], b.Missing);
        Assert.Equal((2, 3), (a.RowsExpected, a.RowsFound));
        Assert.Equal((2, 1), (b.RowsExpected, b.RowsFound));
        Assert.Equal(3, report.Undecided);
    }

    [Fact]
    public void Sees_a_row_in_a_member_the_transaction_never_wrote()
    {
        Dictionary<string, IReadOnlySet<long>> found = Found("1", "1");
        found["S2/C"] = new HashSet<long> { 1 };
        LedgerReport report = LedgerCheck.AtMark(Entries(), Mark, found);
        Assert.False(report.Ok);
        Assert.Equal([1L], report.Members.Single(member => member.Member == "S2/C").Unexpected);
    }

    [Fact]
    public void Expects_all_that_was_acknowledged_in_a_group_that_was_never_taken_back()
    {
        Assert.True(LedgerCheck.AtEnd(Entries(), Found("1 2 5 6", "1 2 5 6")).Ok);
        Assert.False(LedgerCheck.AtEnd(Entries(), Found("1 2 6", "1 2 6")).Ok);
    }

    [Fact]
    public void Refuses_a_mark_the_ledger_does_not_know() =>
        Assert.Throws<ArgumentException>(() => LedgerCheck.AtMark(Entries(), "BTS_1999", Found("1", "1")));

    [Fact]
    public void Refuses_to_judge_when_a_member_was_not_read() =>
        Assert.Throws<ArgumentException>(() => LedgerCheck.AtMark(Entries(), Mark, new Dictionary<string, IReadOnlySet<long>> { ["S1/A"] = new HashSet<long> { 1 } }));

    [Fact]
    public void Reads_back_what_was_written_and_leaves_out_a_torn_last_line()
    {
        string folder = Directory.CreateTempSubdirectory("ledger").FullName;
        try
        {
            string path = Path.Combine(folder, "ledger.jsonl");
            using (Ledger ledger = new(path, TimeProvider.System))
            {
                ledger.Sent(1, ["S1/A", "S2/B"]);
                ledger.Acknowledged(1);
                ledger.MarkReturned(ledger.MarkBegins(), Mark);
                ledger.Sent(2, ["S1/A"]);
                ledger.Failed(2, "refused\nwith a second line");
            }

            File.AppendAllText(path, "{\"event\":\"Se");
            IReadOnlyList<LedgerEntry> entries = Ledger.Read(path);
            Assert.Equal(
                [LedgerEvent.Sent, LedgerEvent.Acknowledged, LedgerEvent.MarkBegan, LedgerEvent.MarkReturned, LedgerEvent.Sent, LedgerEvent.Failed],
                entries.Select(entry => entry.Event));
            Assert.Equal(["S1/A", "S2/B"], entries[0].Members);
            Assert.Equal(Mark, entries[3].Mark);
            Assert.Throws<IOException>(() => new Ledger(path, TimeProvider.System));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, IReadOnlySet<long>> Found(string first, string second) => new()
    {
        ["S1/A"] = Set(first),
        ["S2/B"] = Set(second),
    };

    private static HashSet<long> Set(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToHashSet();

    private static List<LedgerEntry> Entries() =>
    [
        Sent(1), Of(LedgerEvent.Acknowledged, 1),
        Sent(4), Of(LedgerEvent.Failed, 4),
        Sent(3), Sent(6),
        Of(LedgerEvent.MarkBegan, 1),
        Sent(2), Of(LedgerEvent.Acknowledged, 2),
        Of(LedgerEvent.MarkReturned, 1) with { Mark = Mark },
        Of(LedgerEvent.Acknowledged, 6),
        Sent(5), Of(LedgerEvent.Acknowledged, 5),
    ];

    private static LedgerEntry Sent(long id) => Of(LedgerEvent.Sent, id) with { Members = ["S1/A", "S2/B"] };

    private static LedgerEntry Of(LedgerEvent what, long id) => new() { Event = what, At = DateTimeOffset.UnixEpoch, Id = id };
}
