namespace BizTalkDR.Ports.Computers;

/// <summary>Which computer is meant.</summary>
/// <param name="Name">Full path of a folder that holds a simulated computer (<c>computer.json</c> in it). Empty or <c>.</c> is this computer, anything else the name of another, which is not opened from here.</param>
public sealed record ComputerAddress(string Name)
{
    /// <summary>Gives the name.</summary>
    public override string ToString() => Name.Length == 0 ? "." : Name;
}

/// <summary>Opens computers.</summary>
public interface IComputerFactory
{
    /// <summary>Opens one; nothing on it is changed.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.ComputerUnreachable"/>.</exception>
    IComputer Open(ComputerAddress address);
}
