using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Makes the errors that several parts of the interpreter raise, with SQL Server's numbers, classes and texts.</summary>
internal static class ServerErrors
{
    public static LabSqlException Make(int number, byte @class, byte state, string text) => new(number, @class, state, text);

    public static LabSqlException InvalidObject(string name) => new(208, 16, 1, $"Invalid object name '{name}'.");

    public static LabSqlException UnknownProcedure(string name) => new(2812, 16, 62, $"Could not find stored procedure '{name}'.");

    public static LabSqlException UndeclaredVariable(string name) => new(137, 15, 2, $"Must declare the scalar variable \"{name}\".");

    public static LabSqlException UndeclaredTable(string name) => new(1087, 15, 2, $"Must declare the table variable \"{name}\".");

    public static LabSqlException AlreadyExists(string name) => new(2714, 16, 6, $"There is already an object named '{name}' in the database.");

    public static LabSqlException CannotDrop(string kind, string name) =>
        new(3701, 11, 5, $"Cannot drop the {kind} '{name}', because it does not exist or you do not have permission.");

    public static LabSqlException UnknownDatabase(string name) =>
        new(911, 16, 1, $"Database '{name}' does not exist. Make sure that the name is entered correctly.");

    public static LabSqlException NoPermission(string permission, string objectName, string database, string schema) =>
        new(229, 14, 5, $"The {permission} permission was denied on the object '{objectName}', database '{database}', schema '{schema}'.");

    public static LabSqlException NoServerPermission() =>
        new(297, 16, 1, "The user does not have permission to perform this action.");

    public static LabSqlException NoServerState() =>
        new(300, 14, 1, "VIEW SERVER STATE permission was denied on object 'server', database 'master'.");

    public static LabSqlException NotAllowedInDatabase(string what, string database) =>
        new(262, 14, 1, $"{what} permission denied in database '{database}'.");

    public static LabSqlException Syntax(string near, int line = 1) =>
        new(new SqlMessage(102, 15, 1, $"Incorrect syntax near '{near}'.", null, line));

    public static LabSqlException UnknownServer(string name) =>
        new(7202, 11, 2, $"Could not find server '{name}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.");

    public static LabSqlException Doomed() =>
        new(3930, 16, 1, "The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.");

    public static LabSqlException NotSupported(string what, int line = 1) =>
        new(new SqlMessage(40514, 16, 1, $"'{what}' is not supported in this version of SQL Server.", null, line));

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
