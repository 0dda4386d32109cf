using System.Collections.Generic;
using System.Collections.Frozen;

namespace BizTalkDR.Lab.TSql;

/// <summary>A message of sys.messages.</summary>
/// <param name="Text">With the marks of RAISERROR for its arguments.</param>
internal sealed record SystemMessage(int Number, byte Severity, bool IsLogged, string Text);

/// <summary>The messages of sys.messages the lab knows by number: those its procedures raise with RAISERROR, and those operators look up most.</summary>
/// <remarks>Source: page "Database engine events and errors". The lab raises more numbers than are listed here.</remarks>
internal static class SystemMessages
{
    private static readonly FrozenDictionary<int, SystemMessage> s_messages = Make();

    public static IEnumerable<SystemMessage> All => s_messages.Values;

    public static SystemMessage? Find(int number) => s_messages.GetValueOrDefault(number);

    private static FrozenDictionary<int, SystemMessage> Make()
    {
        Dictionary<int, SystemMessage> all = [];
        foreach ((int number, byte severity, string text) in (IReadOnlyList<(int, byte, string)>)
        [
            (102, 15, "Incorrect syntax near '%.*ls'."),
            (207, 16, "Invalid column name '%.*ls'."),
            (208, 16, "Invalid object name '%.*ls'."),
            (229, 14, "The %ls permission was denied on the object '%.*ls', database '%.*ls', schema '%.*ls'."),
            (262, 14, "%ls permission denied in database '%.*ls'."),
            (515, 16, "Cannot insert the value NULL into column '%.*ls', table '%.*ls'; column does not allow nulls. %ls fails."),
            (547, 16, "The %ls statement conflicted with the %ls constraint \"%.*ls\". The conflict occurred in database \"%.*ls\", table \"%.*ls\"%ls%.*ls%ls."),
            (911, 16, "Database '%.*ls' does not exist. Make sure that the name is entered correctly."),
            (916, 14, "The server principal \"%.*ls\" is not able to access the database \"%.*ls\" under the current security context."),
            (1205, 13, "Transaction (Process ID %d) was deadlocked on %.*ls resources with another process and has been chosen as the deadlock victim. Rerun the transaction."),
            (1222, 16, "Lock request time out period exceeded."),
            (2601, 14, "Cannot insert duplicate key row in object '%.*ls' with unique index '%.*ls'. The duplicate key value is %ls."),
            (2627, 14, "Violation of %ls constraint '%.*ls'. Cannot insert duplicate key in object '%.*ls'. The duplicate key value is %ls."),
            (2812, 16, "Could not find stored procedure '%.*ls'."),
            (3013, 16, "%hs is terminating abnormally."),
            (3101, 16, "Exclusive access could not be obtained because the database is in use."),
            (3201, 16, "Cannot open backup device '%ls'. Operating system error %ls."),
            (4208, 16, "The statement %hs is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE."),
            (4214, 16, "%hs cannot be performed because there is no current database backup."),
            (4305, 16, "The log in this backup set begins at LSN %.*ls, which is too recent to apply to the database. An earlier log backup that includes LSN %.*ls can be restored."),
            (8115, 16, "Arithmetic overflow error converting %ls to data type %ls."),
            (8134, 16, "Divide by zero error encountered."),
            (14234, 16, "The specified '%s' is invalid (valid values are returned by %s)."),
            (14256, 16, "Cannot start job '%s' (ID %s) because it does not have any job server(s) defined."),
            (14261, 16, "The specified %s ('%s') already exists."),
            (14262, 16, "The specified %s ('%s') does not exist."),
            (14607, 16, "%s name is not valid"),
            (14266, 16, "The specified '%s' is invalid (valid values are: %s)."),
            (14269, 16, "Job '%s' is already targeted at server '%s'."),
            (14294, 16, "Supply either %s or %s to identify the job."),
            (14372, 16, "The schedule was not deleted because it is being used by one or more jobs."),
            (15009, 16, "The object '%s' does not exist in database '%s' or is invalid for this operation."),
            (15010, 16, "The database '%s' does not exist. Supply a valid database name. To see available databases, use sys.databases."),
            (15247, 16, "User does not have permission to perform this action."),
            (18456, 14, "Login failed for user '%.*ls'.%.*ls%.*ls"),
        ])
        {
            all[number] = new SystemMessage(number, severity, number is 18456, text);
        }

        return all.ToFrozenDictionary();
    }
}
