using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// @@ values.
internal sealed partial class ExecutionFrame
{
    public const string Version = "16.0.4135.4";

    /// <summary>@@VERSION: begins as tools expect and says what it is.</summary>
    public const string VersionText =
        "Microsoft SQL Server 2022 compatible simulator - BizTalkDR Lab - 16.0.4135.4 (X64)\n\tBizTalkDR Lab (simulator), compatible with SQL Server 2022 (16.0.4135). Not for production data.";

    public (SqlType Type, object? Value) GetGlobal(string name) => name.ToUpperInvariant() switch
    {
        "@@ERROR" => (SqlType.Int, Session.LastError),
        "@@ROWCOUNT" => (SqlType.Int, (int)Math.Min(int.MaxValue, Session.LastRowCount)),
        "@@TRANCOUNT" => (SqlType.Int, Session.Transaction.Count),
        "@@IDENTITY" => (SqlType.Decimal(38, 0), Session.LastIdentity),
        "@@SPID" => (new SqlType(SqlKind.SmallInt), (short)Session.SessionId),
        "@@SERVERNAME" => (SqlType.SysName, Session.Server.ServerName),
        "@@VERSION" => (SqlType.NVarChar(300), VersionText),
        "@@MICROSOFTVERSION" => (SqlType.Int, (16 << 24) | 4135),
        "@@MAX_PRECISION" => (SqlType.TinyInt, (byte)38),
        "@@MAX_CONNECTIONS" => (SqlType.Int, 32767),
        "@@NESTLEVEL" => (SqlType.Int, NestLevel),
        "@@PROCID" => (SqlType.Int, Module?.ObjectId ?? 0),
        "@@DBTS" => (new SqlType(SqlKind.VarBinary, 8), RowVersionOf(Database)),
        "@@FETCH_STATUS" => (SqlType.Int, Session.FetchStatus),
        "@@CURSOR_ROWS" => (SqlType.Int, Session.CursorRows),
        "@@OPTIONS" => (SqlType.Int, Session.Settings.Bits),
        "@@LANGUAGE" => (SqlType.SysName, Session.Settings.Language),
        "@@LANGID" => (new SqlType(SqlKind.SmallInt), (short)0),
        "@@SERVICENAME" => (SqlType.SysName, ServiceName),
        "@@LOCK_TIMEOUT" => (SqlType.Int, Session.Settings.LockTimeout),
        "@@DATEFIRST" => (SqlType.TinyInt, (byte)Session.Settings.DateFirst),
        "@@TEXTSIZE" => (SqlType.Int, Session.Settings.TextSize),
        "@@CONNECTIONS" => (SqlType.Int, Session.SessionId - 50),
        "@@TIMETICKS" => (SqlType.Int, 31250),
        "@@CPU_BUSY" or "@@IDLE" or "@@IO_BUSY" or "@@PACK_RECEIVED" or "@@PACK_SENT" or "@@PACKET_ERRORS" or "@@TOTAL_ERRORS" or "@@TOTAL_READ" or "@@TOTAL_WRITE" => (SqlType.Int, 0),
        "@@REMSERVER" => (SqlType.SysName, null),
        _ => throw ServerErrors.UndeclaredVariable(name),
    };

    /// <summary>MSSQLSERVER for a default instance, the instance name for a named one.</summary>
    public string ServiceName
    {
        get
        {
            string server = Session.Server.ServerName;
            int slash = server.IndexOf('\\', StringComparison.Ordinal);
            return slash < 0 ? "MSSQLSERVER" : server[(slash + 1)..].ToUpper(CultureInfo.InvariantCulture);
        }
    }

    private static byte[] RowVersionOf(LabDatabase database)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, database.Log.EndLsn.Vlf * 1_000_000L + database.Log.EndLsn.Block);
        return bytes;
    }
}
