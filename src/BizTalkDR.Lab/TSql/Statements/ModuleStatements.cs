using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CREATE, ALTER, DROP of procedures, views, functions, triggers, synonyms, schemas; the dispatch of all schema statements.
internal sealed partial class Interpreter
{
    private bool ExecuteSchema(TSqlStatement statement, ExecutionFrame frame)
    {
        Action? action = SchemaAction(statement, frame);
        if (action is null)
        {
            return false;
        }

        InStatement(frame, action, writes: true);
        _session.LastRowCount = 0;
        return true;
    }

    private Action? SchemaAction(TSqlStatement statement, ExecutionFrame frame) => statement switch
    {
        CreateTableStatement create => () => CreateTable(create, frame),
        AlterTableStatement alter => () => AlterTable(alter, frame),
        DropTableStatement drop => () => DropTables(drop, frame),
        CreateIndexStatement create => () => CreateIndex(create, frame),
        DropIndexStatement drop => () => DropIndexes(drop, frame),
        AlterIndexStatement alter => () => TableToAlter(alter.OnName, frame, 1088),
        CreateStatisticsStatement statistics => () => CreateStatistics(statistics, frame),
        UpdateStatisticsStatement statistics => () => UpdateStatistics(statistics, frame),
        DropStatisticsStatement statistics => () => DropStatistics(statistics, frame),
        ProcedureStatementBody procedure => () => PutModule(procedure.ProcedureReference.Name, ModuleKind.Procedure, procedure, frame),
        ViewStatementBody view => () => PutModule(view.SchemaObjectName, ModuleKind.View, view, frame),
        FunctionStatementBody function => () => PutModule(function.Name, KindOf(function), function, frame),
        TriggerStatementBody trigger => () => PutModule(trigger.Name, ModuleKind.Trigger, trigger, frame),
        DropProcedureStatement drop => () => DropModules(drop, "procedure", frame, ModuleKind.Procedure),
        DropViewStatement drop => () => DropModules(drop, "view", frame, ModuleKind.View),
        DropFunctionStatement drop => () => DropModules(drop, "function", frame, ModuleKind.ScalarFunction, ModuleKind.InlineTableFunction, ModuleKind.TableFunction),
        DropTriggerStatement drop => () => DropModules(drop, "trigger", frame, ModuleKind.Trigger),
        DropSynonymStatement drop => () => DropModules(drop, "synonym", frame, ModuleKind.Synonym),
        CreateSynonymStatement create => () => CreateSynonym(create, frame),
        CreateSchemaStatement create => () => CreateSchema(create, frame),
        CreateTypeStatement create => () => CreateType(create, frame),
        DropTypeStatement drop => () => DropType(drop, frame),
        EnableDisableTriggerStatement trigger => () => SwitchTrigger(trigger, frame),
        _ => null,
    };

    private static ModuleKind KindOf(FunctionStatementBody function) => function.ReturnType switch
    {
        SelectFunctionReturnType => ModuleKind.InlineTableFunction,
        TableValuedFunctionReturnType => ModuleKind.TableFunction,
        _ => ModuleKind.ScalarFunction,
    };

