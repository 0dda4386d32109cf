using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>One call of an RPC message (2.2.6.6).</summary>
/// <param name="Ordinals">Position of each parameter in the message, from 0; parameters left to their default are not listed.</param>
internal sealed record RpcCall(string Procedure, IReadOnlyList<RpcParameter> Parameters, IReadOnlyList<int> Ordinals);

/// <summary>Reads RPC messages: one call or several, separated by a batch flag.</summary>
internal static class RpcMessage
{
    private const byte NoExecuteFlag = 0xFE;
    private const byte ByReference = 1;
    private const byte DefaultValue = 2;
    private const byte Encrypted = 8;

    private static readonly string[] Numbered =
    [
        "sp_cursor", "sp_cursoropen", "sp_cursorprepare", "sp_cursorexecute", "sp_cursorprepexec", "sp_cursorunprepare", "sp_cursorfetch",
        "sp_cursoroption", "sp_cursorclose", "sp_executesql", "sp_prepare", "sp_execute", "sp_prepexec", "sp_prepexecrpc", "sp_unprepare",
    ];

    /// <param name="batchFlag">What separates two calls.</param>
    /// <exception cref="TdsProtocolException">Something in the message is out of range.</exception>
    /// <exception cref="LabSqlException">8004, 8009: a procedure number or a data type this server does not know.</exception>
    public static IReadOnlyList<RpcCall> Read(TdsReader reader, byte batchFlag = 0xFF)
    {
        List<RpcCall> calls = [];
        do
        {
            string procedure = ProcedureName(reader);
            reader.Skip(2); // recompile, no metadata, reuse metadata: hints
            List<RpcParameter> parameters = [];
            List<int> ordinals = [];
            for (int ordinal = 1; !reader.AtEnd && reader.PeekByte() is var flag && flag != batchFlag && flag != NoExecuteFlag; ordinal++)
            {
                if (Parameter(reader, ordinal) is not { } parameter)
                    continue;
                parameters.Add(parameter);
                ordinals.Add(ordinal - 1);
            }

            calls.Add(new RpcCall(procedure, parameters, ordinals));
            if (!reader.AtEnd && reader.Byte() == NoExecuteFlag)
                throw new TdsProtocolException("A call that must not be executed is not supported.");
        }
        while (!reader.AtEnd);
        return calls;
    }

    private static string ProcedureName(TdsReader reader)
    {
        int chars = reader.UInt16();
        if (chars != ushort.MaxValue)
            return chars is > 0 and <= 1046 ? reader.Unicode(chars * 2L) : throw new TdsProtocolException("The name of a procedure is out of range.");
        int number = reader.UInt16();
        return number >= 1 && number <= Numbered.Length ? Numbered[number - 1] : throw TdsErrors.ProcedureNumberUnknown(number);
    }

    /// <summary>Reads a parameter; null when the procedure's own default is asked for, which is the same as not sending it.</summary>
    private static RpcParameter? Parameter(TdsReader reader, int ordinal)
    {
        string name = reader.ByteText();
        byte flags = reader.Byte();
        byte token = reader.AtEnd ? (byte)0 : reader.PeekByte();
        if ((flags & Encrypted) != 0 || ParameterType.Read(reader) is not { } type)
            throw TdsErrors.DataTypeUnknown(ordinal, name, token);
        object? value = ValueReader.Read(reader, type);
        bool isOutput = (flags & ByReference) != 0;
        return (flags & DefaultValue) != 0 && name.Length > 0 && !isOutput ? null : new RpcParameter(name, type.ToSqlType(), value, isOutput);
    }
}
