using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tests.Foreign;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Lab.Tests.Conformance;

/// <summary>Says every row of the table to two linked instances, through tedious over TLS; each area has its own instances.</summary>
public sealed class ConformanceRun : IAsyncLifetime
{
    private readonly Dictionary<string, IReadOnlyList<ClientEvent>> _answers = [];

    internal IReadOnlyList<ClientEvent> Answer(ConformanceRow row) => _answers[row.Id];

    public async Task InitializeAsync()
    {
        if (ForeignClients.WhyNoTedious is not null)
            return;
        foreach (IGrouping<string, ConformanceRow> area in ConformanceRow.All.GroupBy(row => row.Area))
            await RunAsync([.. area]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private async Task RunAsync(IReadOnlyList<ConformanceRow> rows)
    {
        string path = Directory.CreateTempSubdirectory("conformance").FullName;
        List<Exception> faults = [];
        try
        {
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), ["LABSQL1", "LABSQL2"], 1, null);
            await using LabEnvironment lab = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { Faulted = faults.Add });
            ConversationPart[] database = [new("1", "CREATE DATABASE Conformance")];
            string output = await ForeignClients.NodeAsync("converse.js", new
            {
                Port = lab.Host("LABSQL1").Port,
                lab.Password,
                Encrypt = true,
                Logins = new { reader = "Reader!2026x", nobody = "Nobody!2026x", asleep = "Asleep!2026x", wrong = "x" },
                Conversations = rows.Select(row => row.IsSetup ? [new ConversationPart("1", "USE Conformance"), .. row.Parts("master")] : row.Parts("Conformance")).Prepend(database),
            });
            ClientEvent[][] answers = JsonSerializer.Deserialize<ClientEvent[][]>(output)!;
            for (int i = 0; i < rows.Count; i++)
                _answers[rows[i].Id] = answers[i + 1];
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }

        Assert.Empty(faults);
    }
}

/// <summary>The lab against what Microsoft documents, seen by a client that knows nothing of it.</summary>
public sealed class ConformanceTests(ConformanceRun run, ITestOutputHelper output) : IClassFixture<ConformanceRun>
{
    public static TheoryData<string, string> Rows()
    {
        TheoryData<string, string> rows = [];
        foreach (ConformanceRow row in ConformanceRow.All.Where(row => !row.IsSetup))
            rows.Add(row.Id, row.Statement.Length > 80 ? row.Statement[..80] : row.Statement);
        return rows;
    }

    [TediousTheory]
    [MemberData(nameof(Rows))]
    public void Answers_as_the_table_says(string id, string statement)
    {
        ConformanceRow row = ConformanceRow.All.Single(r => r.Id == id);
        Assert.StartsWith(statement, row.Statement, StringComparison.Ordinal);
        string? difference = Outcome.Differs(row.Expected, run.Answer(row));
        Assert.True(difference is null, $"{row.Statement}\n{difference}\nSource: {row.Source}");
    }

    [TediousFact]
    public void Prepares_every_area_without_an_error()
    {
        foreach (ConformanceRow row in ConformanceRow.All.Where(row => row.IsSetup))
            Assert.DoesNotContain(run.Answer(row), e => e.Kind is "error" or "failure");
    }

    [Fact]
    public void Has_at_least_250_rows_that_name_their_source_and_few_deviations()
    {
        ConformanceRow[] rows = [.. ConformanceRow.All.Where(row => !row.IsSetup)];
        int deviations = rows.Count(row => row.Deviation is not null);
        output.WriteLine($"{rows.Length} rows, {rows.Length - deviations} as documented, {deviations} otherwise.");
        Assert.True(rows.Length >= 250, $"{rows.Length} rows");
        Assert.All(rows, row => Assert.False(string.IsNullOrWhiteSpace(row.Source), row.Id));
        Assert.True(deviations <= 12, $"{deviations} deviations");
        Assert.Equal(rows.Length, rows.Select(row => row.Statement).Distinct().Count());
    }

    /// <summary>A deviation that has gone must leave the table: the lab then answers as documented.</summary>
    [TediousFact]
    public void Every_deviation_named_is_one()
    {
        foreach (ConformanceRow row in ConformanceRow.All.Where(row => row.Deviation is not null))
            Assert.NotNull(Outcome.Differs(row.Documented, run.Answer(row)));
    }
}
