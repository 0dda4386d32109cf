using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace BizTalkDR.Module.Tests;

/// <summary>What PowerShell's rules and the house's rules ask of every cmdlet.</summary>
public sealed class CmdletContractTests
{
    // Verbs that only look. Everything else changes something and asks first.
    private static readonly HashSet<string> s_looking = ["Get", "Test", "Find", "Compare"];

    public static TheoryData<string> Names => [.. CmdletClass.All.Select(c => c.Name)];

    [Fact]
    public void There_are_these_cmdlets() => Assert.Equal(
        [
            "Backup-BizTalkApplication",
            "Backup-BizTalkBamPortal",
            "Backup-BizTalkCertificate",
            "Backup-BizTalkConfiguration",
            "Backup-BizTalkEncryptionKey",
            "Backup-BizTalkGroup",
            "Backup-BizTalkMasterSecret",
            "Export-BizTalkSqlObject",
            "Get-BizTalkBackup",
            "Get-BizTalkBackupFile",
            "Get-BizTalkDataLoss",
            "Get-BizTalkGroup",
            "Get-BizTalkRecoveryPoint",
            "Import-BizTalkSqlObject",
            "Move-BizTalkMasterSecretServer",
            "New-BizTalkRestorePlan",
            "Repair-BizTalkRestoredGroup",
            "Restore-BizTalkApplication",
            "Restore-BizTalkBamPortal",
            "Restore-BizTalkCertificate",
            "Restore-BizTalkConfiguration",
            "Restore-BizTalkDatabases",
            "Restore-BizTalkMasterSecret",
            "Start-BizTalkLab",
            "Stop-BizTalkLab",
            "Test-BizTalkBackup",
            "Test-BizTalkCertificate",
            "Test-BizTalkConfiguration",
            "Test-BizTalkEncryptionKey",
            "Test-BizTalkMasterSecret",
            "Test-BizTalkRestorePlan",
        ],
        CmdletClass.All.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_a_sealed_public_class_named_for_its_cmdlet(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        Assert.True(cmdlet.Type.IsSealed && cmdlet.Type.IsPublic);
        Assert.Equal($"BizTalkDR.Module.Commands.{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.FullName);
        Assert.NotNull(cmdlet.Type.GetConstructor(Type.EmptyTypes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_an_approved_verb_and_a_noun_of_ours(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        Assert.Contains(cmdlet.Verb, ApprovedVerbs());
        Assert.StartsWith("BizTalk", cmdlet.Noun, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_what_it_returns(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        if (cmdlet.Verb is "Stop")
            Assert.Empty(cmdlet.OutputTypes);
        else
            Assert.NotEmpty(cmdlet.OutputTypes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Asks_before_it_changes_anything_and_only_then(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        Assert.Equal(!s_looking.Contains(cmdlet.Verb), cmdlet.SupportsShouldProcess);
        int expected = cmdlet.Verb is "Restore" or "Repair" or "Move" or "Import" ? 3 : 2;
        Assert.Equal(expected, cmdlet.ConfirmImpact);
    }

    [Fact]
    public void Testing_gives_a_Boolean_when_asked_quietly()
    {
        foreach (CmdletClass cmdlet in CmdletClass.All.Where(c => c.Verb == "Test"))
        {
            Assert.Contains(typeof(bool), cmdlet.OutputTypes);
            Assert.Equal("SwitchParameter", cmdlet.Parameters.Single(p => p.Name == "Quiet").TypeName);
        }
    }

    [Theory]
    [InlineData("Backup-BizTalkGroup", "SqlInstance 0 mandatory, Destination 1 mandatory")]
    [InlineData("Get-BizTalkBackup", "SqlInstance 0 mandatory, Path 1 mandatory")]
    [InlineData("Get-BizTalkBackupFile", "Path 0")]
    [InlineData("Get-BizTalkDataLoss", "SqlInstance 0 mandatory, Mark 1 mandatory, After 1 mandatory")]
    [InlineData("Get-BizTalkGroup", "SqlInstance 0 mandatory, ManagementDatabase 1")]
    [InlineData("Repair-BizTalkRestoredGroup", "SqlInstance 0 mandatory")]
    [InlineData("New-BizTalkRestorePlan", "Path 0 mandatory, Destination 1 mandatory")]
    [InlineData("Restore-BizTalkDatabases", "Path 0 mandatory, Plan 0 mandatory, Destination 1 mandatory")]
    [InlineData("Test-BizTalkRestorePlan", "Plan 0 mandatory, Destination 1")]
    [InlineData("Start-BizTalkLab", "Path 0")]
    [InlineData("Stop-BizTalkLab", "Lab 0 mandatory")]
    [InlineData("Get-BizTalkRecoveryPoint", "Path 0 mandatory, SqlInstance 1")]
    [InlineData("Test-BizTalkBackup", "Path 0 mandatory, SqlInstance 1 mandatory")]
    [InlineData("Backup-BizTalkMasterSecret", "Path 0 mandatory, Password 1 mandatory")]
    [InlineData("Test-BizTalkMasterSecret", "Path 0 mandatory")]
    [InlineData("Restore-BizTalkMasterSecret", "Path 0 mandatory, Password 1 mandatory")]
    [InlineData("Move-BizTalkMasterSecretServer", "Path 0 mandatory, Password 1 mandatory")]
    [InlineData("Backup-BizTalkConfiguration", "Path 0 mandatory")]
    [InlineData("Test-BizTalkConfiguration", "Path 0 mandatory")]
    [InlineData("Restore-BizTalkConfiguration", "Path 0 mandatory")]
    [InlineData("Backup-BizTalkCertificate", "Path 0 mandatory")]
    [InlineData("Test-BizTalkCertificate", "Path 0 mandatory")]
    [InlineData("Restore-BizTalkCertificate", "Path 0 mandatory")]
    [InlineData("Backup-BizTalkApplication", "Path 0 mandatory")]
    [InlineData("Restore-BizTalkApplication", "Path 0 mandatory")]
    [InlineData("Backup-BizTalkBamPortal", "Path 0 mandatory")]
    [InlineData("Restore-BizTalkBamPortal", "Path 0 mandatory")]
    public void Takes_its_positional_parameters_in_this_order(string name, string expected)
    {
        IEnumerable<string> parameters = CmdletClass.ByName(name).Parameters
            .Where(p => p.Position != "Named")
            .OrderBy(p => p.Position, StringComparer.Ordinal)
            .Select(p => $"{p.Name} {p.Position}{(p.IsMandatory ? " mandatory" : string.Empty)}");
        Assert.Equal(expected, string.Join(", ", parameters));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mandatory_parameters_have_a_position_unless_they_are_switches_literal_paths_or_piped_objects(string name) =>
        Assert.DoesNotContain(CmdletClass.ByName(name).Parameters, p => p.IsMandatory && p.Position == "Named" && p.TypeName != "SwitchParameter" && p.Name is not ("LiteralPath" or "InputObject"));

    [Theory]
    [InlineData("Get-BizTalkBackupFile")]
    [InlineData("Test-BizTalkBackup")]
    public void Takes_files_as_the_shells_own_cmdlets_do(string name)
    {
        IReadOnlyList<CmdletParameter> parameters = CmdletClass.ByName(name).Parameters;
        Assert.Contains("ByValue", parameters.Single(p => p.Name == "Path").PipelineInput, StringComparison.Ordinal);
        CmdletParameter literal = parameters.Single(p => p.Name == "LiteralPath");
        Assert.Equal("True (ByPropertyName)", literal.PipelineInput);
        Assert.Equal(["PSPath", "FullName"], literal.Aliases);
        Assert.Contains(parameters, p => p.Name == "Recurse" && p.TypeName == "SwitchParameter");
        Assert.Contains(parameters, p => p.Name == "ThrottleLimit" && p.TypeName == "Int32");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_the_connection_as_all_cmdlets_do(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        if (cmdlet.Noun is "BizTalkLab" or "BizTalkBackupFile")
            return;
        if (cmdlet.Parameters.SingleOrDefault(p => p.Name == "ComputerName") is { } computer)
        {
            Assert.Equal(("String", "True (ByValue)"), (computer.TypeName, computer.PipelineInput));
            return;
        }

        Assert.Equal("PSCredential", cmdlet.Parameters.Single(p => p.Name == "SqlCredential").TypeName);
        Assert.Equal("SwitchParameter", cmdlet.Parameters.Single(p => p.Name == "TrustServerCertificate").TypeName);
        Assert.Contains(cmdlet.Parameters, p => p.Name == "SqlInstance" || p.Aliases.Contains("SqlInstance"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Takes_no_secret_as_text(string name) => Assert.DoesNotContain(
        CmdletClass.ByName(name).Parameters,
        p => (p.Name.Contains("Password", StringComparison.OrdinalIgnoreCase) || p.Name.Contains("Secret", StringComparison.OrdinalIgnoreCase)) && p.TypeName is not ("SecureString" or "SwitchParameter"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Lets_no_type_of_SMO_or_SqlClient_cross_its_border(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        HashSet<Type> seen = [];
        foreach (Type type in cmdlet.Parameters.Select(p => p.Property.PropertyType).Concat(cmdlet.OutputTypes))
            Walk(type, seen);
        Assert.DoesNotContain(seen, t => t.Assembly.GetName().Name!.StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    [Fact]
    public void The_default_parameter_set_exists()
    {
        foreach (CmdletClass cmdlet in CmdletClass.All.Where(c => c.DefaultParameterSet is not null))
            Assert.Contains(cmdlet.DefaultParameterSet, cmdlet.Parameters.SelectMany(p => p.Sets));
    }

    private static void Walk(Type type, HashSet<Type> seen)
    {
        foreach (Type argument in type.GetGenericArguments())
            Walk(argument, seen);
        if (type.GetElementType() is { } element)
            Walk(element, seen);
        if (!seen.Add(type) || !type.Assembly.GetName().Name!.StartsWith("BizTalkDR", StringComparison.Ordinal))
            return;
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            Walk(property.PropertyType, seen);
    }

    private static List<string> ApprovedVerbs() => typeof(System.Management.Automation.VerbsCommon).Assembly.GetTypes()
        .Where(t => t.IsPublic && t.Name.StartsWith("Verbs", StringComparison.Ordinal))
        .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Where(f => f.IsLiteral)
        .Select(f => (string)f.GetRawConstantValue()!)
        .ToList();
}
