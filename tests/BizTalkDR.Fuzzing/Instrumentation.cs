using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using MethodBody = Mono.Cecil.Cil.MethodBody;

namespace BizTalkDR.Fuzzing;

/// <summary>Puts a call of <see cref="Coverage.Hit"/> at the start of every block of code of an assembly.</summary>
internal static class Instrumentation
{
    /// <param name="path">The assembly; written over.</param>
    /// <returns>Number of blocks.</returns>
    public static int Apply(string path)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { InMemory = true });
        System.Reflection.MethodInfo hit = typeof(Coverage).GetMethod(nameof(Coverage.Hit))!;
        MethodReference target = assembly.MainModule.ImportReference(hit);
        Random ids = new(1);
        int blocks = 0;
        foreach (MethodDefinition method in assembly.MainModule.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
            blocks += Apply(method.Body, target, ids);
        assembly.Write(path);
        return blocks;
    }

    private static int Apply(MethodBody body, MethodReference hit, Random ids)
    {
        body.SimplifyMacros();
        ILProcessor code = body.GetILProcessor();
        HashSet<Instruction> starts = Starts(body);
        Dictionary<Instruction, Instruction> moved = [];
        foreach (Instruction start in body.Instructions.Where(starts.Contains).ToArray())
        {
            Instruction id = code.Create(OpCodes.Ldc_I4, ids.Next(Coverage.Places));
            code.InsertBefore(start, id);
            code.InsertBefore(start, code.Create(OpCodes.Call, hit));
            moved[start] = id;
        }

        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction one && moved.TryGetValue(one, out Instruction? to))
                instruction.Operand = to;
            else if (instruction.Operand is Instruction[] many)
                instruction.Operand = many.Select(m => moved.GetValueOrDefault(m, m)).ToArray();
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            handler.TryStart = Moved(handler.TryStart);
            handler.TryEnd = Moved(handler.TryEnd);
            handler.HandlerStart = Moved(handler.HandlerStart);
            handler.HandlerEnd = Moved(handler.HandlerEnd);
            handler.FilterStart = Moved(handler.FilterStart);
        }

        body.OptimizeMacros();
        return starts.Count;

        Instruction? Moved(Instruction? at) => at is not null && moved.TryGetValue(at, out Instruction? to) ? to : at;
    }

    private static HashSet<Instruction> Starts(MethodBody body)
    {
        HashSet<Instruction> starts = [body.Instructions[0]];
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction one)
                starts.Add(one);
            else if (instruction.Operand is Instruction[] many)
                starts.UnionWith(many);
            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is not null)
                starts.Add(instruction.Next);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            starts.Add(handler.TryStart);
            starts.Add(handler.HandlerStart);
        }

        return starts;
    }
}
