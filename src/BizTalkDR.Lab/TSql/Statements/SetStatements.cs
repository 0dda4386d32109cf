using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// SET options.
internal sealed partial class Interpreter
{
    private bool ExecuteSet(TSqlStatement statement, ExecutionFrame frame)
    {
        SessionSettings settings = _session.Settings;
        switch (statement)
        {
            case PredicateSetStatement set:
                SetOptions(set);
                break;
            case SetTransactionIsolationLevelStatement level:
                settings.Isolation = level.Level switch
                {
                    IsolationLevel.ReadUncommitted => 1,
                    IsolationLevel.RepeatableRead => 3,
                    IsolationLevel.Serializable => 4,
                    IsolationLevel.Snapshot => throw new LabSqlException(3952, 16, 1, $"Snapshot isolation transaction failed accessing database '{frame.Database.Name}' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation."),
                    _ => 2,
                };
                break;
            case SetIdentityInsertStatement identity:
                SetIdentityInsert(identity, frame);
                break;
            case SetRowCountStatement rows:
                settings.RowCount = Scalar<long>(rows.NumberRows, SqlType.BigInt, frame);
                break;
            case SetTextSizeStatement size:
                settings.TextSize = Scalar<int>(size.TextSize, SqlType.Int, frame);
                break;
            case SetCommandStatement commands:
                foreach (SetCommand command in commands.Commands)
                {
                    SetCommand(command, frame);
                }

                break;
            case SetStatisticsStatement { IsOn: true } plan when plan.Options is SetStatisticsOptions.Profile or SetStatisticsOptions.Xml:
                throw ServerErrors.NotSupported("SET STATISTICS " + plan.Options.ToString().ToUpperInvariant());
            case SetStatisticsStatement:
                // Statistics messages depend on the machine; the lab gives none.
                break;
            default:
                return false;
        }

        _session.LastRowCount = 0;
        return true;
    }

    private void SetOptions(PredicateSetStatement set)
    {
        SessionSettings settings = _session.Settings;
        bool on = set.IsOn;
        foreach (SetOptions option in Enum.GetValues<SetOptions>())
        {
            if (option == Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.None || !set.Options.HasFlag(option))
            {
                continue;
            }

            switch (option)
            {
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.NoCount:
                    settings.NoCount = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.XactAbort:
                    settings.XactAbort = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.QuotedIdentifier:
                    settings.QuotedIdentifier = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.ImplicitTransactions:
                    settings.ImplicitTransactions = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiNulls:
                    settings.AnsiNulls = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiPadding:
                    settings.AnsiPadding = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiWarnings:
                    settings.AnsiWarnings = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiNullDfltOn:
                    settings.AnsiNullDefaultOn = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiDefaults:
                    settings.AnsiNulls = settings.AnsiPadding = settings.AnsiWarnings = settings.QuotedIdentifier = settings.AnsiNullDefaultOn = on;
                    settings.ImplicitTransactions = settings.CursorCloseOnCommit = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.ArithAbort:
                    settings.ArithAbort = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.ConcatNullYieldsNull:
                    settings.ConcatNullYieldsNull = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.NumericRoundAbort:
                    settings.NumericRoundAbort = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.CursorCloseOnCommit:
                    settings.CursorCloseOnCommit = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.FmtOnly:
                    settings.FormatOnly = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.NoExec:
                    settings.NoExec = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.ParseOnly:
                    settings.ParseOnly = on;
                    break;
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.NoBrowsetable:
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.ForcePlan:
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.RemoteProcTransactions:
                case Microsoft.SqlServer.TransactSql.ScriptDom.SetOptions.AnsiNullDfltOff:
                    // Accepted: they change nothing the lab does.
                    break;
                default:
                    if (on)
                    {
                        throw ServerErrors.NotSupported("SET " + option);
                    }

                    break;
            }
        }
    }

    private void SetIdentityInsert(SetIdentityInsertStatement identity, ExecutionFrame frame)
    {
        LabTable table = frame.FindTable(identity.Table) ?? throw new LabSqlException(1088, 16, 11, $"Cannot find the object \"{identity.Table.BaseIdentifier.Value}\" because it does not exist or you do not have permissions.");
        if (!table.Def.Columns.Exists(c => c.IsIdentity))
        {
            throw new LabSqlException(8106, 16, 1, $"Table '{table.Def.Name}' does not have the identity property. Cannot perform SET operation.");
        }

        (int, int) id = (table.Database.Id, table.Def.ObjectId);
        if (identity.IsOn && _session.Settings.IdentityInsert is { } other && other != id)
        {
            throw new LabSqlException(8107, 16, 1, $"IDENTITY_INSERT is already ON for another table. Cannot perform SET operation for table '{table.Def.Name}'.");
        }

        _session.Settings.IdentityInsert = identity.IsOn ? id : null;
    }

    private void SetCommand(SetCommand command, ExecutionFrame frame)
    {
        if (command is not GeneralSetCommand general)
        {
            throw ServerErrors.NotSupported("SET FIPS_FLAGGER");
        }

        SessionSettings settings = _session.Settings;
        switch (general.CommandType)
        {
            case GeneralSetCommandType.LockTimeout:
                settings.LockTimeout = Scalar<int>(general.Parameter, SqlType.Int, frame);
                break;
            case GeneralSetCommandType.DateFirst:
                int first = Scalar<int>(general.Parameter, SqlType.Int, frame);
                settings.DateFirst = first is >= 1 and <= 7 ? (byte)first : throw new LabSqlException(2742, 16, 1, $"SET DATEFIRST {first} is out of range.");
                break;
            case GeneralSetCommandType.DateFormat:
                string order = (Scalar<string>(general.Parameter, SqlType.SysName, frame) ?? "mdy").ToLowerInvariant();
                settings.DateFormat = order is "mdy" or "dmy" or "ymd" or "ydm" or "myd" or "dym"
                    ? order
                    : throw new LabSqlException(2741, 16, 1, $"SET DATEFORMAT date order '{order}' is invalid.");
                break;
            case GeneralSetCommandType.Language:
                string language = Scalar<string>(general.Parameter, SqlType.SysName, frame) ?? "us_english";
                if (language.ToUpperInvariant() is not ("US_ENGLISH" or "ENGLISH"))
                {
                    throw new LabSqlException(2740, 16, 1, string.Create(CultureInfo.InvariantCulture, $"SET LANGUAGE failed because '{language}' is not an official language name or a language alias on this SQL Server."));
                }

                settings.Language = "us_english";
                _session.Send(frame, new SqlMessage(5703, 10, 1, "Changed language setting to us_english."));
                break;
            case GeneralSetCommandType.ContextInfo:
                settings.ContextInfo = Scalar<byte[]>(general.Parameter, new SqlType(SqlKind.VarBinary, 128), frame);
                break;
            default:
                // DEADLOCK_PRIORITY and QUERY_GOVERNOR_COST_LIMIT are hints the lab has no use for.
                break;
        }
    }
}
