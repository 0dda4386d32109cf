using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// DBCC CHECKDB and its relatives: pages on disk, and the width of every row.
internal sealed partial class Interpreter
{
    private void CheckWhole(DbccStatement dbcc, ExecutionFrame frame, bool quiet)
    {
        LabDatabase target = DbccDatabase(dbcc, frame);
        RefuseCheckOptions(dbcc);
        bool repairs = dbcc.Literals.Count > 1 && !Same((dbcc.Literals[1].Value as Literal)?.Value ?? string.Empty, "NOINDEX");
        if (repairs && target.UserAccess != UserAccess.SingleUser)
        {
            throw new LabSqlException(7919, 16, 3, "Repair statement not processed. Database needs to be in single user mode.");
        }

        CheckDatabase("CHECKDB", target, null, frame, quiet, repairs);
    }

    private static void RefuseCheckOptions(DbccStatement dbcc)
    {
        DbccOption? unknown = dbcc.Options.FirstOrDefault(o => o.OptionKind is not (DbccOptionKind.NoInfoMessages or DbccOptionKind.AllErrorMessages
            or DbccOptionKind.PhysicalOnly or DbccOptionKind.TabLock or DbccOptionKind.DataPurity or DbccOptionKind.ExtendedLogicalChecks));
        if (unknown is not null)
        {
            throw ServerErrors.NotSupported("DBCC option " + unknown.OptionKind.ToString().ToUpperInvariant());
        }
    }

    /// <summary>Checks a database, or one table of it, and sends the errors as SQL Server does: those of each table, its sum, then the sum of all.</summary>
    private void CheckDatabase(string command, LabDatabase database, LabTable? only, ExecutionFrame frame, bool quiet, bool repairs)
    {
        IReadOnlyList<DamagedPage> damaged = database.CheckPages();
        Server.Backups.NoteDamage(database, damaged);
        int total = 0;
        foreach (DamagedPage page in damaged.Where(p => only is null && database.Tables.All(t => t.Def.ObjectId != p.ObjectId)))
        {
            total += SendPageErrors(page, null, frame, repairs);
        }

        foreach (LabTable table in database.Tables.Where(t => only is null || ReferenceEquals(t, only)))
        {
            int errors = 0;
            foreach (DamagedPage page in damaged.Where(p => p.ObjectId == table.Def.ObjectId))
            {
                errors += SendPageErrors(page, table, frame, repairs);
            }

            CheckRows(table, errors > 0 || table.IsDamaged, frame, quiet);
            if (errors > 0)
            {
                Inform(frame, 8990, $"{command} found 0 allocation errors and {errors} consistency errors in table '{TableName(table)}' (object ID {table.Def.ObjectId}).");
            }

            total += errors;
        }

        if (total > 0 || (!quiet && only is null))
        {
            Inform(frame, 8989, $"{command} found 0 allocation errors and {total} consistency errors in database '{database.Name}'.");
        }

        if (total > 0)
        {
            Inform(frame, 8958, $"repair_allow_data_loss is the minimum repair level for the errors found by DBCC {command} ({database.Name}{(repairs ? ", repair_allow_data_loss" : string.Empty)}).");
            _session.LastError = 8928;
        }
    }

    private static string TableName(LabTable table) => Same(table.Def.Schema, "dbo") ? table.Def.Name : table.Def.Schema + "." + table.Def.Name;

    /// <returns>Number of errors.</returns>
    private int SendPageErrors(DamagedPage page, LabTable? table, ExecutionFrame frame, bool repairs)
    {
        int objectId = table?.Def.ObjectId ?? 0;
        string name = page.NumberText;
        string unit = string.Create(CultureInfo.InvariantCulture, $"index ID {(table is null ? 0 : 1)}, partition ID {((long)objectId << 16) | 1}, alloc unit ID {((long)objectId << 16) | 1} (type In-row data)");
        SendError(frame, 8928, $"Object ID {objectId}, {unit}: Page {name} could not be processed. See other errors for details.");
        SendError(frame, 8939, $"Table error: Object ID {objectId}, {unit}, page {name}. Test (IS_OFF (BUF_IOERR, pBUF->bstat)) failed. Values are 133129 and -4.");
        if (repairs)
        {
            Inform(frame, 8922, "Could not repair this error.");
        }

        return 2;
    }

    private void CheckRows(LabTable table, bool isDamaged, ExecutionFrame frame, bool quiet)
    {
        long rows = table.RowCount;
        if (!isDamaged)
        {
            rows = 0;
            InStatement(frame, () =>
            {
                foreach (LabRow row in table.Scan(frame.Transaction, ReadMode.Uncommitted))
                {
                    rows++;
                    if (row.Values.Length != table.Def.Columns.Count)
                    {
                        throw new LabSqlException(8901, 16, 1, $"Table error: Object ID {table.Def.ObjectId} has inconsistent metadata. This error cannot be repaired and prevents further processing of this object.");
                    }
                }
            });
        }

        if (!quiet && !table.Def.IsSystem)
        {
            Inform(frame, 2593, $"There are {rows} rows in {table.PageCount} pages for object \"{table.Def.Name}\".");
        }
    }

    private void Inform(ExecutionFrame frame, int number, FormattableString text) => _session.Send(frame, new SqlMessage(number, 10, 1, FormattableString.Invariant(text)));

    private void Inform(ExecutionFrame frame, int number, string text) => _session.Send(frame, new SqlMessage(number, 10, 1, text));

    private void SendError(ExecutionFrame frame, int number, FormattableString text) => _session.Send(frame, new SqlMessage(number, 16, 1, FormattableString.Invariant(text)));
}
