using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CASE and its relatives, conversions, functions.
internal sealed partial class Binder
{
    private static readonly HashSet<string> DatePartFunctions =
        new(["DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME"], StringComparer.OrdinalIgnoreCase);

    private CalcExpr BindConversion(Expr value, DataTypeReference target, ScalarExpression? style, bool isTry)
    {
        SqlType to = TypeRules.FromParsed(target, defaultLength: TypeRules.ConversionLength);
        SqlType from = value.Type;
        if (!value.IsNullLiteral)
        {
            SqlConversion.Verify(from, to, isExplicit: true);
        }

        Expr? styleExpression = style is null ? null : Exprs.Convert(Bind(style), SqlType.Int);
        if (styleExpression is null && !isTry)
        {
            Expr plain = Exprs.Convert(value, to);
            return new CalcExpr(to, plain.Eval) { Nullable = value.Nullable, Rules = value.Rules };
        }

        return new CalcExpr(to, f =>
        {
            object? input = value.Eval(f);
            object? number = styleExpression is null ? 0 : styleExpression.Eval(f);
            if (input is null || number is null)
            {
                return null;
            }

            return isTry ? SqlConversion.TryConvert(input, from, to, (int)number) : SqlConversion.Convert(input, from, to, (int)number);
        }) { Nullable = isTry || value.Nullable };
    }

    private CalcExpr BindCase(List<Func<Frame, bool?>> conditions, List<Expr> results, Expr otherwise)
    {
        List<Expr> all = [.. results, otherwise];
        if (all.TrueForAll(e => e.IsNullLiteral))
        {
            throw SqlErrors.Make(8133, 16, 1, "At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.");
        }

        SqlType type = Exprs.CommonType(all);
        Func<Frame, bool?>[] tests = [.. conditions];
        Expr[] values = results.Select(e => Alternative(e, type)).ToArray();
        Expr last = Alternative(otherwise, type);
        return new CalcExpr(type, f =>
        {
            for (int i = 0; i < tests.Length; i++)
            {
                if (tests[i](f) == true)
                {
                    return values[i].Eval(f);
                }
            }

            return last.Eval(f);
        }) { Nullable = all.Exists(e => e.Nullable) };
    }

    private static Expr Alternative(Expr expression, SqlType type)
    {
        if (!expression.IsNullLiteral)
        {
            SqlConversion.Verify(expression.Type, type, isExplicit: false);
        }

        return Exprs.Convert(expression, type);
    }

    private CalcExpr BindSimpleCase(SimpleCaseExpression simple)
    {
        Expr input = Bind(simple.InputExpression);
        return BindCase(
            simple.WhenClauses.Select(w => Comparison.Bind(BooleanComparisonType.Equals, input, Bind(w.WhenExpression))).ToList(),
            simple.WhenClauses.Select(w => Bind(w.ThenExpression)).ToList(),
            simple.ElseExpression is null ? Exprs.Null : Bind(simple.ElseExpression));
    }

    private CalcExpr BindCoalesce(CoalesceExpression coalesce)
    {
        List<Expr> bound = coalesce.Expressions.Select(Bind).ToList();
        if (bound.TrueForAll(e => e.IsNullLiteral))
        {
            throw SqlErrors.Make(4127, 16, 1, "At least one of the arguments to COALESCE must be an expression that is not the NULL constant.");
        }

        SqlType type = Exprs.CommonType(bound);
        Expr[] values = bound.Select(e => Alternative(e, type)).ToArray();
        return new CalcExpr(type, f =>
        {
            foreach (Expr value in values)
            {
                if (value.Eval(f) is { } result)
                {
                    return result;
                }
            }

            return null;
        }) { Nullable = bound.TrueForAll(e => e.Nullable) };
    }

    private CalcExpr BindNullIf(NullIfExpression nullIf)
    {
        Expr first = Bind(nullIf.FirstExpression);
        if (first.IsNullLiteral)
        {
            throw SqlErrors.Make(4151, 16, 1, "The type of the first argument to NULLIF cannot be the NULL constant because the type of the first argument has to be known.");
        }

        Func<Frame, bool?> equal = Comparison.Bind(BooleanComparisonType.Equals, first, Bind(nullIf.SecondExpression));
        return new CalcExpr(first.Type, f => equal(f) == true ? null : first.Eval(f));
    }

    // The result has the type of the first argument, and is never NULL when the second is not.
    private CalcExpr BindIsNull(IList<ScalarExpression> parameters)
    {
        if (parameters.Count != 2)
        {
            throw SqlErrors.FunctionArguments("isnull", 2);
        }

        Expr first = Bind(parameters[0]);
        Expr second = Bind(parameters[1]);
        SqlType type = first.IsNullLiteral ? second.Type : first.Type;
        Expr value = Exprs.Convert(first, type);
        Expr otherwise = Alternative(second, type);
        return new CalcExpr(type, f => value.Eval(f) ?? otherwise.Eval(f)) { Nullable = first.Nullable && second.Nullable, Rules = first.Rules };
    }

