using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Data types by name: built-in, alias types, table types; CREATE and DROP TYPE.
internal sealed partial class Interpreter
{
    /// <summary>Maps a parsed type; alias types are looked up in the database.</summary>
    internal SqlType TypeOf(DataTypeReference type, ExecutionFrame frame)
    {
        if (type is UserDataTypeReference user && FindType(user.Name, frame) is { Kind: ModuleKind.TableType } module
            && Server.Parser.Parse(module.Text).Statements[0] is CreateTypeUddtStatement alias)
        {
            return Queries.ToSqlType(alias.DataType);
        }

        return Queries.ToSqlType(type);
    }

    private bool NullableByDefault(DataTypeReference? type, ExecutionFrame frame) =>
        type is not UserDataTypeReference user || FindType(user.Name, frame) is not { } module
        || Server.Parser.Parse(module.Text).Statements[0] is not CreateTypeUddtStatement { NullableConstraint.Nullable: false };

    private TableDefinition? TableTypeOf(DataTypeReference type, ExecutionFrame frame) =>
        type is UserDataTypeReference user && FindType(user.Name, frame) is { } module
        && Server.Parser.Parse(module.Text).Statements[0] is CreateTypeTableStatement table
            ? table.Definition
            : null;

    private static ModuleDef? FindType(SchemaObjectName name, ExecutionFrame frame)
    {
        string type = name.BaseIdentifier.Value;
        if (string.Equals(type, "sysname", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        ModuleDef? found = frame.Database.FindModule(name.SchemaIdentifier?.Value ?? "dbo", type);
        return found?.Kind == ModuleKind.TableType ? found : null;
    }

    private void CreateType(CreateTypeStatement create, ExecutionFrame frame)
    {
        if (create is CreateTypeUdtStatement)
        {
            throw ServerErrors.NotSupported("CREATE TYPE … EXTERNAL NAME");
        }

        string schema = create.Name.SchemaIdentifier?.Value ?? "dbo";
        string name = create.Name.BaseIdentifier.Value;
        if (FindType(create.Name, frame) is not null)
        {
            throw new LabSqlException(219, 16, 1, $"The type '{schema}.{name}' already exists, or you do not have permission to create it.");
        }

        frame.RequireDdl(frame.Database, "CREATE TYPE");
        frame.Database.PutModule(frame.Transaction!, new ModuleDef
        {
            ObjectId = frame.Database.NewObjectId(),
            Schema = schema,
            Name = name,
            Kind = ModuleKind.TableType,
            Text = ScriptParser.SourceOf(create),
            CreateDate = Instance.Now,
            ModifyDate = Instance.Now,
        });
    }

    private void DropType(DropTypeStatement drop, ExecutionFrame frame)
    {
        ModuleDef? type = FindType(drop.Name, frame);
        if (type is null)
        {
            if (drop.IsIfExists)
            {
                return;
            }

            throw new LabSqlException(218, 16, 1, $"Could not find the type '{string.Join('.', drop.Name.Identifiers.Select(i => i.Value))}'. Either it does not exist or you do not have the necessary permission.");
        }

        frame.RequireDdl(frame.Database, "DROP TYPE");
        frame.Database.DropModule(frame.Transaction!, type);
    }
}
