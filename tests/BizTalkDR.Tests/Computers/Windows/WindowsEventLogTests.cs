using System;
using System.Linq;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>Events in the form of Microsoft's event schema, as wevtutil writes them.</summary>
public sealed class WindowsEventLogTests
{
    private const string Events = """
        <Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='ENTSSO'/><EventID Qualifiers='16384'>10559</EventID><Level>4</Level><TimeCreated SystemTime='2026-03-01T10:00:00.1234567Z'/><EventRecordID>7</EventRecordID><Channel>Application</Channel><Computer>BTS1.lab</Computer></System><EventData><Data>D:\escrow\one.bak</Data></EventData><RenderingInfo Culture='en-US'><Message>The master secrets were backed up. File: D:\escrow\one.bak</Message><Level>Information</Level></RenderingInfo></Event><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='ENTSSO'/><EventID>10525</EventID><TimeCreated SystemTime='2026-03-02T10:00:00.000Z'/></System><EventData><Data>{0F8B3D62-0001-0002-0003-000000000001}</Data><Data>none</Data></EventData></Event></Events>
        """;

    [Fact]
    public void Reads_id_time_and_message_and_the_strings_where_no_message_is_left()
    {
        Assert.Equal(
            [
                new LoggedEvent("ENTSSO", 10559, new DateTime(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc).AddTicks(1234567), @"The master secrets were backed up. File: D:\escrow\one.bak"),
                new LoggedEvent("ENTSSO", 10525, new DateTime(2026, 3, 2, 10, 0, 0, DateTimeKind.Utc), "{0F8B3D62-0001-0002-0003-000000000001}, none"),
            ],
            EventText.Read(Events));
        Assert.Empty(EventText.Read("<Events></Events>\r\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<Events><Event")]
    [InlineData("<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='ENTSSO'/></System></Event></Events>")]
    public void Names_what_is_not_in_this_form(string output) =>
        Assert.Equal(RecoveryError.ToolFailed, Assert.Throws<RecoveryException>(() => EventText.Read(output)).Code);

    [ShellFact]
    public void Asks_for_source_and_ids_and_gives_the_newest_first()
    {
        using ComputerFolder folder = new();
        folder.Write("events.xml", Events);
        folder.Install("wevtutil", "printf '%s\\n' \"$@\" > \"$BIZTALKDR_COMPUTER/log\"; [ \"$7\" ] || exit 87; cat \"$BIZTALKDR_COMPUTER/events.xml\"");
        using IComputer computer = folder.Open();
        Assert.Equal([10525, 10559], new WindowsEventLog(computer.Tools).Read("ENTSSO", [10559, 10525], 5).Select(e => e.Id));
        Assert.Equal("qe|Application|/q:*[System[Provider[@Name='ENTSSO'] and (EventID=10559 or EventID=10525)]]|/c:5|/rd:true|/f:RenderedXml|/e:Events", folder.Read("log").Trim().Replace('\n', '|'));
        new WindowsEventLog(computer.Tools).Read("ENTSSO", []);
        Assert.Contains("/q:*[System[Provider[@Name='ENTSSO']]]", folder.Read("log"), StringComparison.Ordinal);
        folder.Install("wevtutil", "echo 'Access is denied.' >&2; exit 5");
        RecoveryException refused = Assert.Throws<RecoveryException>(() => new WindowsEventLog(computer.Tools).Read("ENTSSO", []));
        Assert.Equal(RecoveryError.ToolFailed, refused.Code);
        Assert.Contains("Access is denied.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Puts_no_quotation_mark_into_a_query() => Assert.Throws<ArgumentException>(() => EventCommands.Query("A' or '1", [], 1));
}
