using System;
using System.IO;
using System.Text;
using System.Threading;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Tests.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Portal;

/// <summary>Steps of the portal's restore on a computer on the disk; appcmd is a script.</summary>
public sealed class PortalRunTests : IDisposable
{
    private const string Path = @"C:\BAMPortal\Web.config";
    private readonly PartSetting _setting = new();

    public void Dispose() => _setting.Dispose();

    [Theory]
    [InlineData("SpecificUser", @"LAB\bam", "SpecificUser", @"LAB\bam", true)]
    [InlineData("SpecificUser", @"LAB\bam", "specificuser", @"DR\bam", true)]
    [InlineData("SpecificUser", @"LAB\bam", "SpecificUser", "", false)]
    [InlineData("SpecificUser", @"LAB\bam", "ApplicationPoolIdentity", "", false)]
    [InlineData("SpecificUser", @"LAB\bam", "", "", false)]
    [InlineData("NetworkService", "", "NetworkService", "", true)]
    [InlineData("NetworkService", "", "ApplicationPoolIdentity", "", false)]
    public void A_pool_is_the_one_that_was_kept_only_under_its_kind_of_account(string kept, string user, string type, string thereUser, bool same) =>
        Assert.Equal(same, Pool(kept, user).WhyNotIdentity(Pool(type, thereUser)) is null);

    [Fact]
    public void No_pool_has_no_account() => Assert.NotNull(Pool("NetworkService", string.Empty).WhyNotIdentity(null));

    [ShellFact]
    public void A_pool_that_IIS_would_start_under_an_account_of_its_own_is_not_started()
    {
        Install("ApplicationPoolIdentity");
        RecoveryException failed = Assert.Throws<RecoveryException>(() => Run(new StartPoolStep(Pool("SpecificUser", @"LAB\bam"))));
        Assert.Equal(RecoveryError.StepFailed, failed.Code);
        Assert.Contains("ApplicationPoolIdentity", failed.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(System.IO.Path.Combine(_setting.Folder.Path, "started")));
        Assert.Equal(StepState.Done, Run(new StartPoolStep(Pool("ApplicationPoolIdentity", string.Empty))).State);
    }

    [ShellFact]
    public void An_account_of_the_system_is_read_back()
    {
        Install("ApplicationPoolIdentity");
        Assert.Equal(RecoveryError.StepFailed, Assert.Throws<RecoveryException>(() => Run(new PoolIdentityStep(Pool("NetworkService", string.Empty)))).Code);
        Install("NetworkService");
        Assert.Equal(StepState.Done, Run(new PoolIdentityStep(Pool("NetworkService", string.Empty))).State);
    }

    [Fact]
    public void The_original_file_stays_when_a_restore_is_repeated()
    {
        KeptFile kept = _setting.Context.Folder.Keep("portal/web1.config", s => s.Write(Config("kept")));
        WebConfigStep step = new(new KeptWebConfig(Path, kept.Name), kept, "OLD", new DatabaseAddress("SQL", "BAMPrimaryImport"));
        foreach (string there in (string[])["original", "changed"])
        {
            _setting.Context.Computer.Files.Write(Path, FileProtection.Inherited, s => s.Write(Config(there)));
            Assert.Equal(StepState.Done, Run(step).State);
        }

        Assert.Equal(StepState.NotNeeded, Run(step).State);
        Assert.Contains("original", Text(Path + ".before-restore"), StringComparison.Ordinal);
        Assert.Contains("changed", Text(Path + ".before-restore-2"), StringComparison.Ordinal);
        Assert.Contains("kept", Text(Path), StringComparison.Ordinal);
    }

    private static PortalPool Pool(string identity, string user) => new("BAMAppPool", "v4.0", "Integrated", Is32Bit: true, identity, user);

    private static byte[] Config(string text) => Encoding.UTF8.GetBytes($"<configuration><!-- {text} --></configuration>");

    /// <summary>A pool whose account never changes and that starts.</summary>
    private void Install(string identity) => _setting.Folder.Install("appcmd", $"""
        started="{_setting.Folder.Path}/started"
        case "$*" in
          start*) : > "$started";;
          *text:name) echo BAMAppPool;;
          *text:state) if [ -f "$started" ]; then echo Started; else echo Stopped; fi;;
          *identityType) echo {identity};;
          list*) echo;;
        esac
        """);

    private PartStepResult Run(PartStep step) => new PortalRun(_setting.Context, CancellationToken.None).Do(step);

    private string Text(string path)
    {
        using StreamReader reader = new(_setting.Context.Computer.Files.Read(path));
        return reader.ReadToEnd();
    }
}
