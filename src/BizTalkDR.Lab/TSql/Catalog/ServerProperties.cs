using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>SERVERPROPERTY, DATABASEPROPERTYEX, CONNECTIONPROPERTY, COLLATIONPROPERTY and the like.</summary>
internal static class ServerProperties
{
    public static void Register(FunctionRegistry f)
    {
        Variant(f, "SERVERPROPERTY", 1, (frame, a) => OfServer(frame, MetadataFunctions.Text(a[0])));
        Variant(f, "CONNECTIONPROPERTY", 1, (frame, a) => OfConnection(frame, MetadataFunctions.Text(a[0])));
        Variant(f, "COLLATIONPROPERTY", 2, (_, a) => OfCollation(MetadataFunctions.Text(a[0]), MetadataFunctions.Text(a[1])));
        Variant(f, "SESSIONPROPERTY", 1, (frame, a) => OfSession(frame, MetadataFunctions.Text(a[0])));
        Variant(f, "LOGINPROPERTY", 2, (frame, a) => OfLogin(frame, MetadataFunctions.Text(a[0]), MetadataFunctions.Text(a[1])));
        MetadataFunctions.Add(f, "FULLTEXTSERVICEPROPERTY", 1, 1, SqlType.Int, (_, a) => MetadataFunctions.Text(a[0])?.ToUpperInvariant() switch { "ISFULLTEXTINSTALLED" => 0, _ => null });
        MetadataFunctions.Add(f, "FULLTEXTCATALOGPROPERTY", 2, 2, SqlType.Int, (_, _) => null);
    }

