using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>The errors the protocol layer itself raises, with SQL Server's numbers and texts.</summary>
internal static class TdsErrors
{
    public static SqlMessage SessionKilled { get; } = new(596, 21, 1, "Cannot continue the execution because the session is in the kill state.");

    public static SqlMessage LoginFailed(string user) => new(18456, 14, 1, $"Login failed for user '{user}'.");

    public static SqlMessage UntrustedDomain() =>
        new(18452, 14, 1, "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.");

    public static SqlMessage InvalidLoginPacket(string why) =>
        new(17832, 20, 18, $"The login packet used to open the connection is structurally invalid; the connection has been closed. {why}");

    public static SqlMessage InvalidStream(string why) =>
        new(4002, 20, 1, $"The incoming tabular data stream (TDS) protocol stream is incorrect. {why}");

    public static SqlMessage UnknownRequest(byte type) =>
        new(4004, 20, 1, string.Create(CultureInfo.InvariantCulture, $"The incoming tabular data stream (TDS) protocol stream is incorrect. The message type 0x{type:X2} is unknown."));

    public static SqlMessage BulkLoadRefused() =>
        new(4834, 16, 1, "You do not have permission to use the bulk load statement.");

    public static SqlMessage Unexpected(Exception error) =>
        new(3624, 20, 1, $"A system assertion check has failed: {error.GetType().Name}: {error.Message}");

    public static LabSqlException DataTypeUnknown(int ordinal, string name, byte type) =>
        new(8009, 16, 1, string.Create(CultureInfo.InvariantCulture, $"The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. Parameter {ordinal} (\"{name}\"): Data type 0x{type:X2} is unknown."));

    public static LabSqlException ProcedureNumberUnknown(int number) =>
        new(8004, 16, 1, string.Create(CultureInfo.InvariantCulture, $"The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. The RPC name is invalid: procedure number {number}."));

    public static LabSqlException CoordinatorUnavailable(string serverName) => new(8501, 16, 3, $"MSDTC on server '{serverName}' is unavailable.");

    public static LabSqlException NumericOverflow() =>
        new(8115, 16, 6, "Arithmetic overflow error converting numeric to data type numeric.");

    public static LabSqlException Overflow(SqlType type) =>
        new(8115, 16, 2, $"Arithmetic overflow error converting expression to data type {type}.");

    public static LabSqlException Truncated() => new(8152, 16, 14, "String or binary data would be truncated.");
}
