using System;
using System.Collections.Generic;
using BizTalkDR.Configuration;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

/// <summary>Which Management database a tool is sent to: the one that is read.</summary>
public sealed class ManagementSourceTests : IDisposable
{
    private const string Key = @"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration";
    private readonly PartSetting _setting = new();

    public void Dispose() => _setting.Dispose();

    [Theory]
    [InlineData("OLDSQL", null, null, "OLDSQL")]
    [InlineData("OLDSQL", "NEWSQL", null, "NEWSQL")]
    [InlineData("OLDSQL", "tcp:10.0.0.5,1433", "NEWSQL", "NEWSQL")]
    [InlineData(null, "NEWSQL", "NEWSQL", "NEWSQL")]
    public void Tools_go_where_the_operator_says_before_where_the_registry_does(string? registry, string? given, string? knownAs, string expected)
    {
        IComputer computer = _setting.Context.Computer;
        if (registry is not null)
            computer.Registry.Set(Key, new RegistryValue("MgmtDBServer", RegistryValueType.String, registry));
        computer.Registry.Set(Key, new RegistryValue("MgmtDBName", RegistryValueType.String, "BizTalkMgmtDb"));
        SqlInstanceAddress? address = given is null ? null : new SqlInstanceAddress(given);
        Dictionary<string, SqlInstanceAddress> known = new() { ["OTHERSQL"] = new SqlInstanceAddress("OTHERSQL") };
        if (knownAs is not null)
            known[knownAs] = address!;
        Assert.Equal(new DatabaseAddress(expected, "BizTalkMgmtDb"), ManagementSource.Names(computer, new PartOptions { ManagementInstance = address, Instances = known }));
    }
}
