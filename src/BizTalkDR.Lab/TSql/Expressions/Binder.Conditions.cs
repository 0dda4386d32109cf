using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Conditions: true, false or unknown (null).
internal sealed partial class Binder
{
    public Func<Frame, bool?> BindCondition(BooleanExpression condition) => condition switch
    {
        BooleanComparisonExpression comparison =>
            Comparison.Bind(comparison.ComparisonType, Bind(comparison.FirstExpression), Bind(comparison.SecondExpression)),
        BooleanBinaryExpression binary => BindLogical(binary),
        BooleanNotExpression not => Not(BindCondition(not.Expression)),
        BooleanParenthesisExpression parenthesis => BindCondition(parenthesis.Expression),
        BooleanIsNullExpression isNull => BindIsNullTest(isNull),
        BooleanTernaryExpression between => BindBetween(between),
        InPredicate { Subquery: null } list => BindInList(list),
        InPredicate query => BindInSubquery(query),
        LikePredicate like => BindLike(like),
        ExistsPredicate exists => BindExists(exists),
        SubqueryComparisonPredicate quantified => BindQuantified(quantified),
        UpdateCall update => BindUpdateCall(update),
        _ => throw SqlErrors.Unsupported(KindOf(condition)),
    };

    private static Func<Frame, bool?> Not(Func<Frame, bool?> condition) => f => !condition(f);

    private Func<Frame, bool?> BindLogical(BooleanBinaryExpression binary)
    {
        Func<Frame, bool?> left = BindCondition(binary.FirstExpression);
        Func<Frame, bool?> right = BindCondition(binary.SecondExpression);
        if (binary.BinaryExpressionType == BooleanBinaryExpressionType.And)
        {
            return f =>
            {
                bool? a = left(f);
                return a == false ? false : right(f) switch { false => false, true => a, null => null };
            };
        }

        return f =>
        {
            bool? a = left(f);
            return a == true ? true : right(f) switch { true => true, false => a, null => null };
        };
    }

    private Func<Frame, bool?> BindIsNullTest(BooleanIsNullExpression isNull)
    {
        Expr operand = Bind(isNull.Expression);
        bool negated = isNull.IsNot;
        return f => operand.Eval(f) is null != negated;
    }

    private Func<Frame, bool?> BindBetween(BooleanTernaryExpression between)
    {
        Expr value = Bind(between.FirstExpression);
        Func<Frame, bool?> low = Comparison.Bind(BooleanComparisonType.GreaterThanOrEqualTo, value, Bind(between.SecondExpression));
        Func<Frame, bool?> high = Comparison.Bind(BooleanComparisonType.LessThanOrEqualTo, value, Bind(between.ThirdExpression));
        bool negated = between.TernaryExpressionType == BooleanTernaryExpressionType.NotBetween;
        return f =>
        {
            bool? a = low(f);
            bool? both = a == false ? false : high(f) switch { false => false, true => a, null => null };
            return negated ? !both : both;
        };
    }

    private Func<Frame, bool?> BindInList(InPredicate list)
    {
        Expr value = Bind(list.Expression);
        Func<Frame, bool?>[] tests = list.Values.Select(v => Comparison.Bind(BooleanComparisonType.Equals, value, Bind(v))).ToArray();
        bool negated = list.NotDefined;
        return f =>
        {
            bool? any = false;
            foreach (Func<Frame, bool?> test in tests)
            {
                bool? one = test(f);
                if (one == true)
                {
                    return !negated;
                }

                any = one is null ? null : any;
            }

            return negated ? !any : any;
        };
    }

    private Func<Frame, bool?> BindLike(LikePredicate like)
    {
        Expr text = AsText(Bind(like.FirstExpression), "like", 1);
        Expr pattern = AsText(Bind(like.SecondExpression), "like", 2);
        Expr? escape = like.EscapeExpression is null ? null : AsText(Bind(like.EscapeExpression), "like", 3);
        StringRules rules = Exprs.StrongestRules(text, pattern);
        bool negated = like.NotDefined;
        string? lastPattern = null;
        string? lastEscape = null;
        LikePattern? compiled = null;
        return f =>
        {
            if (text.Eval(f) is not string t || pattern.Eval(f) is not string p)
            {
                return null;
            }

            string? e = null;
            if (escape is not null)
            {
                e = escape.Eval(f) as string;
                if (e is null)
                {
                    return null;
                }

                if (e.Length != 1)
                {
                    throw SqlErrors.Make(506, 16, 1, $"The invalid escape character \"{e}\" was specified in a LIKE predicate.");
                }
            }

            if (compiled is null || p != lastPattern || e != lastEscape)
            {
                compiled = LikePattern.Parse(p, e?[0], rules);
                (lastPattern, lastEscape) = (p, e);
            }

            return compiled.Matches(t) != negated;
        };
    }

    private static Expr AsText(Expr expression, string function, int argument)
    {
        if (expression.Type.IsCharacter && !expression.IsNullLiteral)
        {
            return expression;
        }

        return expression.Type.IsBinary
            ? throw SqlErrors.InvalidArgument(expression.Type, argument, function)
            : Exprs.Convert(expression, SqlType.NVarCharMax);
    }

    // UPDATE(column) asks the session, which knows the trigger's statement.
    private Func<Frame, bool?> BindUpdateCall(UpdateCall update)
    {
        Expr call = CallRegistered(
            "UPDATE",
            Context.Functions.Find("UPDATE") ?? throw SqlErrors.Make(157, 15, 1, "Can only use IF UPDATE within a CREATE TRIGGER statement."),
            [Exprs.Constant(SqlType.SysName, update.Identifier.Value)]);
        return f => call.Eval(f) as bool?;
    }

    /// <summary>Takes a condition apart at its ANDs.</summary>
    public static IEnumerable<BooleanExpression> Conjuncts(BooleanExpression condition) => condition switch
    {
        BooleanParenthesisExpression parenthesis => Conjuncts(parenthesis.Expression),
        BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } both =>
            Conjuncts(both.FirstExpression).Concat(Conjuncts(both.SecondExpression)),
        _ => [condition],
    };
}