    private void PutModule(SchemaObjectName name, ModuleKind kind, TSqlStatement statement, ExecutionFrame frame)
    {
        LabDatabase database = frame.Database;
        if (name.DatabaseIdentifier is { Value.Length: > 0 })
        {
            throw new LabSqlException(166, 15, 1, $"'CREATE/ALTER {kind.ToString().ToUpperInvariant()}' does not allow specifying the database name as a prefix to the object name.");
        }

        string schema = frame.SchemaFor(database, name);
        string module = name.BaseIdentifier.Value;
        if (module.StartsWith('#'))
        {
            throw ServerErrors.NotSupported("temporary procedure");
        }

        frame.RequireDdl(database, "CREATE " + kind.ToString().ToUpperInvariant());
        CheckBody(statement, frame);
        int parent = statement is TriggerStatementBody trigger ? TriggerTable(trigger, frame) : 0;
        ModuleDef? existing = database.FindModule(schema, module);
        string verb = statement.GetType().Name;
        bool creates = verb.StartsWith("Create", StringComparison.Ordinal) && !verb.StartsWith("CreateOrAlter", StringComparison.Ordinal);
        if (existing is null && verb.StartsWith("Alter", StringComparison.Ordinal))
        {
            throw new LabSqlException(208, 16, 6, $"Invalid object name '{string.Join('.', name.Identifiers.Select(i => i.Value))}'.").WithReach(ErrorReach.Statement);
        }

        if (creates)
        {
            RefuseTaken(database, schema, module);
        }
        else if (existing is null ? database.FindTable(schema, module) is not null : !SameFamily(existing.Kind, kind))
        {
            throw new LabSqlException(2010, 16, 1, $"Cannot perform alter on '{schema}.{module}' because it is an incompatible object type.");
        }

        if (kind == ModuleKind.View)
        {
            ViewColumns((ViewStatementBody)statement, frame);
        }

        database.PutModule(frame.Transaction!, new ModuleDef
        {
            ObjectId = existing?.ObjectId ?? database.NewObjectId(),
            Schema = schema,
            Name = module,
            Kind = kind,
            Text = AsCreate(frame.BatchText, statement),
            QuotedIdentifiers = _session.Settings.QuotedIdentifier,
            AnsiNulls = _session.Settings.AnsiNulls,
            ParentObjectId = parent,
            CreateDate = existing?.CreateDate ?? Instance.Now,
            ModifyDate = Instance.Now,
        });
    }

    private static bool SameFamily(ModuleKind a, ModuleKind b) =>
        a == b || (a is ModuleKind.ScalarFunction or ModuleKind.InlineTableFunction or ModuleKind.TableFunction && b is ModuleKind.ScalarFunction or ModuleKind.InlineTableFunction or ModuleKind.TableFunction);

    /// <summary>A view must have names for all its columns, and its tables must be there.</summary>
    private void ViewColumns(ViewStatementBody view, ExecutionFrame frame)
    {
        QueryResult result = Queries.Query(view.SelectStatement.QueryExpression, view.SelectStatement.WithCtesAndXmlNamespaces, frame);
        if (view.Columns.Count > 0 && view.Columns.Count != result.Columns.Count)
        {
            throw new LabSqlException(8158, 16, 1, $"'{view.SchemaObjectName.BaseIdentifier.Value}' has {(view.Columns.Count > result.Columns.Count ? "more columns than were specified in the column list" : "fewer columns than were specified in the column list")}.");
        }

        for (int i = 0; view.Columns.Count == 0 && i < result.Columns.Count; i++)
        {
            if (string.IsNullOrEmpty(result.Columns[i].Name))
            {
                throw new LabSqlException(4511, 16, 1, $"Create View or Function failed because no column name was specified for column {i + 1}.");
            }
        }
    }

