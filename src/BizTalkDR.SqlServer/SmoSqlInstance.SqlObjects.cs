using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public IReadOnlyList<SqlObject> ReadObjects(CancellationToken cancellationToken = default)
    {
        var parts = new List<(SqlObjectKind Of, string Parent, SqlObject Part)>();
        foreach ((SqlObjectKind of, SqlObjectKind kind, string query) in SqlObjectText.Parts)
        {
            parts.AddRange(Query($"Reading the instance's objects ({kind})", query, r => (of, Text(r, 0), ObjectOf(kind, r, 1)), cancellationToken));
        }

        ILookup<(SqlObjectKind, string), SqlObject> byParent = parts.ToLookup(p => (p.Of, p.Parent), p => p.Part);
        return SqlObjectText.Objects.SelectMany(o => Query($"Reading the instance's objects ({o.Kind})", o.Query, r => ObjectOf(o.Kind, r, 0), cancellationToken))
            .Select(o => o with { Parts = byParent[(o.Kind, o.Name)].ToList() }).ToList();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadUserSids(string database, CancellationToken cancellationToken = default) =>
        Query("Reading the users of a database", SqlObjectText.UserSids(database), r => Text(r, 0), cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome CreateObject(SqlObject what, CancellationToken cancellationToken = default)
    {
        ObjectCreation creation = SqlObjectText.Create(what);
        if (creation.InTransaction)
        {
            Execute("BEGIN TRANSACTION;", null, cancellationToken);
        }

        int done = 0;
        StatementOutcome outcome;
        do
        {
            ObjectStatement next = creation.Statements[done++];
            outcome = Execute(next.Text, null, cancellationToken, [.. next.Parameters]);
        }
        while (!outcome.HasErrors && done < creation.Statements.Count);

        if (creation.InTransaction)
        {
            // What failed may have ended the transaction already.
            Execute(outcome.HasErrors ? "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;" : "COMMIT TRANSACTION;", null, CancellationToken.None);
        }
        else if (outcome.HasErrors && done > 1 && creation.Undo is { } undo)
        {
            Execute(undo.Text, null, CancellationToken.None, [.. undo.Parameters]);
        }

        return outcome;
    }

    /// <summary>Takes a row for an object: its name, then its values by the names of their columns.</summary>
    private static SqlObject ObjectOf(SqlObjectKind kind, SqlDataReader reader, int nameColumn)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (int column = nameColumn + 1; column < reader.FieldCount; column++)
        {
            values[reader.GetName(column)] = reader.IsDBNull(column) ? null : reader.GetValue(column) switch
            {
                bool flag => flag ? "1" : "0",
                object value => Convert.ToString(value, CultureInfo.InvariantCulture),
            };
        }

        return new SqlObject(kind, Text(reader, nameColumn)) { Values = values };
    }
}
