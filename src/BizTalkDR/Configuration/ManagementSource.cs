using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Finds the Management database of a computer: as the operator says, else as the computer's registry does.</summary>
/// <remarks>The key and its values <c>MgmtDBServer</c> and <c>MgmtDBName</c> are not documented; several public scripts read them. What they name is looked at before it is believed: it has to be a Management database.</remarks>
internal static class ManagementSource
{
    private const string Key = ProductKey.Path + @"\Administration";

    /// <summary>Opens the instance, reads, and closes it.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <exception cref="RecoveryException">NotAManagementDatabase: nobody says where it is; what the connection or the reading says.</exception>
    public static T Read<T>(PartContext context, Func<ISqlInstance, string, T> read, CancellationToken cancellationToken)
    {
        (SqlInstanceAddress address, string database) = Locate(context);
        using ISqlInstance instance = context.Ports.Sql.Open(address, cancellationToken);
        return read(instance, database);
    }

    /// <summary>Lets a part look at the group; when that cannot be asked, one check says so and why.</summary>
    /// <param name="computer">The computer.</param>
    /// <param name="part">The part.</param>
    /// <param name="look">Looks.</param>
    public static IReadOnlyList<PartCheck> Checks(IComputer computer, ConfigurationPart part, Func<IReadOnlyList<PartCheck>> look)
    {
        try
        {
            return look();
        }
        catch (RecoveryException silent) when (silent.Code != RecoveryError.OperationCancelled)
        {
            return [new PartCheck(computer.Name, part, "Group", computer.Name, CheckOutcome.NotChecked, $"The part was not looked at: {silent.Message}", silent.Hint) { Error = silent.Code }];
        }
    }

    /// <summary>Server and database by the names BizTalk knows them by, of the same place that is read: what the operator passes comes before the registry.</summary>
    /// <exception cref="RecoveryException">NotAManagementDatabase: nobody says where it is.</exception>
    public static DatabaseAddress Names(IComputer computer, PartOptions options)
    {
        // What the operator passes is an address; a tool wants the instance's own name.
        string? server = options.ManagementInstance is { } given ? options.Instances.FirstOrDefault(i => i.Value == given).Key ?? given.Name : Value(computer, "MgmtDBServer");
        string? database = options.ManagementDatabase ?? Value(computer, "MgmtDBName");
        return server is { Length: > 0 } && database is { Length: > 0 } ? new DatabaseAddress(server, database) : throw NotKnown(computer);
    }

    /// <summary>Gives the address of an instance by the name BizTalk knows it by.</summary>
    public static SqlInstanceAddress AddressOf(string server, PartOptions options) => options.Instances.TryGetValue(server, out SqlInstanceAddress? known) ? known : options.InstanceDefaults with { Name = server };

    private static (SqlInstanceAddress Address, string Database) Locate(PartContext context)
    {
        string? server = Value(context.Computer, "MgmtDBServer");
        SqlInstanceAddress? address = context.Options.ManagementInstance ?? (server is { Length: > 0 } ? AddressOf(server, context.Options) : null);
        string? database = context.Options.ManagementDatabase ?? Value(context.Computer, "MgmtDBName");
        return address is not null && database is { Length: > 0 } ? (address, database) : throw NotKnown(context.Computer);
    }

    private static string? Value(IComputer computer, string name) => new[] { RegistryView.Registry64, RegistryView.Registry32 }
        .SelectMany(view => computer.Registry.Values(Key, view)).FirstOrDefault(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase))?.Data as string;

    private static RecoveryException NotKnown(IComputer computer) => new(
        RecoveryError.NotAManagementDatabase, computer.Name, $"Neither the registry of {computer.Name} (HKLM\\{Key}) nor a parameter says which Management database is meant.",
        "Pass -SqlInstance and -ManagementDatabase.");
}
