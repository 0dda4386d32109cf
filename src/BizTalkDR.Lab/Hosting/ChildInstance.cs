using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Runs one instance in a process of its own. It ends that process and no other.</summary>
public sealed class ChildInstance : IRunningInstance
{
    /// <summary>First word of the line a child prints when it listens; name and port follow, separated by blanks.</summary>
    public const string ReadyWord = "READY";

    /// <summary>Option of the instance's program: Agent jobs start by themselves.</summary>
    public const string AgentOption = "--agent";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ChildInstance(Process process, string name, int port, Task<string> errors)
    {
        _process = process;
        _errors = errors;
        Name = name;
        Port = port;
    }

    public string Name { get; }

    public int Port { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the child and waits until it listens.</summary>
    /// <param name="folder">The lab.</param>
    /// <param name="name">Network name of the instance.</param>
    /// <param name="port">Port to listen on when it is free; 0 = any.</param>
    /// <param name="cancellation">Ends the wait, and the child with it.</param>
    /// <exception cref="LabException">It ended instead; the message holds what it said.</exception>
    public static Task<ChildInstance> StartAsync(LabFolder folder, string name, int port, CancellationToken cancellation) => StartAsync(folder, name, port, null, runsAgent: false, cancellation);

    /// <summary>Starts a child that can be told to end suddenly.</summary>
    /// <param name="folder">The lab.</param>
    /// <param name="name">Network name.</param>
    /// <param name="port">Port to listen on when it is free; 0 = any.</param>
    /// <param name="endAfterSync">The sync after which it ends, counted from its start; 0 = none yet, null = it takes no such order.</param>
    /// <param name="cancellation">Ends the wait, and the child.</param>
    internal static async Task<ChildInstance> StartAsync(LabFolder folder, string name, int port, int? endAfterSync, bool runsAgent, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["exec", typeof(ChildInstance).Assembly.Location, "instance", "--lab", folder.FullPath, "--name", name, "--port", port.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);

        if (runsAgent)
            start.ArgumentList.Add(AgentOption);
        if (endAfterSync is { } sync)
            start.Environment[SuddenEnd.Variable] = sync.ToString(CultureInfo.InvariantCulture);

        Process process = Process.Start(start) ?? throw new LabException($"The process of instance {name} could not be started.");
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            int actual = await WaitUntilReadyAsync(process, cancellation).ConfigureAwait(false)
                ?? throw new LabException($"Instance {name} did not start: {(await errors.ConfigureAwait(false)).Trim()}");
            return new ChildInstance(process, name, actual, errors);
        }
        catch
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Closes the child's input, which it takes as the request to stop, and waits for its end.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            return;
        _process.StandardInput.Close();
        using CancellationTokenSource limit = new(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            throw new LabException($"Instance {Name} did not stop in {StopTimeout.TotalSeconds:0} s and was ended. It said: {await _errors.ConfigureAwait(false)}");
        }
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Makes the child end after so many further syncs; 0 takes that back.</summary>
    /// <returns>Its syncs so far; null when it has ended already.</returns>
    internal async Task<long?> EndAfterSyncAsync(int syncs, CancellationToken cancellation)
    {
        string? answer = await OrderAsync(string.Create(CultureInfo.InvariantCulture, $"{SuddenEnd.Order} {syncs}"), cancellation).ConfigureAwait(false);
        return answer is null ? null : long.Parse(answer.AsSpan(SuddenEnd.Answer.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }

    /// <summary>Lets the instance's disk have that much room left; <see cref="long.MaxValue"/> = as much as there really is.</summary>
    /// <exception cref="LabException">The process has ended, or did not follow.</exception>
    internal Task LimitDiskAsync(long bytesLeft, CancellationToken cancellation) => RequireDoneAsync(InstanceOrders.DiskLeft, bytesLeft, cancellation);

    /// <summary>Moves the instance's clock: so many seconds from the real time, negative = back, 0 = right again.</summary>
    /// <exception cref="LabException">The process has ended, or did not follow.</exception>
    internal Task MoveClockAsync(long seconds, CancellationToken cancellation) => RequireDoneAsync(InstanceOrders.ClockShift, seconds, cancellation);

    private async Task RequireDoneAsync(string order, long value, CancellationToken cancellation)
    {
        string? answer = await OrderAsync(string.Create(CultureInfo.InvariantCulture, $"{order} {value}"), cancellation).ConfigureAwait(false);
        if (!string.Equals(answer, InstanceOrders.Done, StringComparison.Ordinal))
            throw new LabException($"Instance {Name} did not follow the order {order}.");
    }

    /// <summary>Writes one line to the child and reads its answer; null when it has ended.</summary>
    private async Task<string?> OrderAsync(string order, CancellationToken cancellation)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(order).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The pipe has no reader any more: the output ends as well, and says so below.
            await WaitForEndAsync(cancellation).ConfigureAwait(false);
        }

        string? line = await _process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false);
        if (line is null)
            await WaitForEndAsync(cancellation).ConfigureAwait(false);
        return line;
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    internal Task WaitForEndAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync().ConfigureAwait(false);
        }
        finally
        {
            _process.Dispose();
        }
    }

    private static async Task<int?> WaitUntilReadyAsync(Process process, CancellationToken cancellation)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            string[] words = line.Split(' ');
            if (words.Length == 3 && string.Equals(words[0], ReadyWord, StringComparison.Ordinal)
                && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out int port))
            {
                return port;
            }
        }

        return null;
    }
}
