using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Xunit;

namespace BizTalkDR.Lab.Tests.Foreign;

/// <summary>Two instances for clients of other makers.</summary>
public sealed class ForeignLab : IAsyncLifetime
{
    private readonly string _path = Directory.CreateTempSubdirectory("foreign").FullName;
    private LabEnvironment? _environment;

    public List<Exception> Faults { get; } = [];

    public int Port => _environment!.Host("LABSQL1").Port;

    public string Password => _environment!.Password;

    public async Task InitializeAsync()
    {
        if (ForeignClients.WhyNoTedious is null || ForeignClients.WhyNoFreeTds is null)
            _environment = await LabEnvironment.StartAsync(LabFolder.Create(Path.Combine(_path, "lab"), ["LABSQL1", "LABSQL2"], 1, null), new LabEnvironmentOptions { Faulted = Faults.Add });
    }

    public async Task DisposeAsync()
    {
        if (_environment is not null)
            await _environment.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }

    /// <summary>Runs a program of FreeTDS over a configuration of its own.</summary>
    public async Task<string> FreeTdsAsync(string program, string version, string encryption, string input, params string[] arguments)
    {
        string configuration = Path.Combine(_path, Guid.NewGuid().ToString("N") + ".conf");
        await File.WriteAllTextAsync(configuration, $"[lab]\nhost = 127.0.0.1\nport = {Port}\ntds version = {version}\nencryption = {encryption}\nclient charset = UTF-8\ntext size = 2147483647\n");
        Dictionary<string, string> environment = new() { ["FREETDSCONF"] = configuration, ["LC_ALL"] = "C.UTF-8" };
        (int _, string output, string errors) = await ForeignClients.RunAsync(program, ["-S", "lab", "-U", "sa", "-P", Password, .. arguments], input, environment);
        return output + errors;
    }
}

/// <summary>FreeTDS against the lab: every version of the protocol it speaks, with and without encryption.</summary>
public sealed class FreeTdsTests(ForeignLab lab) : IClassFixture<ForeignLab>
{
    [FreeTdsTheory]
    [InlineData("7.1", "off")]
    [InlineData("7.1", "require")]
    [InlineData("7.2", "request")]
    [InlineData("7.2", "require")]
    [InlineData("7.3", "off")]
    [InlineData("7.3", "require")]
    [InlineData("7.4", "off")]
    [InlineData("7.4", "request")]
    [InlineData("7.4", "require")]
    [InlineData("auto", "require")]
    public async Task Tsql_reads_every_kind_of_type_and_hears_errors(string version, string encryption)
    {
        string output = await lab.FreeTdsAsync("tsql", version, encryption, """
            SELECT CAST(200 AS tinyint), CAST(-5 AS smallint), CAST(9000000000000000 AS bigint), CAST(1.25 AS money), CAST(12.345 AS decimal(9,3)), CAST(2.5 AS float), CAST(1 AS bit)
            SELECT CAST('long' AS varchar(max)), CAST(N'äß€' AS nvarchar(max)), CAST(0x0102FF AS varbinary(max)), CAST('<a/>' AS xml), CAST('old' AS text), CAST(NULL AS ntext)
            SELECT CAST(7 AS sql_variant), CAST(N'wide' AS sql_variant), CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier), CONVERT(varchar(10), CAST('2026-11-21' AS date), 120)
            RAISERROR('said by %s', 16, 3, 'hand')
            PRINT 'printed'
            GO
            BEGIN TRAN
            SELECT @@TRANCOUNT + 100
            ROLLBACK
            GO
            SELECT 1 / 0
            GO
            EXEC sp_helpdb
            GO
            exit

            """);
        foreach (string expected in (string[])
            ["200\t-5\t9000000000000000\t1.2500\t12.345\t2.5\t1", "long\täß€\t0102FF\t<a/>\told\tNULL", "7\twide\t6F9619FF-8B86-D011-B42D-00C04FC964FF\t2026-11-21", "Msg 50000 (severity 16, state 3)", "said by hand", "printed", "101", "Msg 8134 (severity 16", "msdb"])
            Assert.True(output.Contains(expected, StringComparison.OrdinalIgnoreCase), $"'{expected}' is missing in:\n{output}");
        Assert.Empty(lab.Faults);
    }

    [FreeTdsTheory]
    [InlineData("7.1")]
    [InlineData("7.4")]
    public async Task Bsqldb_runs_a_script_of_several_batches(string version)
    {
        string output = await lab.FreeTdsAsync("bsqldb", version, "require", "CREATE TABLE #t (i int, v varchar(10))\nINSERT INTO #t VALUES (1, 'one'), (2, 'two')\ngo\nSELECT v, i FROM #t ORDER BY i DESC\ngo\n", "-q");
        Assert.Contains("two", output, StringComparison.Ordinal);
        Assert.Contains("one", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Msg", output, StringComparison.Ordinal);
        Assert.Empty(lab.Faults);
    }

    [FreeTdsTheory]
    [InlineData("7.4")]
    public async Task A_wrong_password_and_a_version_before_2000_are_refused(string version)
    {
        (int _, string output, string errors) = await ForeignClients.RunAsync("tsql", ["-H", "127.0.0.1", "-p", lab.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "-U", "sa", "-P", "wrong"], "exit\n", new Dictionary<string, string> { ["TDSVER"] = version });
        Assert.Contains("18456", output + errors, StringComparison.Ordinal);
        Assert.Contains("17832", await lab.FreeTdsAsync("tsql", "7.0", "off", "exit\n"), StringComparison.Ordinal);
    }
}
