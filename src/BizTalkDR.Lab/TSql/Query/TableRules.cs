using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>What a table demands of a row: conversion, defaults, computed columns, NOT NULL, CHECK; bound once per statement.</summary>
internal sealed class TableRules
{
    private static readonly ConcurrentDictionary<string, ScalarExpression> ParsedExpressions = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, BooleanExpression> ParsedConditions = new(StringComparer.Ordinal);

    private readonly IExecutionContext _context;
    private readonly ChangeTarget _target;
    private readonly string _statement;
    private readonly List<(int Column, Expr Value)> _computed = [];
    private readonly List<(CheckDef Check, Func<Frame, bool?> Test)> _checks = [];
    private readonly Expr?[] _defaults;

    public TableRules(IExecutionContext context, ChangeTarget target, string statement)
    {
        _context = context;
        _target = target;
        _statement = statement;
        TableDef table = target.Definition;
        _defaults = new Expr?[table.Columns.Count];
        if (table.Checks.Count == 0 && !table.Columns.Exists(c => c.ComputedText is not null))
        {
            return;
        }

        Binder binder = RowBinder(context, table);
        for (int i = 0; i < table.Columns.Count; i++)
        {
            if (table.Columns[i].ComputedText is { } text)
            {
                _computed.Add((i, Exprs.Convert(binder.Bind(ParseExpression(text)), table.Columns[i].Type)));
            }
        }

        foreach (CheckDef check in table.Checks)
        {
            _checks.Add((check, binder.BindCondition(ParsedConditions.GetOrAdd(check.Text, ParseCondition))));
        }
    }

    public static ScalarExpression ParseExpression(string text) => ParsedExpressions.GetOrAdd(text, static t =>
    {
        using StringReader reader = new(t);
        ScalarExpression parsed = new TSql150Parser(initialQuotedIdentifiers: true).ParseExpression(reader, out IList<ParseError> errors);
        return errors.Count == 0 ? parsed : throw SqlErrors.Make(102, 15, 1, errors[0].Message);
    });

    /// <summary>Gives the default of a column, or NULL.</summary>
    public object? Default(int column)
    {
        ColumnDef definition = _target.Definition.Columns[column];
        if (definition.DefaultText is null)
        {
            return null;
        }

        Expr value = _defaults[column] ??= Assign(new Binder(_context).Bind(ParseExpression(definition.DefaultText)), column);
        return value.Eval(new Frame(_context, null));
    }

    /// <summary>Converts an expression for storing in a column; throws 2628 or 8152 where text or bytes would be cut.</summary>
    public Expr Assign(Expr value, int column)
    {
        ColumnDef definition = _target.Definition.Columns[column];
        SqlType to = definition.Type;
        if (value.IsNullLiteral)
        {
            return Exprs.Constant(to, null);
        }

        SqlType from = value.Type;
        if (from == to && to.Length <= 0)
        {
            return value;
        }

        SqlConversion.Verify(from, to, isExplicit: false);
        return new CalcExpr(to, f => Store(value.Eval(f), from, column));
    }

    /// <summary>Converts a value for storing in a column.</summary>
    public object? Store(object? value, SqlType from, int column)
    {
        ColumnDef definition = _target.Definition.Columns[column];
        SqlType to = definition.Type;
        switch (value)
        {
            case string text when to.IsCharacter && to.Length > 0 && text.Length > to.Length && text.AsSpan().TrimEnd(' ').Length > to.Length:
                throw Truncated(definition, text);
            case byte[] bytes when to.IsBinary && to.Length > 0 && bytes.Length > to.Length:
                throw Truncated(definition, string.Empty);
            default:
                return SqlConversion.Convert(value, from, to);
        }
    }

    /// <summary>Fills what the statement leaves to the table and checks the row; throws 515 and 547.</summary>
    public void Complete(object?[] row)
    {
        TableDef table = _target.Definition;
        Frame frame = new(_context, null) { Row = row };
        foreach ((int column, Expr value) in _computed)
        {
            row[column] = value.Eval(frame);
        }

        for (int i = 0; i < row.Length; i++)
        {
            ColumnDef column = table.Columns[i];
            if (column.Type.Kind == SqlKind.RowVersion && column.ComputedText is null)
            {
                row[i] = _target.Table.Database.NewRowVersion();
            }
            else if (row[i] is null && !column.Nullable)
            {
                throw SqlErrors.NotNull(column.Name, _target.FullName, _statement);
            }
        }

        foreach ((CheckDef check, Func<Frame, bool?> test) in _checks)
        {
            if (test(frame) == false)
            {
                throw SqlErrors.Make(547, 16, 0, $"The {_statement} statement conflicted with the CHECK constraint \"{check.Name}\". The conflict occurred in database \"{_target.Table.Database.Name}\", table \"{table.Schema}.{table.Name}\"{OnlyColumn(check)}.");
            }
        }
    }

    /// <summary>Refuses to assign what only the server gives; throws 271, 272, 273.</summary>
    public void RefuseAssignment(int column, bool isInsert)
    {
        ColumnDef definition = _target.Definition.Columns[column];
        if (definition.ComputedText is not null)
        {
            throw SqlErrors.Make(271, 16, 1, $"The column \"{definition.Name}\" cannot be modified because it is either a computed column or is the result of a UNION operator.");
        }

        if (definition.Type.Kind == SqlKind.RowVersion)
        {
            throw isInsert
                ? SqlErrors.Make(273, 16, 1, "Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.")
                : SqlErrors.Make(272, 16, 1, "Cannot update a timestamp column.");
        }
    }

    private static BooleanExpression ParseCondition(string text)
    {
        using StringReader reader = new(text);
        BooleanExpression parsed = new TSql150Parser(initialQuotedIdentifiers: true).ParseBooleanExpression(reader, out IList<ParseError> errors);
        return errors.Count == 0 ? parsed : throw SqlErrors.Make(102, 15, 1, errors[0].Message);
    }

    private static Binder RowBinder(IExecutionContext context, TableDef table)
    {
        Scope scope = new(null);
        scope.Add(new ScopeSource
        {
            Name = table.Name,
            Schema = table.Schema,
            Offset = 0,
            Columns = table.Columns.ConvertAll(c => new ResultColumn(c.Name, c.Type, c.Nullable)),
        });
        return new Binder(context, scope);
    }

    private string OnlyColumn(CheckDef check)
    {
        List<ColumnDef> named = _target.Definition.Columns.FindAll(c => ColumnNames.In(ParsedConditions[check.Text]).Contains(c.Name));
        return named.Count == 1 ? $", column '{named[0].Name}'" : string.Empty;
    }

    // The message that names table and column came with compatibility level 150.
    private LabSqlException Truncated(ColumnDef column, string text)
    {
        int keep = Math.Max(0, Math.Min(text.Length, column.Type.Length));
        return _target.Table.Database.CompatibilityLevel >= 150
            ? SqlErrors.Make(2628, 16, 1, $"String or binary data would be truncated in table '{_target.FullName}', column '{column.Name}'. Truncated value: '{text[..keep]}'.")
            : SqlErrors.Make(8152, 16, column.Type.IsUnicode ? (byte)13 : (byte)14, "String or binary data would be truncated.");
    }

    private sealed class ColumnNames : TSqlConcreteFragmentVisitor
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

        public static HashSet<string> In(TSqlFragment fragment)
        {
            ColumnNames names = new();
            fragment.Accept(names);
            return names._names;
        }

        public override void Visit(ColumnReferenceExpression node)
        {
            if (node.MultiPartIdentifier is { } id)
            {
                _names.Add(id[id.Count - 1].Value);
            }
        }
    }
}
