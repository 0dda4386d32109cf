using System.Linq;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>A Management database of a lab, as the tools of its computers see it.</summary>
internal sealed class ManagementTables(string connectionString) : LabTables(connectionString)
{
    /// <summary>Opens it; null when the instance does not run.</summary>
    public static ManagementTables? Of(LabFolder lab, string server, string database) => ConnectionTo(lab, server, database) is { } connection ? new ManagementTables(connection) : null;

    /// <summary>Opens the one that a computer's registry names; null when it names none, or the instance does not run.</summary>
    public static ManagementTables? Of(LabComputer computer)
    {
        string? Setting(string name) => computer.Registry.Values(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration").FirstOrDefault(v => v.Name == name)?.Data as string;
        return Setting("MgmtDBServer") is { Length: > 0 } server && Setting("MgmtDBName") is { Length: > 0 } database ? Of(computer.Lab, server, database) : null;
    }

    /// <summary>Id of an application; null when there is none of that name.</summary>
    public int? ApplicationId(string name) => Rows("SELECT nID FROM dbo.bts_application WHERE nvcName = @n;", r => (int?)r.GetInt32(0), ("@n", name)).FirstOrDefault();
}