    private CalcExpr BindChoose(IList<ScalarExpression> parameters)
    {
        if (parameters.Count < 2)
        {
            throw SqlErrors.FunctionArguments("choose", 2, 254);
        }

        Expr index = Exprs.Convert(Bind(parameters[0]), SqlType.Int);
        List<Expr> choices = parameters.Skip(1).Select(Bind).ToList();
        SqlType type = Exprs.CommonType(choices);
        Expr[] values = choices.Select(e => Alternative(e, type)).ToArray();
        return new CalcExpr(type, f => index.Eval(f) is int i && i >= 1 && i <= values.Length ? values[i - 1].Eval(f) : null);
    }

    private Expr BindFunction(FunctionCall call)
    {
        string name = call.FunctionName.Value;
        if (call.CallTarget is not null)
        {
            return BindTargetedCall(call, name);
        }

        if (call.OverClause is not null)
        {
            return BindWindow(call);
        }

        if (Aggregate.IsAggregate(name))
        {
            return BindAggregate(call);
        }

        if (WindowFunction.IsRanking(name))
        {
            throw SqlErrors.Make(10753, 15, 1, $"The function '{name}' must have an OVER clause.");
        }

        return name.ToUpperInvariant() switch
        {
            "ISNULL" => BindIsNull(call.Parameters),
            "CHOOSE" => BindChoose(call.Parameters),
            _ => BindRegistered(name, call.Parameters),
        };
    }

    private CalcExpr BindRegistered(string name, IList<ScalarExpression> parameters)
    {
        ScalarFunction function = Context.Functions.Find(name) ?? throw SqlErrors.UnknownFunction(name);
        Expr[] arguments = new Expr[parameters.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = i == 0 && DatePartFunctions.Contains(name) && parameters[0] is ColumnReferenceExpression { MultiPartIdentifier.Count: 1 } part
                ? Exprs.Constant(SqlType.VarChar(30), part.MultiPartIdentifier[0].Value)
                : Bind(parameters[i]);
        }

        return CallRegistered(name, function, arguments);
    }

    private static CalcExpr CallRegistered(string name, ScalarFunction function, Expr[] arguments)
    {
        string lower = name.ToLowerInvariant();
        if (arguments.Length < function.MinArgs || (function.MaxArgs >= 0 && arguments.Length > function.MaxArgs))
        {
            throw function.MinArgs == function.MaxArgs || function.MaxArgs < 0
                ? SqlErrors.FunctionArguments(lower, function.MinArgs)
                : SqlErrors.FunctionArguments(lower, function.MinArgs, function.MaxArgs);
        }

        if (lower is "left" or "right" or "substring" && arguments[^1] is ConstExpr { Value: int and < 0 })
        {
            throw SqlErrors.ConstantLength(lower);
        }

        SqlType[] types = arguments.Select(a => a.Type).ToArray();
        SqlType result = function.ResultType(types);
        return new CalcExpr(result, f =>
        {
            object?[] values = new object?[arguments.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = arguments[i].Eval(f);
            }

            return function.Evaluate(f.Context, types, values);
        });
    }

    private CalcExpr BindParameterless(ParameterlessCall call)
    {
        string name = call.ParameterlessCallType switch
        {
            ParameterlessCallType.CurrentTimestamp => "GETDATE",
            ParameterlessCallType.CurrentUser => "CURRENT_USER",
            ParameterlessCallType.SessionUser => "SESSION_USER",
            ParameterlessCallType.SystemUser => "SYSTEM_USER",
            _ => "USER",
        };
        return CallRegistered(name, Context.Functions.Find(name) ?? throw SqlErrors.UnknownFunction(name), []);
    }

    // schema.function(…), database.schema.function(…), or a method of an xml value.
    private Expr BindTargetedCall(FunctionCall call, string name)
    {
        if (call.CallTarget is ExpressionCallTarget target)
        {
            return XmlMethods.Bind(Bind(target.Expression), name, call.Parameters.Select(Bind).ToList());
        }

        if (call.CallTarget is not MultiPartIdentifierCallTarget named)
        {
            throw SqlErrors.SyntaxNear(name);
        }

        IList<Identifier> parts = named.MultiPartIdentifier.Identifiers;
        if (XmlMethods.IsMethod(name) && XmlColumn(parts) is { } column)
        {
            return XmlMethods.Bind(column, name, call.Parameters.Select(Bind).ToList());
        }

        string schema = parts[^1].Value;
        string? database = parts.Count > 1 ? parts[^2].Value : null;
        SqlType type = Context.UserFunctionType(database, schema.Length == 0 ? "dbo" : schema, name);
        Expr[] arguments = call.Parameters.Select(p => p is DefaultLiteral ? Exprs.Null : Bind(p)).ToArray();
        return new CalcExpr(type, f =>
        {
            (SqlType, object?)[] values = new (SqlType, object?)[arguments.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (arguments[i].Type, arguments[i].Eval(f));
            }

            (SqlType given, object? value) = f.Context.CallUserFunction(database, schema.Length == 0 ? "dbo" : schema, name, values);
            return SqlConversion.Convert(value, given, type);
        });
    }

    private SlotExpr? XmlColumn(IList<Identifier> parts)
    {
        List<string> qualifier = parts.Take(parts.Count - 1).Select(p => p.Value).ToList();
        for (Scope? scope = _scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Find(qualifier, parts[^1].Value, out _) is { } hit && hit.Source.Columns[hit.Column].Type.Kind == SqlKind.Xml)
            {
                return ColumnOf(scope, hit.Source, hit.Column);
            }
        }

        return null;
    }
}
