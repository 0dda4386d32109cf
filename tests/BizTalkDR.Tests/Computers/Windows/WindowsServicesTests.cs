using System;
using System.Linq;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>Services as the registry of Windows and sc.exe show them; sc is a process, the registry a file.</summary>
public sealed class WindowsServicesTests : IDisposable
{
    private const string Host = "BTSSvc$BizTalkServerApplication";

    // The form of "Sc.exe query" in Microsoft's documentation.
    private const string All = """

        SERVICE_NAME: ENTSSO
        DISPLAY_NAME: Enterprise Single Sign-On Service
                TYPE               : 10  WIN32_OWN_PROCESS
                STATE              : 4  RUNNING
                                        (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)
                WIN32_EXIT_CODE    : 0  (0x0)
                SERVICE_EXIT_CODE  : 0  (0x0)
                CHECKPOINT         : 0x0
                WAIT_HINT          : 0x0

        SERVICE_NAME: BTSSvc$BizTalkServerApplication
        DISPLAY_NAME: BizTalk Service BizTalk Group : BizTalkServerApplication
                TYPE               : 10  WIN32_OWN_PROCESS
                STATE              : 1  STOPPED
                WIN32_EXIT_CODE    : 1077  (0x435)

        """;

    private readonly ComputerFolder _folder = new();
    private readonly IComputer _computer;
    private readonly WindowsServices _services;

    public WindowsServicesTests()
    {
        _folder.Write("registry.json", """
            { "Registry64": {
                "SYSTEM\\CurrentControlSet\\Services\\ENTSSO": { "Type": { "type": "DWord", "data": 16 }, "Start": { "type": "DWord", "data": 2 }, "DelayedAutostart": { "type": "DWord", "data": 1 },
                  "DisplayName": { "type": "String", "data": "Enterprise Single Sign-On Service" }, "ObjectName": { "type": "String", "data": "LAB\\sso" } },
                "SYSTEM\\CurrentControlSet\\Services\\BTSSvc$BizTalkServerApplication": { "Type": { "type": "DWord", "data": 16 }, "Start": { "type": "DWord", "data": 3 }, "ObjectName": { "type": "String", "data": "LAB\\bts" },
                  "DependOnService": { "type": "MultiString", "data": ["entsso", "RpcSs"] } },
                "SYSTEM\\CurrentControlSet\\Services\\driver": { "Type": { "type": "DWord", "data": 1 }, "DependOnService": { "type": "MultiString", "data": ["ENTSSO"] } } } }
            """);
        // State files stand for the service control manager; a start passes through START_PENDING.
        _folder.Install("sc", """
            cd "$BIZTALKDR_COMPUTER"; printf '%s\n' "$*" >> log
            show() { printf '\r\nSERVICE_NAME: %s\r\n        TYPE               : 10  WIN32_OWN_PROCESS\r\n        STATE              : %s\r\n        WIN32_EXIT_CODE    : 0  (0x0)\r\n' "$1" "$2"; }
            [ "$1 $2" = "query type=" ] && { cat all; exit 0; }
            [ -f "state-$2" ] || { printf '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\nThe specified service does not exist as an installed service.\r\n'; exit 36; }
            case $1 in
              query) show "$2" "$(cat "state-$2")"; [ "$(cat "state-$2")" = '2  START_PENDING' ] && echo '4  RUNNING' > "state-$2"; exit 0;;
              start) [ -f refuse ] && { echo '[SC] StartService FAILED 1069:'; exit 45; }; [ "$(cat "state-$2")" = '4  RUNNING' ] && exit 32; echo '2  START_PENDING' > "state-$2";;
              stop) [ -f refuse ] && { echo '[SC] ControlService FAILED 1051:'; exit 27; }; [ -f vanish ] && { rm "state-$2"; exit 0; }; echo '1  STOPPED' > "state-$2";;
              config) [ -f refuse ] && { echo '[SC] OpenService FAILED 5:'; exit 5; }; exit 0;;
            esac
            """.Replace("exit 36", "exit $((1060 & 255))", StringComparison.Ordinal).Replace("exit 32", "exit $((1056 & 255))", StringComparison.Ordinal));
        _folder.Write("all", All);
        _folder.Write("state-ENTSSO", "4  RUNNING\n");
        _folder.Write("state-" + Host, "1  STOPPED\n");
        _computer = _folder.Open();
        _services = new WindowsServices(new WideExitCodes(_computer.Tools), _computer.Registry);
    }

    public void Dispose()
    {
        _computer.Dispose();
        _folder.Dispose();
    }

