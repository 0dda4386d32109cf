using System.Collections.Generic;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_getapplock and sp_releaseapplock.</summary>
internal static class LockProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_getapplock", "@Resource nvarchar(255), @LockMode varchar(32), @LockOwner varchar(32) = 'Transaction', @LockTimeout int = NULL, @DbPrincipal sysname = 'public'", Take),
        new SystemProcedure("sp_releaseapplock", "@Resource nvarchar(255), @LockOwner varchar(32) = 'Transaction', @DbPrincipal sysname = 'public'", Release),
    ];

    private static void Take(SystemCall call)
    {
        string resource = call.Text("@Resource") ?? string.Empty;
        string mode = call.Text("@LockMode") ?? string.Empty;
        if (!ApplicationLocks.IsMode(mode))
        {
            throw call.Error(1225, "An invalid application lock mode was passed to sp_getapplock.");
        }

        bool ofTransaction = OfTransaction(call);
        int timeout = call.Int("@LockTimeout") ?? call.Frame.Session.Settings.LockTimeout;
        call.ReturnStatus = call.Server.Locks.Take(call.Frame, resource, mode, ofTransaction, timeout);
    }

    private static void Release(SystemCall call)
    {
        string resource = call.Text("@Resource") ?? string.Empty;
        bool ofTransaction = OfTransaction(call);
        if (!call.Server.Locks.Release(call.Frame, resource, ofTransaction))
        {
            throw new LabSqlException(new SqlMessage(1223, 16, 1, $"Cannot release the application lock (Database Principal: 'public', Resource: '{resource}') because it is not currently held.", "xp_userlock"));
        }
    }

    private static bool OfTransaction(SystemCall call)
    {
        bool ofTransaction = !string.Equals(call.Text("@LockOwner"), "Session", System.StringComparison.OrdinalIgnoreCase);
        if (ofTransaction && call.Frame.Session.Transaction.Current is null)
        {
            throw new LabSqlException(new SqlMessage(1226, 16, 1, $"An invalid application lock owner was passed to {call.Procedure.Name}.", call.Procedure.Name));
        }

        return ofTransaction;
    }
}
