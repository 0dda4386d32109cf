using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>What the negotiated version changes on the wire; older clients get newer types in the form they know ([MS-TDS] 2.2.5.4, 2.2.7).</summary>
/// <param name="Version">Number the server acknowledges.</param>
internal readonly record struct TdsDialect(uint Version)
{
    /// <summary>TDS 8.0 has the smallest number and all that 7.4 has.</summary>
    private uint Rank => Version == TdsProtocol.Version80 ? uint.MaxValue : Version;

    /// <summary>Rows with a bitmap of NULLs.</summary>
    public bool HasNullBitmapRows => Rank >= TdsProtocol.Version73B;

    /// <summary>date, time, datetime2 and datetimeoffset.</summary>
    public bool HasDates => Rank >= TdsProtocol.Version73A;

    /// <summary>max types, xml, headers of requests, 64-bit row counts, 32-bit line numbers and user types, transaction descriptors.</summary>
    public bool IsYukon => Rank >= TdsProtocol.Version72;

    /// <summary>What separates the calls of one RPC message (2.2.6.6).</summary>
    public byte BatchFlag => IsYukon ? (byte)0xFF : (byte)0x80;

    /// <summary>Gives the version both sides speak; null when there is none.</summary>
    public static TdsDialect? Negotiate(uint asked, bool strict) => asked switch
    {
        TdsProtocol.Version80 => strict ? new(asked) : null,
        >= TdsProtocol.Version74 => new(TdsProtocol.Version74),
        >= TdsProtocol.Version73B => new(TdsProtocol.Version73B),
        >= TdsProtocol.Version73A => new(TdsProtocol.Version73A),
        >= TdsProtocol.Version72 => new(TdsProtocol.Version72),
        >= TdsProtocol.FirstVersion71 => new(TdsProtocol.Version71),
        _ => null,
    };

    /// <summary>Gives the type a client of this version is shown instead of one it does not know.</summary>
    public SqlType Shown(SqlType type) => type.Kind switch
    {
        SqlKind.Date when !HasDates => SqlType.NVarChar(10),
        SqlKind.Time when !HasDates => SqlType.NVarChar(8 + FractionChars(type)),
        SqlKind.DateTime2 when !HasDates => SqlType.NVarChar(19 + FractionChars(type)),
        SqlKind.DateTimeOffset when !HasDates => SqlType.NVarChar(26 + FractionChars(type)),
        SqlKind.Xml when !IsYukon => new SqlType(SqlKind.NText),
        SqlKind.NVarChar or SqlKind.NChar when !IsYukon && type.Length < 0 => new SqlType(SqlKind.NText),
        SqlKind.VarChar or SqlKind.Char when !IsYukon && type.Length < 0 => new SqlType(SqlKind.Text),
        SqlKind.VarBinary or SqlKind.Binary when !IsYukon && type.Length < 0 => new SqlType(SqlKind.Image),
        _ => type,
    };

    /// <summary>Gives the value as it goes with the type that is shown.</summary>
    public object? Shown(SqlType type, object? value) => HasDates ? value : (type.Kind, value) switch
    {
        (SqlKind.Date, DateTime date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (SqlKind.Time, TimeSpan time) => time.ToString(@"hh\:mm\:ss" + Fraction(type, @"\."), CultureInfo.InvariantCulture),
        (SqlKind.DateTime2, DateTime moment) => moment.ToString("yyyy-MM-dd HH:mm:ss" + Fraction(type, "."), CultureInfo.InvariantCulture),
        (SqlKind.DateTimeOffset, DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss" + Fraction(type, ".") + " zzz", CultureInfo.InvariantCulture),
        _ => value,
    };

    private static int FractionChars(SqlType type) => type.Scale == 0 ? 0 : type.Scale + 1;

    private static string Fraction(SqlType type, string point) => type.Scale == 0 ? string.Empty : point + new string('f', type.Scale);
}