    private static void CheckBody(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case ProcedureStatementBodyBase body:
                if (body.MethodSpecifier is not null)
                {
                    throw ServerErrors.NotSupported("EXTERNAL NAME");
                }

                List<string> names = [.. body.Parameters.Select(p => p.VariableName.Value)];
                List<string> tables = [.. body.Parameters.Where(p => p.DataType is UserDataTypeReference).Select(p => p.VariableName.Value)];
                if (statement is FunctionStatementBody { ReturnType: TableValuedFunctionReturnType result })
                {
                    tables.Add(result.DeclareTableVariableBody.VariableName.Value);
                }

                BatchCheck.Run(body.StatementList is null ? [] : body.StatementList.Statements, names, tables);
                break;
            case TriggerStatementBody trigger:
                BatchCheck.Run(trigger.StatementList.Statements, [], []);
                break;
            default:
                break;
        }
    }

    private static int TriggerTable(TriggerStatementBody trigger, ExecutionFrame frame)
    {
        if (trigger.TriggerObject.TriggerScope != TriggerScope.Normal || trigger.TriggerType == TriggerType.InsteadOf)
        {
            throw ServerErrors.NotSupported(trigger.TriggerType == TriggerType.InsteadOf ? "INSTEAD OF trigger" : "DDL trigger");
        }

        LabTable? table = frame.FindTable(trigger.TriggerObject.Name);
        return table?.Def.ObjectId ?? throw new LabSqlException(8197, 16, 4, $"The object '{string.Join('.', trigger.TriggerObject.Name.Identifiers.Select(i => i.Value))}' does not exist or is invalid for this operation.");
    }

    /// <summary>The stored text always begins with CREATE, whatever made it.</summary>
    private static string AsCreate(string batch, TSqlStatement statement)
    {
        IList<TSqlParserToken> tokens = statement.ScriptTokenStream;
        var text = new StringBuilder(batch.Length);
        int first = statement.FirstTokenIndex;
        string kind = statement.GetType().Name;
        for (int i = 0; i < tokens.Count; i++)
        {
            TSqlParserToken token = tokens[i];
            if (token.TokenType == TSqlTokenType.EndOfFile)
            {
                break;
            }

            if (i == first && kind.StartsWith("Alter", StringComparison.Ordinal))
            {
                text.Append("CREATE");
                continue;
            }

            if (kind.StartsWith("CreateOrAlter", StringComparison.Ordinal) && i > first && token.TokenType is TSqlTokenType.Or or TSqlTokenType.Alter && IsBeforeKind(tokens, first, i))
            {
                continue;
            }

            text.Append(token.Text);
        }

        return text.ToString();
    }

    private static bool IsBeforeKind(IList<TSqlParserToken> tokens, int first, int at)
    {
        int words = 0;
        for (int i = first; i < at; i++)
        {
            words += tokens[i].TokenType is TSqlTokenType.WhiteSpace or TSqlTokenType.SingleLineComment or TSqlTokenType.MultilineComment ? 0 : 1;
        }

        return words is 1 or 2;
    }

    private void DropModules(DropObjectsStatement drop, string kind, ExecutionFrame frame, params ModuleKind[] kinds)
    {
        foreach (SchemaObjectName name in drop.Objects)
        {
            string schema = name.SchemaIdentifier?.Value ?? frame.DefaultSchema(frame.Database);
            ModuleDef? module = frame.Database.FindModule(schema, name.BaseIdentifier.Value) ?? (name.SchemaIdentifier is null ? frame.Database.FindModule("dbo", name.BaseIdentifier.Value) : null);
            if (module is null || !kinds.Contains(module.Kind))
            {
                if (drop.IsIfExists && module is null)
                {
                    continue;
                }

                throw ServerErrors.CannotDrop(kind, string.Join('.', name.Identifiers.Select(i => i.Value)));
            }

            frame.Demand("ALTER", frame.Database, module.Schema, module.Name, module.ObjectId);
            frame.Database.DropModule(frame.Transaction!, module);
            frame.Security(frame.Database).Forget(frame.Transaction!, module.ObjectId);
        }
    }

    private void CreateSynonym(CreateSynonymStatement create, ExecutionFrame frame)
    {
        LabDatabase database = frame.Database;
        string schema = frame.SchemaFor(database, create.Name);
        frame.RequireDdl(database, "CREATE SYNONYM");
        RefuseTaken(database, schema, create.Name.BaseIdentifier.Value);
        database.PutModule(frame.Transaction!, new ModuleDef
        {
            ObjectId = database.NewObjectId(),
            Schema = schema,
            Name = create.Name.BaseIdentifier.Value,
            Kind = ModuleKind.Synonym,
            Text = string.Join('.', create.ForName.Identifiers.Select(i => i.Value.Length == 0 ? string.Empty : Quote(i.Value))),
            CreateDate = Instance.Now,
            ModifyDate = Instance.Now,
        });
    }

    private void CreateSchema(CreateSchemaStatement create, ExecutionFrame frame)
    {
        string name = create.Name?.Value ?? create.Owner.Value;
        frame.RequireDdl(frame.Database, "CREATE SCHEMA");
        if (frame.Database.Schemas.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw ServerErrors.AlreadyExists(name);
        }

        frame.Database.CreateSchema(frame.Transaction!, name);
        foreach (TSqlStatement statement in create.StatementList?.Statements ?? [])
        {
            Execute(statement, frame);
        }
    }

    private void SwitchTrigger(EnableDisableTriggerStatement statement, ExecutionFrame frame)
    {
        if (statement.TriggerObject.TriggerScope != TriggerScope.Normal)
        {
            throw ServerErrors.NotSupported("DDL trigger");
        }

        LabTable table = TableToAlter(statement.TriggerObject.Name, frame, 1088);
        SwitchTriggers(table, statement.All ? null : [.. statement.TriggerNames.Select(n => n.BaseIdentifier.Value)], statement.TriggerEnforcement == TriggerEnforcement.Enable, frame);
    }
}
