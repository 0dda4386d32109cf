using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Applications;

public sealed class ApplicationOrderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("A", "A")]
    [InlineData("A>C B C", "C A B")]
    [InlineData("A>B B>C C", "C B A")]
    [InlineData("A>B,C B>D C>D D", "D B C A")]
    [InlineData("A>X B>a", "A B")]
    [InlineData("b A", "A b")]
    public void What_is_referenced_comes_first(string applications, string expected) => Assert.Equal(expected, string.Join(' ', Sort(applications)));

    [Theory]
    [InlineData("A>A", "A -> A")]
    [InlineData("A>B B>C C>A", "A -> B -> C -> A")]
    [InlineData("Z>A A>B B>A", "A -> B -> A")]
    public void A_circle_has_a_name(string applications, string expected)
    {
        RecoveryException circle = Assert.Throws<RecoveryException>(() => Sort(applications));
        Assert.Equal(RecoveryError.ApplicationReferencesInvalid, circle.Code);
        Assert.Contains(expected + ".", circle.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Sort(string text)
    {
        Dictionary<string, string[]> all = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('>')).ToDictionary(a => a[0], a => a.Length > 1 ? a[1].Split(',') : []);
        return ApplicationOrder.Sort(all.Keys, n => n, n => all[n]);
    }
}
