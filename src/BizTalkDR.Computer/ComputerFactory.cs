using System;
using System.IO;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Opens computers: a simulated one that is kept in a folder.</summary>
public sealed class ComputerFactory : IComputerFactory
{
    /// <inheritdoc/>
    public IComputer Open(ComputerAddress address)
    {
        if (address.Name.Length > 0 && File.Exists(Path.Combine(address.Name, FolderComputer.DescriptionFile)))
            return FolderComputer.Open(address);
        if (Path.IsPathRooted(address.Name))
        {
            throw new RecoveryException(
                RecoveryError.ComputerUnreachable, address.Name, $"{address.Name} holds no simulated computer: there is no {FolderComputer.DescriptionFile} in it.",
                "Pass the folder of a lab computer: the one that holds computer.json.");
        }

        throw new RecoveryException(
            RecoveryError.ComputerUnreachable, address.ToString(),
            $"The computer '{address}' cannot be opened: this version opens simulated computers (folders with {FolderComputer.DescriptionFile}) alone. Nothing was changed.",
            "Pass the folder of a lab computer. For a real computer use Microsoft's tools by the documented steps.");
    }
}
