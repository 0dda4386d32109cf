using System;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Constants and the types they have.
internal sealed partial class Binder
{
    private static ConstExpr BindLiteral(Literal literal)
    {
        switch (literal)
        {
            case NullLiteral:
                return Exprs.Null;
            case StringLiteral text:
                return Exprs.Constant(LiteralText(text.IsNational, text.Value.Length), text.Value);
            case IntegerLiteral integer:
                return IntegerConstant(integer.Value);
            case NumericLiteral numeric:
                return DecimalConstant(numeric.Value);
            case MoneyLiteral money:
                return Exprs.Constant(SqlType.Money, SqlConversion.Convert(money.Value, SqlType.VarChar(40), SqlType.Money));
            case RealLiteral real:
                return double.TryParse(real.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                    ? Exprs.Constant(SqlType.Float, number)
                    : throw SqlErrors.ErrorConverting(SqlType.VarChar(8000), SqlType.Float);
            case BinaryLiteral binary:
                string hex = binary.Value[2..];
                byte[] bytes = Convert.FromHexString(hex.Length % 2 == 0 ? hex : "0" + hex);
                return Exprs.Constant(new SqlType(SqlKind.VarBinary, bytes.Length > 8000 ? -1 : Math.Max(1, bytes.Length)), bytes);
            case IdentifierLiteral identifier:
                return Exprs.Constant(LiteralText(false, identifier.Value.Length), identifier.Value);
            default:
                throw SqlErrors.SyntaxNear(literal.Value ?? "DEFAULT");
        }
    }

    private static SqlType LiteralText(bool unicode, int length)
    {
        int cap = unicode ? 4000 : 8000;
        int size = length > cap ? -1 : Math.Max(1, length);
        return unicode ? SqlType.NVarChar(size) : SqlType.VarChar(size);
    }

    private static ConstExpr IntegerConstant(string text)
    {
        string digits = text.TrimStart('0');
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            return new ConstExpr(SqlType.Int, value) { Nullable = false, Digits = (byte)Math.Max(1, digits.Length) };
        }

        return DecimalConstant(digits);
    }

    private static ConstExpr DecimalConstant(string text)
    {
        int point = text.IndexOf('.', StringComparison.Ordinal);
        int scale = point < 0 ? 0 : text.Length - point - 1;
        int integral = (point < 0 ? text : text[..point]).TrimStart('0').Length;
        int precision = Math.Max(1, integral + scale);
        if (precision > 38 || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
        {
            throw SqlErrors.Make(1007, 15, 1, $"The number '{text}' is out of the range for numeric representation (maximum precision 38).");
        }

        return Exprs.Constant(SqlType.Decimal((byte)precision, (byte)scale), value);
    }
}
