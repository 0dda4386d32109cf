using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>The process the engine kill tests start and kill: opens the instances, says what is there, and writes until it is ended.</summary>
internal static class EngineProgram
{
    public const string Command = "engine-load";
    public const string Ready = "GO";
    private static readonly object s_outputGate = new();

    /// <summary>Runs with: folder, seed, first id.</summary>
    public static int Main(string[] arguments)
    {
        if (arguments.Length != 4 || arguments[0] != Command)
        {
            Console.Error.WriteLine("This program is started by tests.");
            return 2;
        }

        using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
        try
        {
            Run(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture), int.Parse(arguments[3], CultureInfo.InvariantCulture), output);
            return 0;
        }
        catch (Exception failure)
        {
            Say(output, "FAILED " + failure.ToString().ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static void Run(string root, int seed, int firstId, StreamWriter output)
    {
        LabStorage storage = new();
        _ = SuddenEnd.FromEnvironment(storage);
        bool isNew = !Directory.Exists(Path.Combine(root, "built"));
        LabInstance[] instances = [.. EngineLoad.Servers.Select((_, i) => EngineLoad.Options(root, i, storage)).Select(o => isNew ? LabInstance.Create(o) : LabInstance.Open(o))];
        if (isNew)
        {
            EngineLoad.CreateDatabases(instances);
            Directory.CreateDirectory(Path.Combine(root, "built"));
        }

        if (instances.SelectMany(i => i.Databases).FirstOrDefault(d => d.Failure is not null) is { } failed)
            throw new InvalidOperationException($"{failed.Name} is suspect: {failed.Failure}");
        EngineLoad.Resolve(instances);
        IReadOnlyList<HashSet<int>> found = EngineLoad.Read(instances, wrong => Say(output, "WRONG " + wrong));
        for (int d = 0; d < found.Count; d++)
            Say(output, $"FOUND {d} {string.Join(',', found[d])}");
        Say(output, Ready);
        EngineLoad load = new(instances)
        {
            Sent = (id, databases) => Say(output, $"S {id} {string.Join(',', databases)}"),
            Acknowledged = id => Say(output, $"A {id}"),
        };
        int last = firstId;
        Thread[] clients = [.. Enumerable.Range(0, EngineLoad.Clients).Select(c => new Thread(() => Work(load, new Random(seed + c), ref last, output)))];
        Array.ForEach(clients, c => c.Start());
        Array.ForEach(clients, c => c.Join());
    }

    private static void Work(EngineLoad load, Random random, ref int last, StreamWriter output)
    {
        try
        {
            while (true)
            {
                if (random.Next(12) == 0)
                    load.Maintain(random);
                load.Write(Interlocked.Increment(ref last), random);
            }
        }
        catch (Exception failure)
        {
            Say(output, "FAILED " + failure.ToString().ReplaceLineEndings(" "));
        }
    }

    private static void Say(StreamWriter output, string line)
    {
        lock (s_outputGate)
        {
            output.WriteLine(line);
        }
    }
}