    /// <summary>DATABASEPROPERTYEX.</summary>
    public static SqlVariant? OfDatabase(ExecutionFrame frame, string? name, string? property)
    {
        if (name is null || frame.Instance.Find(name) is not { } d)
        {
            return null;
        }

        bool closed = d.State != DatabaseState.Online;
        return property?.ToUpperInvariant() switch
        {
            "STATUS" => Name(DatabaseViews.StateName(d.State)),
            "RECOVERY" => Name(d.RecoveryModel switch { RecoveryModel.Full => "FULL", RecoveryModel.BulkLogged => "BULK_LOGGED", _ => "SIMPLE" }),
            "USERACCESS" => Name(d.UserAccess switch { UserAccess.SingleUser => "SINGLE_USER", UserAccess.RestrictedUser => "RESTRICTED_USER", _ => "MULTI_USER" }),
            "UPDATEABILITY" => Name(d.IsReadOnly || d.IsInStandby || d.State == DatabaseState.Restoring ? "READ_ONLY" : "READ_WRITE"),
            "COLLATION" => closed ? null : Name(d.Collation),
            "VERSION" => closed ? null : Int(957),
            "ISINSTANDBY" => Int(d.IsInStandby ? 1 : 0),
            "LASTGOODCHECKDBTIME" => new SqlVariant(SqlType.DateTime, new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Unspecified)),
            "SQLSORTORDER" => new SqlVariant(SqlType.TinyInt, (byte)52),
            "COMPARISONSTYLE" => Int(196609),
            "LCID" => Int(1033),
            "EDITION" => null,
            "ISAUTOCREATESTATISTICS" or "ISAUTOUPDATESTATISTICS" => Int(1),
            "ISAUTOCLOSE" or "ISAUTOSHRINK" or "ISANSINULLDEFAULT" or "ISANSINULLSENABLED" or "ISFULLTEXTENABLED" or "ISPUBLISHED" or "ISSUBSCRIBED" or "ISCLONE" => Int(0),
            _ => null,
        };
    }

    private static void Variant(FunctionRegistry f, string name, int count, Func<ExecutionFrame, object?[], SqlVariant?> evaluate) =>
        f.Add(name, new ScalarFunction(count, count, _ => SqlType.Variant, (context, _, values) => evaluate(MetadataFunctions.FrameOf(context), Array.ConvertAll(values, v => v is SqlVariant variant ? variant.Value : v))));

    private static SqlVariant Name(string text) => new(SqlType.NVarChar(128), text);

    private static SqlVariant Int(int value) => new(SqlType.Int, value);

    private static SqlVariant? OfServer(ExecutionFrame frame, string? property)
    {
        string server = frame.Session.Server.ServerName;
        int slash = server.IndexOf('\\', StringComparison.Ordinal);
        string machine = slash < 0 ? server : server[..slash];
        return property?.ToUpperInvariant() switch
        {
            "SERVERNAME" => Name(server),
            "MACHINENAME" or "COMPUTERNAMEPHYSICALNETBIOS" => Name(machine),
            "INSTANCENAME" => slash < 0 ? null : Name(server[(slash + 1)..]),
            "EDITION" => Name("Developer Edition (64-bit)"),
            "EDITIONID" => new SqlVariant(SqlType.BigInt, -2117995310L),
            "ENGINEEDITION" => Int(3),
            "PRODUCTVERSION" => Name(ExecutionFrame.Version),
            "PRODUCTLEVEL" => Name("RTM"),
            "PRODUCTUPDATELEVEL" => Name("CU14"),
            "PRODUCTUPDATEREFERENCE" => Name("KB5038325"),
            "PRODUCTMAJORVERSION" => Name("16"),
            "PRODUCTMINORVERSION" => Name("0"),
            "PRODUCTBUILD" => Name("4135"),
            "PRODUCTBUILDTYPE" => Name("GDR"),
            "COLLATION" => Name(frame.Instance.Options.Collation),
            "COLLATIONID" => Int(872468488),
            "COMPARISONSTYLE" => Int(196609),
            "LCID" => Int(1033),
            "SQLCHARSET" => new SqlVariant(SqlType.TinyInt, (byte)1),
            "SQLCHARSETNAME" => Name("iso_1"),
            "SQLSORTORDER" => new SqlVariant(SqlType.TinyInt, (byte)52),
            "SQLSORTORDERNAME" => Name("nocase_iso"),
            "BUILDCLRVERSION" => Name("v4.0.30319"),
            "RESOURCEVERSION" => Name("16.00.4135"),
            "RESOURCELASTUPDATEDATETIME" => new SqlVariant(SqlType.DateTime, new DateTime(2024, 6, 6, 18, 41, 39, DateTimeKind.Unspecified)),
            "INSTANCEDEFAULTDATAPATH" => Name(frame.Instance.DataFolder + Path.DirectorySeparatorChar),
            "INSTANCEDEFAULTLOGPATH" => Name(frame.Instance.LogFolder + Path.DirectorySeparatorChar),
            "INSTANCEDEFAULTBACKUPPATH" => Name(frame.Instance.BackupFolder),
            "ERRORLOGFILENAME" => Name(Path.Combine(frame.Instance.LogFolder, "errorlog")),
            "PATHSEPARATOR" => Name(Path.DirectorySeparatorChar.ToString()),
            "PROCESSID" => Int(Environment.ProcessId),
            "ISHADRENABLED" => Int(frame.Instance.AvailabilityGroups.Count > 0 ? 1 : 0),
            "ISCLUSTERED" or "ISSINGLEUSER" or "ISLOCALDB" or "ISFULLTEXTINSTALLED" or "ISPOLYBASEINSTALLED" or "ISINTEGRATEDSECURITYONLY" or "ISADVANCEDANALYTICSINSTALLED"
                or "ISBIGDATACLUSTER" or "ISTEMPDBMETADATAMEMORYOPTIMIZED" or "ISXTPSUPPORTED" or "ISEXTERNALAUTHENTICATIONONLY" or "FILESTREAMCONFIGUREDLEVEL" or "FILESTREAMEFFECTIVELEVEL" or "ISSERVERSUSPENDEDFORSNAPSHOTBACKUP" => Int(0),
            "FILESTREAMSHARENAME" => Name(string.Empty),
            "HADRMANAGERSTATUS" => Int(2),
            "LICENSETYPE" => Name("DISABLED"),
            _ => null,
        };
    }

    private static SqlVariant? OfConnection(ExecutionFrame frame, string? property) => property?.ToUpperInvariant() switch
    {
        "NET_TRANSPORT" => Name("TCP"),
        "PHYSICAL_NET_TRANSPORT" => Name("TCP"),
        "PROTOCOL_TYPE" => Name("TSQL"),
        "AUTH_SCHEME" => Name("SQL"),
        "LOCAL_NET_ADDRESS" or "CLIENT_NET_ADDRESS" => Name("127.0.0.1"),
        "LOCAL_TCP_PORT" => frame.Session.Server.Directory.Find(frame.Session.Server.ServerName) is { } endpoint ? Int(endpoint.Port) : null,
        _ => null,
    };

    private static SqlVariant? OfCollation(string? collation, string? property)
    {
        if (collation is null)
        {
            return null;
        }

        bool cased = collation.Contains("_CS", StringComparison.OrdinalIgnoreCase);
        bool binary = collation.Contains("_BIN", StringComparison.OrdinalIgnoreCase);
        return property?.ToUpperInvariant() switch
        {
            "CODEPAGE" => Int(1252),
            "LCID" => Int(1033),
            "COMPARISONSTYLE" => Int(binary ? 0 : cased ? 196608 : 196609),
            "VERSION" => new SqlVariant(SqlType.TinyInt, (byte)0),
            _ => null,
        };
    }

    private static SqlVariant? OfSession(ExecutionFrame frame, string? property)
    {
        SessionSettings s = frame.Session.Settings;
        bool? on = property?.ToUpperInvariant() switch
        {
            "ANSI_NULLS" => s.AnsiNulls,
            "ANSI_PADDING" => s.AnsiPadding,
            "ANSI_WARNINGS" => s.AnsiWarnings,
            "ARITHABORT" => s.ArithAbort,
            "CONCAT_NULL_YIELDS_NULL" => s.ConcatNullYieldsNull,
            "NUMERIC_ROUNDABORT" => s.NumericRoundAbort,
            "QUOTED_IDENTIFIER" => s.QuotedIdentifier,
            _ => null,
        };
        return on is null ? null : Int(on.Value ? 1 : 0);
    }

    private static SqlVariant? OfLogin(ExecutionFrame frame, string? name, string? property) =>
        name is not null && frame.Session.Server.Logins.Find(name) is { } login
            ? property?.ToUpperInvariant() switch
            {
                "DEFAULTDATABASE" => Name(login.DefaultDatabase),
                "DEFAULTLANGUAGE" => Name("us_english"),
                "PASSWORDHASH" => frame.IsSysAdmin && login.Hash.Length > 0 ? new SqlVariant(new SqlType(SqlKind.VarBinary, 256), login.Hash) : null,
                "PASSWORDHASHALGORITHM" => login.Hash.Length > 0 ? Int(2) : null,
                "ISLOCKED" or "ISEXPIRED" or "ISMUSTCHANGE" or "BADPASSWORDCOUNT" => Int(0),
                _ => null,
            }
            : null;
}
