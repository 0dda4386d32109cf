using System;
using System.Linq;
using BizTalkDR.Configuration;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

public sealed class ConfigurationPartsTests
{
    [Fact]
    public void Every_part_that_can_be_asked_for_is_kept_by_one_class() =>
        Assert.Equal(Enum.GetValues<ConfigurationPart>(), ConfigurationParts.All.Select(p => p.Part).Order());

    [Fact]
    public void All_parts_are_meant_when_none_is_named()
    {
        Assert.Equal(ConfigurationParts.All, ConfigurationParts.Of([]));
        Assert.Equal([ConfigurationPart.Machine], ConfigurationParts.Of([ConfigurationPart.Machine, ConfigurationPart.Machine]).Select(p => p.Part));
    }
}
