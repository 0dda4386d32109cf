using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.XPath;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>The methods value, query and exist of xml values, over XPath 1.0.</summary>
internal static class XmlMethods
{
    public static bool IsMethod(string name) => name is "value" or "query" or "exist";

    public static Expr Bind(Expr target, string method, IReadOnlyList<Expr> arguments)
    {
        if (target.Type.Kind != SqlKind.Xml || !IsMethod(method))
        {
            throw SqlErrors.Make(258, 15, 1, $"Cannot call methods on {TypeRules.Name(target.Type)}.");
        }

        if (arguments.Count != (method == "value" ? 2 : 1) || arguments.Any(a => a is not ConstExpr { Value: string }))
        {
            throw SqlErrors.Make(8172, 16, 1, $"The argument 1 of the XML data type method \"{method}\" must be a string literal.");
        }

        string path = (string)((ConstExpr)arguments[0]).Value!;
        switch (method)
        {
            case "exist":
                return new CalcExpr(SqlType.Bit, f => target.Eval(f) is string text ? Select(text, path).Any() : null);
            case "query":
                return new CalcExpr(new SqlType(SqlKind.Xml), f => target.Eval(f) is string text ? string.Concat(Select(text, path).Select(n => n.OuterXml)) : null);
            default:
                SqlType type = ParseType((string)((ConstExpr)arguments[1]).Value!);
                return new CalcExpr(type, f => target.Eval(f) is string text && Value(text, path) is { } found
                    ? SqlConversion.Convert(found, SqlType.NVarCharMax, type)
                    : null);
        }
    }

    private static SqlType ParseType(string text)
    {
        using StringReader reader = new($"CAST(1 AS {text})");
        ScalarExpression parsed = new TSql150Parser(initialQuotedIdentifiers: true).ParseExpression(reader, out IList<ParseError> errors);
        return errors.Count == 0 && parsed is CastCall cast
            ? TypeRules.FromParsed(cast.DataType, defaultLength: 1)
            : throw SqlErrors.Make(9500, 16, 1, $"The data type '{text}' used in the VALUE method is invalid.");
    }

    private static string? Value(string xml, string path)
    {
        XPathNavigator root = Load(xml);
        object result = Evaluate(root, path);
        return result switch
        {
            XPathNodeIterator nodes => nodes.MoveNext() ? nodes.Current!.Value : null,
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(result, System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static IEnumerable<XPathNavigator> Select(string xml, string path) =>
        Evaluate(Load(xml), path) is XPathNodeIterator nodes ? nodes.Cast<XPathNavigator>().Select(n => n.Clone()).ToList() : [];

    private static object Evaluate(XPathNavigator root, string path)
    {
        try
        {
            return root.Evaluate(path.Trim());
        }
        catch (XPathException e)
        {
            throw SqlErrors.Make(2370, 16, 1, $"XQuery: {e.Message}");
        }
    }

    // An xml value may be a fragment: any number of top elements and text.
    private static XPathNavigator Load(string xml)
    {
        XmlReaderSettings settings = new() { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit };
        using StringReader text = new(xml);
        using XmlReader reader = XmlReader.Create(text, settings);
        try
        {
            XmlDocument document = new() { PreserveWhitespace = true, XmlResolver = null };
            XmlDocumentFragment fragment = document.CreateDocumentFragment();
            while (document.ReadNode(reader) is { } node)
            {
                if (node.NodeType is not (XmlNodeType.XmlDeclaration or XmlNodeType.ProcessingInstruction))
                {
                    fragment.AppendChild(node);
                }

                if (reader.EOF)
                {
                    break;
                }
            }

            return fragment.CreateNavigator()!;
        }
        catch (XmlException e)
        {
            throw Malformed(e, xml);
        }
    }

    /// <summary>Gives the text back when it is well-formed, as a value or a fragment; throws the 94xx error of what is wrong.</summary>
    public static string Verify(string xml)
    {
        XmlReaderSettings settings = new() { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit };
        using StringReader text = new(xml);
        using XmlReader reader = XmlReader.Create(text, settings);
        try
        {
            while (reader.Read())
            {
                // Reading is all there is to check.
            }
        }
        catch (XmlException e)
        {
            throw Malformed(e, xml);
        }

        return xml;
    }

    // The parser here words its errors otherwise (an element that is never closed is "data at the root level"): those an operator meets are told apart.
    private static LabSqlException Malformed(XmlException error, string xml)
    {
        (int number, string what, int position) = error.Message.Contains("root level", StringComparison.Ordinal) ? (9400, "unexpected end of input", xml.Length)
            : error.Message.Contains("does not match", StringComparison.Ordinal) ? (9436, "end tag does not match start tag", error.LinePosition)
            : (9421, "illegal name character", error.LinePosition);
        return SqlErrors.Make(number, 16, 1, $"XML parsing: line {error.LineNumber}, character {position}, {what}");
    }
}
