using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.Messaging;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>What a host instance of the lab needs to process a message, and what becomes of the message without it.</summary>
[Collection("whole computers")]
public sealed class MessageTests(ComputersLab lab)
{
    private const string Order = "<o:Order xmlns:o=\"urn:lab:orders\"><Number>7</Number></o:Order>";

    [Fact]
    public void A_message_goes_through_signed_and_encrypted()
    {
        lab.Renew();
        LabComputer computer = lab.Inside("LABBTS1");
        // The partner is this computer, so that somebody can open what it gets.
        string own = computer.Certificates.List("CurrentUser", "My").Single().Thumbprint;
        computer.Certificates.Import("LocalMachine", "AddressBook", computer.Certificates.Export("CurrentUser", "My", own));
        lab.Sql("LABSQL1", $"UPDATE BizTalkMgmtDb.dbo.bts_sendport SET nvcEncryptionCertHash = N'{own}' WHERE nvcName = N'OrdersToPartner';");
        lab.PutOrder(Order);
        int tracked = Completed();

        Assert.Contains("1 sent, 0 suspended.", ComputersLab.RunHost(computer), StringComparison.Ordinal);
        Assert.Equal(0, lab.OrdersWaiting());
        using X509Certificate2 key = new(Path.Combine(computer.Folder, "certificates", "CurrentUser", "My", own + ".pfx"), string.Empty);
        EnvelopedCms closed = new();
        closed.Decode(Assert.Single(lab.Sent()));
        closed.Decrypt([key]);
        SignedCms signed = new();
        signed.Decode(closed.ContentInfo.Content);
        signed.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(own, signed.SignerInfos[0].Certificate!.Thumbprint);
        Assert.Equal(Order, Encoding.UTF8.GetString(signed.ContentInfo.Content));
        Assert.Equal(tracked + 1, Completed());
        Assert.Equal(0, lab.Count("LABSQL1", "BizTalkMsgBoxDb.dbo.Spool"));
    }

    [Theory]
    [InlineData("signing certificate", @"was not found in CurrentUser\My")]
    [InlineData("its key", "has no private key")]
    [InlineData("partner's certificate", @"was not found in LocalMachine\AddressBook")]
    [InlineData("assembly", "could not load file or assembly 'Lab.Common.Schemas")]
    [InlineData("master secret", "the secret is not available from the master secret server")]
    [InlineData("the right master secret", "cannot be decrypted with the master secrets at hand")]
    public void What_is_missing_suspends_the_message_until_it_is_there(string missing, string expected)
    {
        lab.Renew();
        LabComputer computer = lab.Inside("LABBTS1");
        byte[] memory = computer.Memory!;
        string folder = missing switch
        {
            "signing certificate" or "its key" => Path.Combine(computer.Folder, "certificates", "CurrentUser", "My"),
            "partner's certificate" => Path.Combine(computer.Folder, "certificates", "LocalMachine", "AddressBook"),
            _ => computer.Files.ToHostPath(@"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Lab.Common.Schemas"),
        };
        string aside = Path.Combine(computer.Folder, "aside");
        Directory.CreateDirectory(aside);
        if (missing.EndsWith("master secret", StringComparison.Ordinal))
            computer.Memory = missing == "master secret" ? null : new MasterSecrets(MasterSecret.New(), null).ToBytes();
        else
            Move(folder, aside, missing == "its key" ? "*.pfx" : "*");
        lab.PutOrder(Order);

        Assert.Equal((0, 1), HostInstance.Open(computer).Work());
        Assert.Contains(expected, Assert.Single(lab.Suspended()), StringComparison.Ordinal);
        Assert.Empty(lab.Sent());
        Assert.Equal((0, 0), HostInstance.Open(computer).Work());

        computer.Memory = memory;
        if (!missing.EndsWith("master secret", StringComparison.Ordinal))
            Move(aside, folder, "*");
        lab.Sql("LABSQL1", "EXEC BizTalkMsgBoxDb.dbo.LabResume;");
        Assert.Equal((1, 0), HostInstance.Open(computer).Work());
        Assert.Single(lab.Sent());
        Assert.Empty(lab.Suspended());
    }

    [Fact]
    public void What_is_no_XML_is_kept_and_what_nobody_may_receive_stays_where_it_is()
    {
        lab.Renew();
        LabComputer computer = lab.Inside("LABBTS2");
        lab.PutOrder("no order");
        Assert.Equal((0, 1), HostInstance.Open(computer).Work());
        Assert.Contains("receive pipeline", Assert.Single(lab.Suspended()), StringComparison.Ordinal);
        lab.Sql("LABSQL1", "UPDATE BizTalkMgmtDb.dbo.adm_ReceiveLocation SET Disabled = 1;");
        try
        {
            lab.PutOrder(Order);
            Assert.Equal((0, 0), HostInstance.Open(computer).Work());
            Assert.Equal(1, lab.OrdersWaiting());
        }
        finally
        {
            lab.Sql("LABSQL1", "UPDATE BizTalkMgmtDb.dbo.adm_ReceiveLocation SET Disabled = 0;");
        }
    }

    [Fact]
    public void A_host_that_does_not_run_or_has_no_group_does_nothing()
    {
        lab.Renew();
        LabComputer computer = lab.Inside("LABBTS2");
        lab.PutOrder(Order);
        using IComputer outside = lab.Open("LABBTS2");
        lab.Sql("LABSQL2", "ALTER DATABASE BizTalkDTADb SET OFFLINE WITH ROLLBACK IMMEDIATE;");
        try
        {
            Assert.Contains("cannot be used", ComputersLab.RunHost(computer), StringComparison.Ordinal);
            Assert.Equal(BizTalkDR.Errors.RecoveryError.ServiceNotStarted, Assert.Throws<BizTalkDR.Errors.RecoveryException>(() => outside.Services.Start("BTSSvc$BizTalkServerApplication", TimeSpan.FromMinutes(1))).Code);
            Assert.Contains(outside.Events.Read("BizTalk Server", [5410]), e => e.Message.Contains("BizTalkDTADb", StringComparison.Ordinal));
        }
        finally
        {
            lab.Sql("LABSQL2", "ALTER DATABASE BizTalkDTADb SET ONLINE;");
        }

        outside.Services.Start("BTSSvc$BizTalkServerApplication", TimeSpan.FromMinutes(1));
        outside.Registry.Set(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration", new RegistryValue("MgmtDBServer", RegistryValueType.String, "NOWHERE"));
        Assert.Contains("Management database", ComputersLab.RunHost(computer), StringComparison.Ordinal);
        Assert.Equal(ServiceState.Stopped, outside.Services.Find("BTSSvc$BizTalkServerApplication")!.State);
        Assert.Contains("no host instance runs on LABBTS2", ComputersLab.RunHost(computer), StringComparison.Ordinal);
        Assert.Equal(1, lab.OrdersWaiting());
    }

    private int Completed() => lab.Count("LABSQL2", "BizTalkDTADb.dbo.dtav_ServiceFacts WHERE [ServiceInstance/State] = N'Completed'");

    private static void Move(string from, string to, string pattern)
    {
        foreach (string file in Directory.GetFiles(from, pattern, SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target);
        }
    }
}
