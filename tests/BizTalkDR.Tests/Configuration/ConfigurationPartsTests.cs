using System;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

public sealed class ConfigurationPartsTests
{
    [Fact]
    public void Every_part_is_given_when_none_is_asked_for_and_of_those_that_are_asked_for_each_once()
    {
        Assert.Equal(ConfigurationParts.All, ConfigurationParts.Of([]));
        Assert.Equal([ConfigurationPart.MasterSecret, ConfigurationPart.BamPortal], ConfigurationParts.Of([ConfigurationPart.BamPortal, ConfigurationPart.MasterSecret, ConfigurationPart.BamPortal]).Select(p => p.Part));
    }

    [Theory]
    [InlineData(ConfigurationPart.SqlObject)]
    public void A_part_that_this_version_does_not_keep_is_refused_by_name(ConfigurationPart part)
    {
        RecoveryException refused = Assert.Throws<RecoveryException>(() => ConfigurationParts.Of([ConfigurationPart.MasterSecret, part]));
        Assert.Equal((RecoveryError.PartNotKept, part.ToString(), "Choose among Machine, Configuration, MasterSecret, Application, Certificate, BamPortal with -Part."), (refused.Code, refused.Target, refused.Hint));
        Assert.Contains(part.ToString(), refused.Message, StringComparison.Ordinal);
    }
}
