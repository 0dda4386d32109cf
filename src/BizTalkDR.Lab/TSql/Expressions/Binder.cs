using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Turns parsed expressions and queries into things that run, for one execution of one statement.</summary>
internal sealed partial class Binder(IExecutionContext context, Scope? start = null)
{
    private Scope? _scope = start;

    /// <summary>Lowest scope level anything bound so far reads; tells whether a subquery depends on the rows around it.</summary>
    private int _lowestRead = int.MaxValue;

    /// <summary>Whether the statement assigns variables row by row, so that nothing that reads them may be kept.</summary>
    public bool AssignsVariables { get; set; }

    public IExecutionContext Context { get; } = context;

    public Scope? CurrentScope => _scope;

    /// <summary>Binds in another scope and comes back.</summary>
    public T In<T>(Scope? inner, Func<T> bind)
    {
        Scope? before = _scope;
        _scope = inner;
        try
        {
            return bind();
        }
        finally
        {
            _scope = before;
        }
    }

    public Expr Bind(ScalarExpression expression)
    {
        if (_scope?.Grouping is { InAggregate: false } grouping && GroupedSlot(expression, grouping) is { } slot)
        {
            return slot;
        }

        Expr bound = BindCore(expression);
        if (expression is PrimaryExpression { Collation: { } collation })
        {
            if (!bound.Type.IsCharacter)
            {
                throw SqlErrors.Make(447, 16, 0, $"Expression type {TypeRules.Name(bound.Type)} is invalid for COLLATE clause.");
            }

            return new CalcExpr(bound.Type, bound.Eval) { Nullable = bound.Nullable, Rules = StringRules.Of(collation.Value) };
        }

        return bound;
    }

    private Expr BindCore(ScalarExpression expression) => expression switch
    {
        Literal literal => BindLiteral(literal),
        ColumnReferenceExpression column => BindColumn(column),
        VariableReference variable => BindVariable(variable.Name),
        GlobalVariableExpression global => BindGlobal(global.Name),
        ParenthesisExpression parenthesis => Bind(parenthesis.Expression),
        BinaryExpression binary => Arithmetic.Bind(binary.BinaryExpressionType, Bind(binary.FirstExpression), Bind(binary.SecondExpression)),
        UnaryExpression unary => BindUnary(unary),
        CastCall cast => BindConversion(Bind(cast.Parameter), cast.DataType, null, isTry: false),
        TryCastCall cast => BindConversion(Bind(cast.Parameter), cast.DataType, null, isTry: true),
        ConvertCall convert => BindConversion(Bind(convert.Parameter), convert.DataType, convert.Style, isTry: false),
        TryConvertCall convert => BindConversion(Bind(convert.Parameter), convert.DataType, convert.Style, isTry: true),
        ParseCall parse => BindConversion(Bind(parse.StringValue), parse.DataType, null, isTry: false),
        TryParseCall parse => BindConversion(Bind(parse.StringValue), parse.DataType, null, isTry: true),
        SearchedCaseExpression searched => BindCase(
            searched.WhenClauses.Select(w => BindCondition(w.WhenExpression)).ToList(),
            searched.WhenClauses.Select(w => Bind(w.ThenExpression)).ToList(),
            searched.ElseExpression is null ? Exprs.Null : Bind(searched.ElseExpression)),
        SimpleCaseExpression simple => BindSimpleCase(simple),
        IIfCall iif => BindCase([BindCondition(iif.Predicate)], [Bind(iif.ThenExpression)], Bind(iif.ElseExpression)),
        CoalesceExpression coalesce => BindCoalesce(coalesce),
        NullIfExpression nullIf => BindNullIf(nullIf),
        ScalarSubquery subquery => BindScalarSubquery(subquery),
        FunctionCall call => BindFunction(call),
        LeftFunctionCall left => BindRegistered("LEFT", left.Parameters),
        RightFunctionCall right => BindRegistered("RIGHT", right.Parameters),
        ParameterlessCall call => BindParameterless(call),
        OdbcFunctionCall odbc => BindRegistered(odbc.Name.Value, odbc.Parameters),
        _ => throw SqlErrors.Unsupported(KindOf(expression)),
    };

    /// <summary>Names a kind of fragment for a message.</summary>
    private static string KindOf(TSqlFragment fragment) => fragment.GetType().Name.Replace("Expression", string.Empty, System.StringComparison.Ordinal).Replace("TableReference", string.Empty, System.StringComparison.Ordinal);

    /// <summary>Gives the words of a fragment without blanks and brackets, to tell equal expressions.</summary>
    public static string Signature(TSqlFragment fragment)
    {
        StringBuilder text = new();
        IList<TSqlParserToken>? tokens = fragment.ScriptTokenStream;
        for (int i = fragment.FirstTokenIndex; tokens is not null && i >= 0 && i <= fragment.LastTokenIndex; i++)
        {
            TSqlParserToken token = tokens[i];
            switch (token.TokenType)
            {
                case TSqlTokenType.WhiteSpace or TSqlTokenType.SingleLineComment or TSqlTokenType.MultilineComment:
                    break;
                case TSqlTokenType.AsciiStringLiteral or TSqlTokenType.UnicodeStringLiteral:
                    text.Append(token.Text).Append(' ');
                    break;
                default:
                    text.Append(token.Text.Trim('[', ']').ToUpperInvariant()).Append(' ');
                    break;
            }
        }

        return text.ToString();
    }

