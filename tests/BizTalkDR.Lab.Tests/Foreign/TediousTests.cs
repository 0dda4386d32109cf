using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace BizTalkDR.Lab.Tests.Foreign;

/// <summary>What tedious and mssql ask of a server besides plain batches.</summary>
public sealed class TediousTests(ForeignLab lab) : IClassFixture<ForeignLab>
{
    [TediousFact]
    public async Task Parameters_of_every_type_come_back_as_they_were_sent() => await ExpectAsync(
        "parameters", """[-7,"9007199254740993","äß€",9000,12.34,1.5,"2026-11-21T10:11:12.345Z","2026-11-21T10:11:12.000Z","6F9619FF-8B86-D011-B42D-00C04FC964FF","0102ff",null,1.25]""");

    [TediousFact]
    public async Task A_statement_is_prepared_executed_twice_and_forgotten() => await ExpectAsync("prepared", """{"results":[2,42],"unknownHandle":8179}""");

    [TediousFact]
    public async Task A_procedure_gives_rows_an_output_parameter_and_its_status() => await ExpectAsync("procedure", """{"rows":[[42]],"out":"got 21","status":5,"missing":2812}""");

    [TediousFact]
    public async Task Transactions_of_the_protocol_save_roll_back_and_commit() => await ExpectAsync("transactions", "[[2,1],[1,1],[1,0],[1,0]]");

    [TediousFact]
    public async Task A_running_statement_is_cancelled_and_the_connection_goes_on() => await ExpectAsync("cancel", """{"code":"ECANCEL","after":[[1]]}""");

    [TediousFact]
    public async Task A_reset_connection_is_as_new() => await ExpectAsync("reset", "[7,null]");

    [TediousFact]
    public async Task Bulk_load_is_refused_and_the_connection_goes_on() => await ExpectAsync("bulk", """{"error":40510,"after":[[0]]}""");

    [TediousFact]
    public async Task A_pool_works_in_parallel_and_a_rolled_back_temp_table_is_gone() => await ExpectAsync("pool", """{"sum":380,"gone":null,"failed":208}""");

    [TediousFact]
    public async Task Every_version_of_the_protocol_reads_the_same_row()
    {
        JsonElement seen = await RunAsync("versions");
        Assert.Equal(10, seen.EnumerateObject().Count());
        foreach (JsonProperty version in seen.EnumerateObject())
            Assert.True(version.Value.GetString() == "1|äß€|2026-11-21|long|", $"{version.Name}: {version.Value}");
    }

    private async Task ExpectAsync(string feature, string expected)
    {
        JsonElement seen = await RunAsync(feature);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, seen), seen.GetRawText());
        Assert.Empty(lab.Faults);
    }

    private async Task<JsonElement> RunAsync(string feature)
    {
        string output = await ForeignClients.NodeAsync("features.js", new { lab.Port, lab.Password, Features = new[] { feature } });
        return JsonDocument.Parse(output).RootElement.GetProperty(feature);
    }
}
