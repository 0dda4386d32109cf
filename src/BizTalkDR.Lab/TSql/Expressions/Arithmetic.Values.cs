using System;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using static Microsoft.SqlServer.TransactSql.ScriptDom.BinaryExpressionType;

namespace BizTalkDR.Lab.TSql;

// The operations themselves, on values of one type.
internal static partial class Arithmetic
{
    /// <summary>NULL where the session forgives arithmetic errors.</summary>
    private static object? DividedByZero() => CurrentSettings.ForgivesArithmetic ? null : throw SqlErrors.DivideByZero();

    private static object? Int(BinaryExpressionType op, int a, int b, SqlType type)
    {
        if (op is Divide or Modulo && b == 0)
        {
            return DividedByZero();
        }

        long result = op switch
        {
            Add => (long)a + b,
            Subtract => (long)a - b,
            Multiply => (long)a * b,
            Divide => (long)a / b,
            _ => (long)a % b,
        };
        return result is >= int.MinValue and <= int.MaxValue ? (int)result : throw SqlErrors.ExpressionOverflow(type);
    }

    private static object? Long(BinaryExpressionType op, long a, long b, SqlType type)
    {
        if (op is Divide or Modulo && b == 0)
        {
            return DividedByZero();
        }

        try
        {
            long result = op switch
            {
                Add => checked(a + b),
                Subtract => checked(a - b),
                Multiply => checked(a * b),
                Divide => checked(a / b),
                _ => b == -1 ? 0 : a % b,
            };
            return SqlConversion.FitInteger(result, type, type);
        }
        catch (Exception e) when (e is OverflowException or LabSqlException)
        {
            throw SqlErrors.ExpressionOverflow(type);
        }
    }

    private static object? Double(BinaryExpressionType op, double a, double b, SqlType type)
    {
        if (op == Divide && b == 0)
        {
            return DividedByZero();
        }

        double result = op switch { Add => a + b, Subtract => a - b, Multiply => a * b, _ => a / b };
        return double.IsInfinity(result) ? throw SqlErrors.ExpressionOverflow(type) : result;
    }

    // Division cuts the digits it has no room for; the other operators round.
    private static object? Decimal(BinaryExpressionType op, decimal a, decimal b, SqlType result, SqlType named)
    {
        if (op is Divide or Modulo && b == 0)
        {
            return DividedByZero();
        }

        try
        {
            decimal value = op switch
            {
                Add => a + b,
                Subtract => a - b,
                Multiply => a * b,
                Divide => Math.Round(a / b, Math.Min((int)result.Scale, 28), MidpointRounding.ToZero),
                _ => a % b,
            };
            return SqlConversion.FitDecimal(value, result, "expression");
        }
        catch (OverflowException)
        {
            throw SqlErrors.ExpressionOverflow(named);
        }
    }
}