    private Expr BindUnary(UnaryExpression unary)
    {
        Expr operand = Bind(unary.Expression);
        return unary.UnaryExpressionType switch
        {
            UnaryExpressionType.Negative => Arithmetic.Negate(operand.IsNullLiteral ? Exprs.Convert(operand, SqlType.Int) : operand),
            UnaryExpressionType.BitwiseNot => Arithmetic.Complement(operand),
            _ => operand,
        };
    }

    private CalcExpr BindVariable(string name)
    {
        (SqlType type, _) = Context.GetVariable(name);
        if (AssignsVariables)
        {
            _lowestRead = -1;
        }

        return new CalcExpr(type, f => f.Context.GetVariable(name).Value);
    }

    private CalcExpr BindGlobal(string name)
    {
        (SqlType type, _) = Context.GetGlobal(name);
        return new CalcExpr(type, f => f.Context.GetGlobal(name).Value) { Nullable = name.ToUpperInvariant() is "@@IDENTITY" or "@@REMSERVER" };
    }

    private Expr BindColumn(ColumnReferenceExpression column)
    {
        if (column.ColumnType != ColumnType.Regular || column.MultiPartIdentifier is null)
        {
            return BindPseudoColumn(column);
        }

        List<string> parts = column.MultiPartIdentifier.Identifiers.Select(i => i.Value).ToList();
        string name = parts[^1];
        parts.RemoveAt(parts.Count - 1);
        bool sourceFound = false;
        for (Scope? scope = _scope; scope is not null; scope = scope.Parent)
        {
            (ScopeSource Source, int Column)? found = scope.Find(parts, name, out bool here);
            sourceFound |= here;
            if (found is { } hit)
            {
                return ColumnOf(scope, hit.Source, hit.Column);
            }

            if (here && parts.Count > 0)
            {
                break;
            }
        }

        if (_scope is null && parts.Count == 0)
        {
            throw SqlErrors.Make(128, 15, 1, $"The name \"{name}\" is not permitted in this context. Valid expressions are constants, constant expressions, and (in some contexts) variables. Column names are not permitted.");
        }

        throw parts.Count == 0 || sourceFound ? SqlErrors.InvalidColumn(name) : SqlErrors.Unbound(string.Join('.', parts.Append(name)));
    }

    private Expr BindPseudoColumn(ColumnReferenceExpression column)
    {
        bool identity = column.ColumnType is ColumnType.IdentityCol or ColumnType.PseudoColumnIdentity;
        foreach (ScopeSource source in _scope?.Sources ?? [])
        {
            for (int i = 0; i < source.Columns.Count; i++)
            {
                if (identity ? source.Columns[i].IsIdentity : column.ColumnType == ColumnType.PseudoColumnAction && source.Columns[i].Name == "$action")
                {
                    return ColumnOf(_scope!, source, i);
                }
            }
        }

        throw SqlErrors.InvalidColumn(identity ? "$IDENTITY" : Signature(column).Trim());
    }

    /// <summary>Makes the reader of a column of a scope in sight.</summary>
    private SlotExpr ColumnOf(Scope scope, ScopeSource source, int index)
    {
        ResultColumn column = source.Columns[index];
        int slot = source.Offset + index;
        int depth = _scope!.Level - scope.Level;
        _lowestRead = Math.Min(_lowestRead, scope.Level);
        scope.Reads?.Add(slot);
        if (scope.Grouping is { InAggregate: false } grouping)
        {
            int key = grouping.Keys.FindIndex(k => k.SourceSlot == slot);
            if (key < 0)
            {
                throw NotGrouped(grouping.ErrorNumber, source, column);
            }

            slot = key;
        }

        return new SlotExpr(column.Type, depth, slot) { Nullable = column.Nullable || source.IsOptional, IsIdentity = column.IsIdentity };
    }

    private static LabSqlException NotGrouped(int number, ScopeSource source, ResultColumn column)
    {
        string name = source.Name is null ? column.Name : source.Name + "." + column.Name;
        return number switch
        {
            8121 => SqlErrors.Make(8121, 16, 1, $"Column '{name}' is invalid in the HAVING clause because it is not contained in either an aggregate function or the GROUP BY clause."),
            8127 => SqlErrors.Make(8127, 16, 1, $"Column \"{name}\" is invalid in the ORDER BY clause because it is not contained in either an aggregate function or the GROUP BY clause."),
            _ => SqlErrors.Make(8120, 16, 1, $"Column '{name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause."),
        };
    }

    private SlotExpr? GroupedSlot(ScalarExpression expression, GroupBinding grouping)
    {
        if (expression is ColumnReferenceExpression or Literal or VariableReference || grouping.Keys.Count == 0)
        {
            return null;
        }

        string signature = Signature(expression);
        int key = grouping.Keys.FindIndex(k => k.SourceSlot < 0 && k.Signature == signature);
        if (key < 0)
        {
            return null;
        }

        _lowestRead = Math.Min(_lowestRead, _scope!.Level);
        return new SlotExpr(grouping.Keys[key].Expression.Type, 0, key);
    }
}
