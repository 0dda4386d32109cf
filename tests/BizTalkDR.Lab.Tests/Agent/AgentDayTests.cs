using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.TSql;
using BizTalkDR.Lab.Tests.Group;
using Microsoft.Data.SqlClient;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Lab.Tests.Agent;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Set(DateTime utc) => Interlocked.Exchange(ref _ticks, utc.Ticks);
}

/// <summary>Runs with nothing beside it: it measures time.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>A day of the backup job of a group, by a clock that is set from one due time to the next.</summary>
[Collection("alone")]
public sealed class AgentDayTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_day_of_the_groups_job_schedule_takes_less_than_two_minutes()
    {
        SetClock clock = new(new DateTimeOffset(2026, 11, 21, 0, 0, 1, TimeSpan.Zero));
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small(), new LabEnvironmentOptions { Clock = clock });
        using SqlConnection connection = lab.Open(lab.Group.Management.Server, "msdb");
        PracticeLab.Execute(connection, "UPDATE dbo.sysjobs SET enabled = 1");
        LabSqlServer server = lab.Environment.Host(lab.Group.Management.Server).Server;
        DateTime end = new(2026, 11, 22, 0, 0, 1);
        Stopwatch watch = Stopwatch.StartNew();
        Dictionary<string, int> runs = [];
        while (server.Schedules.NextDue is { } due && due < end)
        {
            clock.Set(due);
            foreach ((AgentJob job, AgentJobResult result) in server.Schedules.RunDue())
            {
                runs[job.Name] = runs.GetValueOrDefault(job.Name) + 1;
                Assert.True(result.Succeeded, $"{job.Name} at {due:t}: {string.Join(" | ", result.Steps.SelectMany(s => s.Messages).Where(m => m.IsError).Select(m => m.Text))}");
            }
        }

        output.WriteLine($"24 h in {watch.Elapsed.TotalSeconds:F1} s: {string.Join(", ", runs.Select(r => $"{r.Key} {r.Value} runs"))}");
        Assert.Contains(runs.Values, count => count >= 95);
        Assert.True(watch.Elapsed < Patience, watch.Elapsed.ToString());
        Assert.Equal(runs.Values.Sum(), PracticeLab.Scalar<int>(connection, "SELECT COUNT(*) FROM dbo.sysjobhistory WHERE step_id = 0 AND run_status = 1 AND message LIKE '%Schedule%'"));
        Assert.Equal(20261122, PracticeLab.Scalar<int>(connection, "SELECT MIN(next_run_date) FROM dbo.sysjobschedules WHERE next_run_date > 0"));
        Assert.Equal(runs.Count, PracticeLab.Scalar<int>(connection, "SELECT COUNT(*) FROM dbo.sysjobactivity WHERE stop_execution_date IS NOT NULL AND next_scheduled_run_date > '20261121'"));
    }

    [Fact]
    public async Task A_disabled_job_or_schedule_is_not_due_and_a_changed_one_is_planned_anew()
    {
        SetClock clock = new(new DateTimeOffset(2026, 11, 21, 10, 5, 0, TimeSpan.Zero));
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small(), new LabEnvironmentOptions { Clock = clock });
        using SqlConnection connection = lab.Open("LABSQL2", "msdb");
        LabSqlServer server = lab.Environment.Host("LABSQL2").Server;
        PracticeLab.Execute(connection, "UPDATE dbo.sysjobs SET enabled = 0");
        Assert.Null(server.Schedules.NextDue);
        PracticeLab.Execute(connection, """
            EXEC dbo.sp_add_job @job_name = N'tick'; EXEC dbo.sp_add_jobstep @job_name = N'tick', @step_name = N's', @command = N'SELECT 1'; EXEC dbo.sp_add_jobserver @job_name = N'tick';
            EXEC dbo.sp_add_jobschedule @job_name = N'tick', @name = N'quarter', @freq_type = 4, @freq_interval = 1, @freq_subday_type = 4, @freq_subday_interval = 15;
            """);
        Assert.Equal(new DateTime(2026, 11, 21, 10, 15, 0), server.Schedules.NextDue);
        PracticeLab.Execute(connection, "EXEC dbo.sp_update_schedule @name = N'quarter', @freq_subday_interval = 30");
        Assert.Equal(new DateTime(2026, 11, 21, 10, 30, 0), server.Schedules.NextDue);
        Assert.Equal(103000, PracticeLab.Scalar<int>(connection, "SELECT next_run_time FROM dbo.sysjobschedules AS js JOIN dbo.sysschedules AS s ON s.schedule_id = js.schedule_id WHERE s.name = N'quarter'"));
        PracticeLab.Execute(connection, "EXEC dbo.sp_update_schedule @name = N'quarter', @enabled = 0");
        Assert.Null(server.Schedules.NextDue);
        PracticeLab.Execute(connection, "EXEC dbo.sp_update_schedule @name = N'quarter', @enabled = 1; EXEC dbo.sp_update_job @job_name = N'tick', @enabled = 0");
        Assert.Null(server.Schedules.NextDue);
        PracticeLab.Execute(connection, "EXEC dbo.sp_update_job @job_name = N'tick', @enabled = 1");
        clock.Set(new DateTime(2026, 11, 21, 11, 2, 0));
        Assert.Equal(new DateTime(2026, 11, 21, 11, 30, 0), server.Schedules.NextDue);
        Assert.Empty(server.Schedules.RunDue());
    }
}
