using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Makes the rows of a table-valued system function.</summary>
internal delegate IRowSource SystemTableFunction(ExecutionFrame frame, LabDatabase database, IReadOnlyList<(SqlType Type, object? Value)> arguments);

/// <summary>A view of the system: its columns and where its rows come from.</summary>
internal sealed class SystemView
{
    private readonly Func<ExecutionFrame, LabDatabase, RowShape, IEnumerable<object?[]>> _rows;

    public SystemView(string schema, string name, string columns, Func<ExecutionFrame, LabDatabase, RowShape, IEnumerable<object?[]>> rows)
    {
        Schema = schema;
        Name = name;
        Shape = new RowShape(columns);
        _rows = rows;
    }

    public string Schema { get; }

    public string Name { get; }

    public RowShape Shape { get; }

    public IRowSource Open(ExecutionFrame frame, LabDatabase database) => new VirtualRows(Shape.Columns, () => _rows(frame, database, Shape));
}

/// <summary>Knows the system views and system table functions by name.</summary>
internal static class SystemViews
{
    private static readonly Dictionary<string, SystemView> s_views = new(StringComparer.OrdinalIgnoreCase);
    private static readonly Dictionary<string, SystemTableFunction> s_functions = new(StringComparer.OrdinalIgnoreCase);

    static SystemViews()
    {
        foreach (SystemView view in DatabaseViews.All.Concat(ObjectViews.All).Concat(ColumnViews.All).Concat(SecurityViews.All).Concat(ServerViews.All).Concat(ActivityViews.All).Concat(EncryptionViews.All).Concat(AvailabilityViews.All).Concat(EmptyViews.All).Concat(CompatibilityViews.All))
        {
            s_views[view.Schema + "." + view.Name] = view;
        }

        FileSystemFunctions.Register(s_functions);
    }

    public static IEnumerable<SystemView> All => s_views.Values;

    public static bool IsSystemSchema(string schema) =>
        string.Equals(schema, "sys", StringComparison.OrdinalIgnoreCase) || string.Equals(schema, "INFORMATION_SCHEMA", StringComparison.OrdinalIgnoreCase);

    public static SystemView? Find(string schema, string name) => s_views.GetValueOrDefault(schema + "." + name);

    /// <summary>Views of old releases that answer without a schema.</summary>
    public static SystemView? FindCompatible(string name) =>
        name.StartsWith("sys", StringComparison.OrdinalIgnoreCase) ? s_views.GetValueOrDefault("sys." + name) is { } view && CompatibilityViews.All.Contains(view) ? view : null : null;

    public static SystemTableFunction? FindFunction(string name) => s_functions.GetValueOrDefault(name);
}
