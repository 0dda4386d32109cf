using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Converts values between types as CAST and CONVERT do.</summary>
internal static partial class SqlConversion
{
    /// <summary>Converts a value; text and binary are cut to the length silently.</summary>
    /// <exception cref="LabSqlException">220, 232, 235, 241, 242, 244, 245, 248, 529, 8114, 8115, 8169, 8170.</exception>
    public static object? Convert(object? value, SqlType from, SqlType to, int style = 0)
    {
        if (value is null)
        {
            return null;
        }

        if (value is SqlVariant variant)
        {
            return to.Kind == SqlKind.SqlVariant ? variant : Convert(variant.Value, variant.Type, to, style);
        }

        if (from == to)
        {
            return value;
        }

        switch (to.Kind)
        {
            case SqlKind.Bit or SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int or SqlKind.BigInt:
                return ToInteger(value, from, to);
            case SqlKind.Decimal:
                return ToDecimal(value, from, to);
            case SqlKind.Money or SqlKind.SmallMoney:
                return ToMoney(value, from, to);
            case SqlKind.Real or SqlKind.Float:
                return ToFloat(value, from, to);
            case SqlKind.Date or SqlKind.Time or SqlKind.SmallDateTime or SqlKind.DateTime or SqlKind.DateTime2 or SqlKind.DateTimeOffset:
                return ToDate(value, from, to, style);
            case SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar or SqlKind.Text or SqlKind.NText or SqlKind.Xml:
                return ToText(value, from, to, style);
            case SqlKind.Binary or SqlKind.VarBinary or SqlKind.Image or SqlKind.RowVersion:
                return ToBinary(value, from, to, style);
            case SqlKind.UniqueIdentifier:
                return ToGuid(value, from, to);
            default:
                return new SqlVariant(from, value);
        }
    }

    /// <summary>Converts, or gives NULL where CONVERT would fail because of the value (TRY_CONVERT).</summary>
    public static object? TryConvert(object? value, SqlType from, SqlType to, int style)
    {
        try
        {
            return Convert(value, from, to, style);
        }
        catch (LabSqlException e) when (e.Number != 529)
        {
            return null;
        }
    }

    /// <summary>Refuses pairs of types that have no conversion: 529 when asked for, 206 or 257 when implied.</summary>
    public static void Verify(SqlType from, SqlType to, bool isExplicit)
    {
        if (from.Kind == to.Kind)
        {
            return;
        }

        Path path = FindPath(from, to);
        if (path == Path.None)
        {
            throw isExplicit ? SqlErrors.ExplicitNotAllowed(from, to) : SqlErrors.TypeClash(from, to);
        }

        if (path == Path.Explicit && !isExplicit)
        {
            throw SqlErrors.ImplicitNotAllowed(from, to);
        }
    }

    private enum Path
    {
        None,
        Explicit,
        Implicit,
    }

    private static Path FindPath(SqlType from, SqlType to)
    {
        bool IsLob(SqlType t) => t.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image;
        bool IsClassic(SqlType t) => t.Kind is SqlKind.DateTime or SqlKind.SmallDateTime;
        bool IsChar(SqlType t) => t.Kind is >= SqlKind.Char and <= SqlKind.NVarChar;
        if (to.Kind == SqlKind.SqlVariant)
        {
            return IsLob(from) || from.Kind is SqlKind.Xml or SqlKind.RowVersion || from.Length < 0 ? Path.None : Path.Implicit;
        }

        if (from.Kind == SqlKind.SqlVariant)
        {
            return IsLob(to) || to.Kind is SqlKind.Xml or SqlKind.RowVersion ? Path.None : Path.Explicit;
        }

        if (IsChar(from))
        {
            return to.IsBinary ? (to.Kind == SqlKind.Image ? Path.None : Path.Explicit) : Path.Implicit;
        }

        if (from.Kind is SqlKind.Text or SqlKind.NText)
        {
            return to.IsCharacter ? Path.Implicit : Path.None;
        }

        if (from.Kind == SqlKind.Xml)
        {
            return IsChar(to) || to.Kind is SqlKind.Binary or SqlKind.VarBinary ? Path.Explicit : Path.None;
        }

        if (from.IsBinary)
        {
            return FromBinaryPath(from, to);
        }

        if (from.Kind == SqlKind.UniqueIdentifier)
        {
            return IsChar(to) || to.Kind is SqlKind.Binary or SqlKind.VarBinary ? Path.Implicit : Path.None;
        }

        if (from.IsDateTime)
        {
            if (to.IsDateTime)
            {
                return from.Kind is SqlKind.Date && to.Kind is SqlKind.Time || from.Kind is SqlKind.Time && to.Kind is SqlKind.Date ? Path.None : Path.Implicit;
            }

            return IsChar(to) ? Path.Implicit
                : to.Kind is SqlKind.Binary or SqlKind.VarBinary ? Path.Explicit
                : to.IsNumeric && IsClassic(from) ? Path.Explicit : Path.None;
        }

        // Numbers are left.
        if (to.IsNumeric || IsClassic(to))
        {
            return Path.Implicit;
        }

        if (IsChar(to))
        {
            return from.Kind is SqlKind.Money or SqlKind.SmallMoney ? Path.Explicit : Path.Implicit;
        }

        return to.Kind is SqlKind.Binary or SqlKind.VarBinary or SqlKind.RowVersion ? Path.Implicit : Path.None;
    }

    private static Path FromBinaryPath(SqlType from, SqlType to)
    {
        if (to.IsBinary)
        {
            return Path.Implicit;
        }

        if (from.Kind == SqlKind.Image || to.Kind is SqlKind.Float or SqlKind.Real or SqlKind.Text or SqlKind.NText)
        {
            return Path.None;
        }

        return to.Kind is SqlKind.Xml or SqlKind.Date or SqlKind.Time or SqlKind.DateTime2 or SqlKind.DateTimeOffset ? Path.Explicit : Path.Implicit;
    }
}
