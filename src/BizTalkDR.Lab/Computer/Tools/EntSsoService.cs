using System.Collections.Generic;
using BizTalkDR.Lab.Computer.SingleSignOn;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>ENTSSO: finds its database and gets the master secrets when it starts, forgets them when it stops.</summary>
internal sealed class EntSsoService : IComputerTool
{
    public string Name => EntSso.Service;

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        LabComputer computer = context.Computer;
        computer.Memory = null;
        if (arguments is not ["start"])
            return 0;
        if (SsoDatabase.Setting(computer) is not { } set)
        {
            computer.Log(Name, 10511, "The name of the SQL Server or of the SSO database is not in the registry.");
            return context.Fail("the registry names no SSO database (event 10511)");
        }

        try
        {
            if (SsoDatabase.Of(computer) is not { } database)
                return context.Fail($"the SQL Server {set.Server} does not answer");
            EntSso.Fetch(computer, database.Read());
            return 0;
        }
        catch (SqlException refused)
        {
            return context.Fail($"the database {set.Database} on {set.Server} cannot be used: {refused.Message}");
        }
    }
}
