using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.Tests.Conformance;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Lab.Tests.Fuzz;

/// <summary>Batches nobody would write: each ends with a result or an error number, in time, and the session goes on.</summary>
public sealed class FrontEndFuzzTests(ITestOutputHelper output)
{
    private const string CountVariable = "BIZTALKDR_FUZZ_BATCHES";
    private const string SeedVariable = "BIZTALKDR_FUZZ_SEED";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // What may wait or loop by right, ends sessions, or reaches for files and other servers.
    private static readonly string[] s_left = ["WAITFOR", "WHILE", "GOTO", "KILL", "BACKUP", "RESTORE", "BULK", "xp_", "LABSQL2", "MAXRECURSION", "DATABASE", "sp_start_job", "SHUTDOWN", "sp_detach", "UNION ALL SELECT", "Deep"];

    [Fact]
    public void Ends_every_batch_with_a_result_or_an_error_number()
    {
        int count = Number(CountVariable, 2000);
        int seed = Number(SeedVariable, 1);
        using InterpLab lab = new();
        List<string> corpus = Prepare(lab);
        BatchMutator mutator = new(corpus, seed);
        int errors = 0;
        int results = 0;
        Dictionary<int, int> numbers = [];
        for (int i = 0; i < count; i++)
        {
            string text = mutator.Next();
            if (s_left.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))
                continue;
            Reply reply = Run(lab.Session, text, i);
            foreach (int number in reply.ErrorNumbers)
                numbers[number] = numbers.GetValueOrDefault(number) + 1;
            errors += reply.Errors.Any() ? 1 : 0;
            results += reply.Errors.Any() ? 0 : 1;
            Assert.False(reply.ErrorNumbers.Contains(3624), $"batch {i}: an assertion failed.\n{text}");
        }

        Assert.Equal(1, lab.Scalar("SELECT 1"));
        output.WriteLine($"{count} batches from seed {seed}: {results} without an error, {errors} with one, {numbers.Count} different numbers.");
        Assert.True(results > count / 20 && errors > count / 20, "The batches are all alike.");
        Assert.DoesNotContain(0, numbers.Keys);
    }

    private static Reply Run(ISqlSession session, string text, int index)
    {
        session.Reset(keepTransaction: false);
        InterpLab.Run(session, "USE Conformance");
        Reply reply = new();
        using CancellationTokenSource limit = new(Patience);
        try
        {
            session.ExecuteBatch(text, reply, limit.Token);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Assert.Fail($"batch {index}: {failure.GetType().Name}: {failure.Message}\n{text}\n{failure.StackTrace}");
        }

        Assert.False(limit.IsCancellationRequested, $"batch {index} took longer than {Patience}:\n{text}");
        return reply;
    }

    private static List<string> Prepare(InterpLab lab)
    {
        lab.Do("CREATE DATABASE Conformance");
        lab.Do("USE Conformance");
        foreach (ConformanceRow row in ConformanceRow.All.Where(row => row.IsSetup && row.Area is "queries" or "errors" or "control"))
        {
            if (row.IsSetup)
                foreach (var part in row.Parts("Conformance"))
                    lab.Do(part.Text);
        }

        return [.. ConformanceRow.All.Where(row => !row.IsSetup && row.Parts("Conformance").Count <= 2 && !row.Statement.StartsWith("[ON", StringComparison.Ordinal))
            .Select(row => row.Parts("Conformance")[^1].Text).Where(text => !s_left.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))];
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
