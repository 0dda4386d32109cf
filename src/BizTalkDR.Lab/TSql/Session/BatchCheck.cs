using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Finds what SQL Server finds before it runs a batch: undeclared and doubly declared variables, missing labels, names that are too long.</summary>
internal sealed class BatchCheck : TSqlFragmentVisitor
{
    private readonly HashSet<string> _variables;
    private readonly HashSet<string> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _labels = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<GoToStatement> _jumps = [];
    private int _loops;

    private BatchCheck(IEnumerable<string> variables) => _variables = new HashSet<string>(variables, StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks the statements of one scope; the names given are declared already (parameters).</summary>
    public static void Run(IEnumerable<TSqlStatement> statements, IEnumerable<string> declared, IEnumerable<string> declaredTables)
    {
        var check = new BatchCheck(declared);
        check._tables.UnionWith(declaredTables);
        foreach (TSqlStatement statement in statements)
        {
            statement.Accept(check);
        }

        foreach (GoToStatement jump in check._jumps)
        {
            if (!check._labels.Contains(LabelName(jump.LabelName.Value)))
            {
                throw At(jump, 133, $"A GOTO statement references the label '{jump.LabelName.Value}' but the label has not been declared.");
            }
        }
    }

    /// <summary>CREATE PROCEDURE and its like must stand alone in a batch (111).</summary>
    public static void RejectMixedModules(ParsedBatch batch)
    {
        for (int i = 1; i < batch.Statements.Count; i++)
        {
            string? kind = batch.Statements[i] switch
            {
                CreateProcedureStatement or AlterProcedureStatement or CreateOrAlterProcedureStatement => "CREATE/ALTER PROCEDURE",
                CreateViewStatement or AlterViewStatement or CreateOrAlterViewStatement => "CREATE VIEW",
                CreateFunctionStatement or AlterFunctionStatement or CreateOrAlterFunctionStatement => "CREATE FUNCTION",
                CreateTriggerStatement or AlterTriggerStatement or CreateOrAlterTriggerStatement => "CREATE TRIGGER",
                _ => null,
            };
            if (kind is not null)
            {
                throw At(batch.Statements[i], 111, $"'{kind}' must be the first statement in a query batch.");
            }
        }
    }

    public static string LabelName(string text) => text.TrimEnd(':').Trim();

    public override void Visit(DeclareVariableElement node)
    {
        if (!_variables.Add(node.VariableName.Value))
        {
            throw At(node, 134, $"The variable name '{node.VariableName.Value}' has already been declared. Variable names must be unique within a query batch or stored procedure.");
        }

        if (node.DataType is UserDataTypeReference)
        {
            _tables.Add(node.VariableName.Value);
        }
    }

    public override void Visit(DeclareTableVariableBody node)
    {
        if (node.VariableName is not null && !_tables.Add(node.VariableName.Value))
        {
            throw At(node, 134, $"The variable name '{node.VariableName.Value}' has already been declared. Variable names must be unique within a query batch or stored procedure.");
        }
    }

    public override void ExplicitVisit(ExecuteParameter node) => node.ParameterValue?.Accept(this);

    public override void ExplicitVisit(VariableTableReference node)
    {
        if (!_tables.Contains(node.Variable.Name))
        {
            throw ErrorAt(node, ServerErrors.UndeclaredTable(node.Variable.Name));
        }
    }

    public override void Visit(VariableReference node)
    {
        if (!_variables.Contains(node.Name) && !_tables.Contains(node.Name))
        {
            throw ErrorAt(node, ServerErrors.UndeclaredVariable(node.Name));
        }
    }

    public override void Visit(LabelStatement node)
    {
        if (!_labels.Add(LabelName(node.Value)))
        {
            throw At(node, 132, $"The label '{LabelName(node.Value)}' has already been declared. Label names must be unique within a query batch or stored procedure.");
        }
    }

    public override void Visit(GoToStatement node) => _jumps.Add(node);

    public override void ExplicitVisit(WhileStatement node)
    {
        _loops++;
        base.ExplicitVisit(node);
        _loops--;
    }

    public override void Visit(BreakStatement node)
    {
        if (_loops == 0)
        {
            throw At(node, 135, "Cannot use a BREAK statement outside the scope of a WHILE statement.");
        }
    }

    public override void Visit(ContinueStatement node)
    {
        if (_loops == 0)
        {
            throw At(node, 136, "Cannot use a CONTINUE statement outside the scope of a WHILE statement.");
        }
    }

    public override void Visit(BeginTransactionStatement node)
    {
        CheckName(node.Name);
        if (node.MarkDefined && node.Name is null)
        {
            // The parser takes it; the documented syntax has a mark only with a name.
            throw At(node, 156, "Incorrect syntax near the keyword 'WITH'.");
        }
    }

    public override void Visit(SaveTransactionStatement node) => CheckName(node.Name);

    // Modules check themselves when they are created.
    public override void ExplicitVisit(CreateProcedureStatement node)
    {
    }

    public override void ExplicitVisit(AlterProcedureStatement node)
    {
    }

    public override void ExplicitVisit(CreateOrAlterProcedureStatement node)
    {
    }

    public override void ExplicitVisit(CreateFunctionStatement node)
    {
    }

    public override void ExplicitVisit(AlterFunctionStatement node)
    {
    }

    public override void ExplicitVisit(CreateOrAlterFunctionStatement node)
    {
    }

    public override void ExplicitVisit(CreateTriggerStatement node)
    {
    }

    public override void ExplicitVisit(AlterTriggerStatement node)
    {
    }

    public override void ExplicitVisit(CreateOrAlterTriggerStatement node)
    {
    }

    private static void CheckName(IdentifierOrValueExpression? name)
    {
        if (name?.Identifier is { Value.Length: > 32 } identifier)
        {
            throw At(identifier, 103, $"The identifier that starts with '{identifier.Value[..32]}' is too long. Maximum length is 32.");
        }
    }

    private static LabSqlException At(TSqlFragment node, int number, string text) => new(new SqlMessage(number, 15, 1, text, null, node.StartLine));

    private static LabSqlException ErrorAt(TSqlFragment node, LabSqlException error) => new(error.Error with { Line = node.StartLine });
}
