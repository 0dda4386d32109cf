using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>FOR XML PATH, RAW and AUTO (one level) over a query.</summary>
internal sealed class ForXmlPlan : QueryPlan
{
    private readonly QueryPlan _inner;
    private readonly string _row;
    private readonly string? _root;
    private readonly bool _path;
    private readonly bool _elements;

    private ForXmlPlan(QueryPlan inner, XmlForClause clause, bool outermost, string auto)
    {
        _inner = inner;
        bool Has(XmlForClauseOptions kind) => clause.Options.Any(o => o.OptionKind == kind);
        string? Text(XmlForClauseOptions kind) => clause.Options.FirstOrDefault(o => o.OptionKind == kind)?.Value?.Value;
        if (Has(XmlForClauseOptions.Explicit) || Has(XmlForClauseOptions.XmlData) || Has(XmlForClauseOptions.XmlSchema))
        {
            throw SqlErrors.Unsupported("FOR XML EXPLICIT");
        }

        _path = Has(XmlForClauseOptions.Path);
        _elements = _path || Has(XmlForClauseOptions.Elements) || Has(XmlForClauseOptions.ElementsAbsent);
        _row = _path ? Text(XmlForClauseOptions.Path) ?? "row" : Has(XmlForClauseOptions.Raw) ? Text(XmlForClauseOptions.Raw) ?? "row" : auto;
        _root = Has(XmlForClauseOptions.Root) ? Text(XmlForClauseOptions.Root) ?? "root" : null;
        SqlType type = Has(XmlForClauseOptions.Type) ? new SqlType(SqlKind.Xml) : SqlType.NVarCharMax;

        // The name clients see for the untyped form at the outermost level.
        string name = outermost && type.Kind != SqlKind.Xml ? "XML_F52E2B61-18A1-11d1-B105-00805F49916B" : string.Empty;
        Columns = [new ResultColumn(name, type)];
        if (!_path && inner.Columns.Any(c => c.Name.Length == 0))
        {
            throw SqlErrors.Make(6809, 16, 1, "Unnamed tables cannot be used as XML identifiers as well as unnamed columns cannot be used for attribute names. Name unnamed columns/tables using AS in the SELECT statement.");
        }
    }

    public override IReadOnlyList<ResultColumn> Columns { get; }

    public static ForXmlPlan Create(QueryPlan inner, XmlForClause clause, bool outermost, string auto) => new(inner, clause, outermost, auto);

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        StringBuilder xml = new();
        bool any = false;
        foreach (object?[] row in _inner.Run(context, outer))
        {
            any = true;
            WriteRow(xml, row);
        }

        if (_root is not null)
        {
            xml.Insert(0, $"<{_root}>").Append("</").Append(_root).Append('>');
            any = true;
        }

        if (any)
        {
            yield return [xml.ToString()];
        }
        else if (Columns[0].Name.Length == 0)
        {
            yield return [null];
        }
    }

    private void WriteRow(StringBuilder xml, object?[] row)
    {
        StringBuilder attributes = new();
        StringBuilder content = new();
        for (int i = 0; i < row.Length; i++)
        {
            ResultColumn column = _inner.Columns[i];
            if (row[i] is null)
            {
                continue;
            }

            string text = Text(row[i]!, column.Type);
            string name = column.Name;
            if (_path && name is "" or "*" or "text()" or "node()" or "data()")
            {
                content.Append(name == "data()" && content.Length > 0 ? " " : string.Empty).Append(column.Type.Kind == SqlKind.Xml ? text : Escape(text, attribute: false));
            }
            else if (_path ? name.StartsWith('@') : !_elements)
            {
                attributes.Append(' ').Append(name.TrimStart('@')).Append("=\"").Append(Escape(text, attribute: true)).Append('"');
            }
            else
            {
                WriteElement(content, name, column.Type.Kind == SqlKind.Xml ? text : Escape(text, attribute: false));
            }
        }

        if (_row.Length == 0)
        {
            if (attributes.Length > 0)
            {
                throw SqlErrors.Make(6864, 16, 1, "Row tag omission (empty row tag name) cannot be used with attribute-centric FOR XML serialization.");
            }

            xml.Append(content);
        }
        else if (content.Length == 0)
        {
            xml.Append('<').Append(_row).Append(attributes).Append("/>");
        }
        else
        {
            xml.Append('<').Append(_row).Append(attributes).Append('>').Append(content).Append("</").Append(_row).Append('>');
        }
    }

    private static void WriteElement(StringBuilder content, string path, string text)
    {
        string[] names = path.Split('/');
        foreach (string name in names)
        {
            content.Append('<').Append(name).Append('>');
        }

        content.Append(text);
        foreach (string name in names.Reverse())
        {
            content.Append("</").Append(name).Append('>');
        }
    }

    private static string Text(object value, SqlType type) => value switch
    {
        SqlVariant v => Text(v.Value, v.Type),
        byte[] bytes => Convert.ToBase64String(bytes),
        _ => (string)SqlConversion.Convert(value, type, SqlType.NVarCharMax, type.IsDateTime ? 126 : 0)!,
    };

    private static string Escape(string text, bool attribute)
    {
        string escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\r", "&#x0D;", StringComparison.Ordinal);
        return attribute ? escaped.Replace("\"", "&quot;", StringComparison.Ordinal) : escaped;
    }
}
