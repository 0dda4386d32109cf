using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// OPENQUERY, OPENROWSET, OPENDATASOURCE.
internal sealed partial class Binder
{
    private LeafNode BindOpenQuery(OpenQueryTableReference query)
    {
        IRowSource source = Context.ResolvePassThrough(query.LinkedServer.Value, query.Query.Value);
        return Leaf(query.Alias?.Value, source, Context.DefaultReadMode, target: null);
    }

    /// <summary>Queries to servers named on the spot are turned off until sp_configure allows them, and there is no provider to carry them out.</summary>
    private LabSqlException RefuseAdHoc(string statement, string provider) => Context.AllowsAdHocQueries
        ? SqlErrors.Make(7403, 16, 1, $"The OLE DB provider \"{provider}\" has not been registered.")
        : SqlErrors.Make(15281, 16, 1, $"SQL Server blocked access to STATEMENT '{statement}' of component 'Ad Hoc Distributed Queries' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'Ad Hoc Distributed Queries' by using sp_configure. For more information about enabling 'Ad Hoc Distributed Queries', search for 'Ad Hoc Distributed Queries' in SQL Server Books Online.");

    /// <summary>OPENROWSET (BULK …, SINGLE_BLOB | SINGLE_CLOB | SINGLE_NCLOB): a whole file as one value.</summary>
    private LeafNode BindBulkFile(BulkOpenRowset bulk)
    {
        BulkInsertOption? single = bulk.Options.FirstOrDefault(o => o.OptionKind is BulkInsertOptionKind.SingleBlob or BulkInsertOptionKind.SingleClob or BulkInsertOptionKind.SingleNClob);
        if (single is null)
        {
            throw SqlErrors.Unsupported("OPENROWSET (BULK) with a format file");
        }

        string path = bulk.DataFile.Value;
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw SqlErrors.Make(4860, 16, 1, $"Cannot bulk load. The file \"{path}\" does not exist or you don't have file access rights.");
        }

        (SqlType type, object value) = single.OptionKind switch
        {
            BulkInsertOptionKind.SingleBlob => (SqlType.VarBinaryMax, (object)content),
            BulkInsertOptionKind.SingleNClob => (SqlType.NVarCharMax, Encoding.Unicode.GetString(content).TrimStart('\uFEFF')),
            _ => (SqlType.VarCharMax, SqlConversion.VarCharEncoding.GetString(content)),
        };
        string name = bulk.Columns.Count > 0 ? bulk.Columns[0].Value : "BulkColumn";
        List<object?[]> rows = [[value]];
        return Leaf(bulk.Alias?.Value, new MemoryRowSource([new ResultColumn(name, type)], rows), Context.DefaultReadMode, target: null);
    }
}
