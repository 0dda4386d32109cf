using System;
using System.IO;
using System.Security;
using System.Text.Json;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.RestoreProcess;
using BizTalkDR.SqlServer;

// Runs or resumes one restore, as a process that a test can see die. Exit code 0: done; 3: an error of the catalogue.
RestoreOrder order = JsonSerializer.Deserialize<RestoreOrder>(File.ReadAllText(args[0]))!;
using var password = new SecureString();
foreach (char c in Environment.GetEnvironmentVariable(RestoreOrder.PasswordVariable) ?? string.Empty)
    password.AppendChar(c);
var login = new SqlLogin(order.User, password);
var end = new SuddenEnd(order);
RecoveryPorts ports = SqlServerPorts.Create(NullRecoveryLog.Instance);
ports = ports with { Sql = new CountingFactory(ports.Sql, end) };
var runner = new RestoreRunner(ports) { Parallelism = order.Parallelism };
RestorePlan With(RestorePlan plan) => plan.At(m => m.Destination with { Login = login }).AtReplicas(r => r.Address with { Login = login });
try
{
    if (order.PlanFile is { } plan)
    {
        RestorePlan read = With(RestorePlanFile.Read(plan));
        using var journal = new RestoreJournalFile(order.Journal, ports.Clock);
        runner.Run(read, end.Around(journal));
    }
    else
    {
        RestoreJournalRecord record = RestoreJournalRecord.Read(order.Journal);
        using RestoreJournalFile journal = RestoreJournalFile.Continue(order.Journal, ports.Clock);
        runner.Resume(record with { Plan = With(record.Plan) }, end.Around(journal));
    }

    Console.WriteLine($"{end.Lines} {end.Percents}");
    return 0;
}
catch (RecoveryException error)
{
    Console.WriteLine($"{error.Code}: {error.Message}");
    return 3;
}