    [ShellFact]
    public void Lists_what_the_program_shows_with_what_the_registry_holds()
    {
        Assert.Equal(
            [
                new ServiceInfo("ENTSSO", "Enterprise Single Sign-On Service", ServiceState.Running, ServiceStart.DelayedAutomatic, @"LAB\sso"),
                new ServiceInfo(Host, Host, ServiceState.Stopped, ServiceStart.Manual, @"LAB\bts"),
            ],
            _services.List());
    }

    [ShellFact]
    public void Finds_one_and_knows_that_there_is_none()
    {
        Assert.Equal(ServiceState.Running, _services.Find("entsso".ToUpperInvariant())!.State);
        Assert.Null(_services.Find("Nothing"));
    }

    [ShellFact]
    public void Starts_one_and_waits_until_it_runs()
    {
        _services.Start(Host, TimeSpan.FromMinutes(1));
        Assert.Equal([$"start {Host}", $"query {Host}", $"query {Host}"], Log());
        // It runs already: no failure.
        _services.Start(Host, TimeSpan.Zero);
    }

    [ShellFact]
    public void Stops_what_depends_on_it_first()
    {
        _folder.Write("state-" + Host, "4  RUNNING\n");
        _services.Stop("ENTSSO", TimeSpan.FromMinutes(1));
        Assert.Equal([$"stop {Host}", "stop ENTSSO"], Log().Where(l => l.StartsWith("stop", StringComparison.Ordinal)));
        Assert.DoesNotContain(Log(), l => l.EndsWith("driver", StringComparison.Ordinal));
    }

    [ShellFact]
    public void Says_what_the_program_said_when_it_refuses()
    {
        _folder.Write("refuse", string.Empty);
        RecoveryException start = Assert.Throws<RecoveryException>(() => _services.Start(Host, TimeSpan.Zero)), stop = Assert.Throws<RecoveryException>(() => _services.Stop("ENTSSO", TimeSpan.Zero));
        Assert.Equal((RecoveryError.ServiceNotStarted, RecoveryError.ServiceNotStopped), (start.Code, stop.Code));
        Assert.Contains("FAILED 1069", start.Message, StringComparison.Ordinal);
        RecoveryException set = Assert.Throws<RecoveryException>(() => _services.SetStart(Host, ServiceStart.Disabled));
        Assert.Equal(RecoveryError.ServiceStartNotSet, set.Code);
        Assert.Contains("cannot be set to Disabled: sc.exe ended with 5 and said: [SC] OpenService FAILED 5", set.Message, StringComparison.Ordinal);
        Assert.Contains("administrator", set.Hint, StringComparison.Ordinal);
    }

    [ShellFact]
    public void A_service_that_vanishes_while_it_is_stopped_did_not_stop()
    {
        _folder.Write("vanish", string.Empty);
        RecoveryException gone = Assert.Throws<RecoveryException>(() => _services.Stop(Host, TimeSpan.FromMinutes(1)));
        Assert.Equal(RecoveryError.ServiceNotStopped, gone.Code);
        Assert.Contains("is not installed any more", gone.Message, StringComparison.Ordinal);
    }

    [ShellFact]
    public void Does_not_take_silence_for_no_services()
    {
        _folder.Write("all", "\n");
        Assert.Equal(RecoveryError.ToolFailed, Assert.Throws<RecoveryException>(_services.List).Code);
    }

    [Theory]
    [InlineData("SERVICE_NAME: a\n  TYPE : 20  WIN32\n  STATE : 4  RUNNING\n", ServiceState.Running)]
    [InlineData("NOM_SERVICE : a\n  ÉTAT : 3  STOP_PENDING\n", ServiceState.StopPending)]
    [InlineData("SERVICE_NAME: a\n  STATE : 4  STOPPED\n", null)]
    [InlineData("SERVICE_NAME: a\n  STATE : 9  RUNNING\n", null)]
    public void Reads_the_state_by_number_and_word(string output, ServiceState? expected)
    {
        Assert.Equal(expected, ServiceText.Read(output).TryGetValue("a", out ServiceState state) ? state : null);
    }

    private string[] Log() => _folder.Read("log").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Exit codes of a shell have 8 bits, those of sc.exe are error codes of Windows: the two that matter are given back their width.</summary>
    private sealed class WideExitCodes(IExternalTools inner) : IExternalTools
    {
        public string? Find(ExternalTool tool, bool wow64 = false) => inner.Find(tool, wow64);

        public ToolResult Run(ToolCommand command, System.Threading.CancellationToken cancellationToken = default)
        {
            ToolResult result = inner.Run(command, cancellationToken);
            int wide = new[] { 1060, 1056 }.FirstOrDefault(c => result.ExitCode != 0 && (c & 255) == result.ExitCode);
            return wide == 0 ? result : result with { ExitCode = wide };
        }
    }
}
