using System;
using System.IO;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Opens computers: the one that this process runs on, or a simulated one that is kept in a folder.</summary>
public sealed class ComputerFactory : IComputerFactory
{
    /// <inheritdoc/>
    public IComputer Open(ComputerAddress address)
    {
        if (address.Name is "" or "." || string.Equals(address.Name, Environment.MachineName, StringComparison.OrdinalIgnoreCase))
            return OpenThis();
        if (File.Exists(Path.Combine(address.Name, FolderComputer.DescriptionFile)))
            return FolderComputer.Open(address);
        if (Path.IsPathRooted(address.Name))
        {
            throw new RecoveryException(
                RecoveryError.ComputerUnreachable, address.Name, $"{address.Name} holds no simulated computer: there is no {FolderComputer.DescriptionFile} in it.",
                "Pass the folder of a lab computer: the one that holds computer.json.");
        }

        throw new RecoveryException(
            RecoveryError.ComputerUnreachable, address.Name, $"{address.Name} is another computer than this one ({Environment.MachineName}): without a session nothing works across the network. Nothing was changed.",
            $"Pass -Session (New-PSSession -ComputerName {address.Name}) instead of -ComputerName, or run the cmdlet on {address.Name} itself.");
    }

    private static IComputer OpenThis()
    {
#if !NETFRAMEWORK
        if (!OperatingSystem.IsWindows())
        {
            throw new RecoveryException(
                RecoveryError.ComputerUnreachable, Environment.MachineName, $"{Environment.MachineName} does not run Windows, and BizTalk Server runs on nothing else: it is no BizTalk computer. Nothing was changed.",
                "Run the cmdlet on the BizTalk computer. To practise, pass the folder of a lab computer with -ComputerName.");
        }

#endif
        return new WindowsComputer();
    }
}
