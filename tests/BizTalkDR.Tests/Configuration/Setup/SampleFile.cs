using System;
using System.IO;
using System.Text;
using BizTalkDR.Configuration.Setup;

namespace BizTalkDR.Tests.Configuration.Setup;

/// <summary>A configuration file in the form of the documented sample.</summary>
internal static class SampleFile
{
    public const string Text = """
        <Configuration>
          <Feature Name="SSOServer,Engine" Version="1.0">
            <Question ID="IsSecretServer" Answers="Create,Join" Default="Create">
              <Answer Value="Create" GUID="{FB7268BE-82D4-4cad-8CFF-6930303DA7E2}" Selected="Yes">
                <NTCredential ID="SSOAdminGroup"><NTAccount>LAB\SSO Administrators</NTAccount></NTCredential>
                <FILE ID="SSO_ID_BACKUP_SECRET_FILE"><Value>C:\first.bak</Value></FILE>
                <Name ID="SSO_ID_BACKUP_SECRET_PASSWORD" Hidden="true"><Value>cAnary-1</Value></Name>
              </Answer>
              <Answer Value="Join" GUID="{B9432756-1620-4bec-8CD9-E6D0B7805AA5}" />
            </Question>
            <NTService ID="ENTSSO"><UserName>SsoService</UserName><Domain>LAB</Domain><Password>cAnary-2</Password></NTService>
            <SQL ID="SSO_DB_ID"><Server>OLDSQL</Server><Database>SSODB</Database><WindowsSecurity>yes</WindowsSecurity><UserName /><Password /></SQL>
          </Feature>
          <Feature Name="WMI" Version="1.0">
            <SQL ID="{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}"><Server>OLDSQL</Server><Database>BizTalkMgmtDb</Database></SQL>
            <Question ID="CREATEORJOIN"><Answer Value="Create" Selected="Yes"><SQL ID="{84ADD76E-EBEB-4bb8-B9EB-64F87E483C39}"><Server>OLDSQL</Server><Database>BizTalkMsgBoxDb</Database></SQL></Answer><Answer Value="Join" /></Question>
          </Feature>
          <Feature Name="Engine,BTSCfg" Version="1.0">
            <Question ID="HOST">
              <Answer Value="Yes" Selected="Yes">
                <NTCredential ID="BTS_HOST_GROUP"><NTAccount>BizTalk Application Users</NTAccount></NTCredential>
                <Name ID="BTS_HOST_NAME" Hidden="false"><Value>BizTalkServerApplication</Value></Name>
                <NTService ID="{B64F63FA-E24E-4991-86F0-ED9F65B68A98}"><UserName>LAB\BizTalkHost</UserName><Domain /><Password></Password></NTService>
              </Answer>
              <Answer Value="No" />
            </Question>
            <Question ID="ISOHOST">
              <Answer Value="Yes"><NTService ID="{D0A37CEE-F24E-4193-A19F-47B05D7EDA21}"><UserName>LAB\Isolated</UserName><Domain /><Password /></NTService></Answer>
              <Answer Value="No" Selected="Yes" />
            </Question>
          </Feature>
          <Feature Name="RulesEngine" Version="3.0">
            <SQL ID="{E6C5E071-D6EB-4c31-BFE6-CA16637FBEEB}"><Server>OLDSQL</Server><Database>BizTalkRuleEngineDb</Database></SQL>
            <NTService ID="{6ABAD351-9C7B-423e-9FDE-3A5C52441C00}"><UserName>LocalSystem</UserName><Domain /><Password /></NTService>
          </Feature>
          <Feature Name="BAMTools" Version="1.0">
            <SQL ID="{E1FC3106-8DD4-4f12-9EB6-849DD8BDD605}"><Server>OLDSQL</Server><Database>BAMPrimaryImport</Database></SQL>
            <Question ID="{FC99D786-2D26-489b-A748-42AE4DD0F6FC}"><Answer Value="Yes" Selected="Yes" /><Answer Value="No" /></Question>
          </Feature>
          <Feature Name="MsEDIAS2" Version="1.0">
            <Question ID="EDI"><Answer Value="Yes" Selected="Yes" /><Answer Value="No" /></Question>
            <Question ID="RemoveEDI"><Answer Value="Yes" /><Answer Value="No" Selected="Yes" /></Question>
          </Feature>
          <InstalledFeature>WMI</InstalledFeature>
        </Configuration>
        """;

    public static ConfigurationFile Read(string? text = null) => ConfigurationFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text ?? Text)), "sample.xml");

    public static ConfigurationFile Usable()
    {
        ConfigurationFile file = Read();
        file.JoinAndKeep();
        file.EmptySecrets();
        return file;
    }

    public static string Saved(Action<Stream> save)
    {
        using MemoryStream stream = new();
        save(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
