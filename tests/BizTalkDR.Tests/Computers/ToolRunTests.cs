using System;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Computer;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers;

/// <summary>Tools are processes of their own here: what they get as arguments and over standard input is what they got.</summary>
public sealed class ToolRunTests : IDisposable
{
    private const string Canary = "cAnary-S3cret";

    private readonly ComputerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData(@"C:\dir\", @"C:\dir\")]
    [InlineData(@"C:\my dir\", "\"C:\\my dir\\\\\"")]
    [InlineData("say \"so\"", "\"say \\\"so\\\"\"")]
    [InlineData("a\\\"b", "\"a\\\\\\\"b\"")]
    public void Quotes_arguments_by_the_rules_of_the_C_run_time(string argument, string expected) => Assert.Equal(expected, ArgumentLine.Of([argument]));

    [ShellFact]
    public void Gives_each_argument_as_it_is()
    {
        _folder.Install("BTSTask", "for a in \"$@\"; do printf '[%s]' \"$a\"; done");
        ToolResult result = Run(new ToolCommand(ExternalTool.BtsTask, ["ListApp", "/ApplicationName:My \"App\"", @"C:\x y\", string.Empty]));
        Assert.Equal("[ListApp][/ApplicationName:My \"App\"][C:\\x y\\][]", result.Output);
    }

    [ShellFact]
    public void Answers_each_prompt_once_it_was_asked_and_masks_what_is_echoed()
    {
        _folder.Install("ssoconfig", """
            printf 'Password: '; read -r a
            printf 'Confirm: '; read -r b
            printf 'Reminder: '; read -r c
            [ "$a" = "$b" ] || exit 3
            printf '%s' "$a" > "$BIZTALKDR_COMPUTER/got"
            echo "echo $a / $c"
            echo "bad $a" >&2
            """);
        ToolResult result = Run(new ToolCommand(ExternalTool.SsoConfig, ["-backupSecret", "f"])
        {
            Answers = [new("Password", Secret()), new("Confirm", Secret()), new("Reminder", null, "the dog")],
        });
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Canary, _folder.Read("got"));
        Assert.Contains("echo ************* / the dog", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, result.Output + result.ErrorOutput, StringComparison.Ordinal);
    }

    [ShellFact]
    public void Ends_a_tool_that_asks_more_than_is_answered_by_closing_its_input()
    {
        _folder.Install("ssoconfig", "printf 'Password: '; read -r a || exit 9; printf 'More: '; read -r b || exit 7");
        Assert.Equal(7, Run(new ToolCommand(ExternalTool.SsoConfig, []) { Answers = [new(string.Empty, Secret())] }).ExitCode);
    }

    [ShellFact]
    public void Never_answers_a_prompt_that_was_not_asked()
    {
        _folder.Install("ssoconfig", "echo 'This is not the master secret server.' >&2; exit 5");
        ToolResult result = Run(new ToolCommand(ExternalTool.SsoConfig, []) { Answers = [new("Password", Secret())] });
        Assert.Equal((5, "This is not the master secret server."), (result.ExitCode, result.ErrorOutput.Trim()));
    }

    [ShellFact]
    public void Ends_a_tool_that_takes_too_long_and_says_which_prompt_did_not_come()
    {
        _folder.Install("ssoconfig", "echo $$ > \"$BIZTALKDR_COMPUTER/pid\"; exec sleep 600");
        RecoveryException late = Assert.Throws<RecoveryException>(() =>
            Run(new ToolCommand(ExternalTool.SsoConfig, []) { Answers = [new("Password", Secret())], Timeout = TimeSpan.FromSeconds(5) }));
        Assert.Equal(RecoveryError.ToolTimedOut, late.Code);
        Assert.Contains("'Password'", late.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, late.ToString(), StringComparison.Ordinal);
        string status = "/proc/" + _folder.Read("pid").Trim() + "/status";
        Assert.True(!File.Exists(status) || File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal), "the tool still runs");
    }

    [ShellFact]
    public void Is_cancelled_with_a_name()
    {
        _folder.Install("bm", "exec sleep 600");
        using CancellationTokenSource cancel = new();
        cancel.Cancel();
        using IComputer computer = _folder.Open();
        Assert.Equal(RecoveryError.OperationCancelled, Assert.Throws<RecoveryException>(() => computer.Tools.Run(new ToolCommand(ExternalTool.Bm, []), cancel.Token)).Code);
    }

    [Fact]
    public void Names_a_tool_that_is_not_there() =>
        Assert.Equal(RecoveryError.ToolNotFound, Assert.Throws<RecoveryException>(() => Run(new ToolCommand(ExternalTool.AppCmd, ["list", "apppool"]))).Code);

    private static System.Security.SecureString Secret() => ComputerFolder.Secret(Canary);

    private ToolResult Run(ToolCommand command)
    {
        using IComputer computer = _folder.Open();
        return computer.Tools.Run(command);
    }
}
