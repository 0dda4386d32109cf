using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;

namespace BizTalkDR.Module.Tests;

/// <summary>A cmdlet as its metadata describes it. No attribute is ever created and no code of the module runs.</summary>
internal sealed class CmdletClass
{
    private static readonly AssemblyLoadContext s_context = Context();

    private readonly CustomAttributeData _cmdlet;

    private CmdletClass(Type type)
    {
        Type = type;
        _cmdlet = Attribute(type, "CmdletAttribute")!;
        Parameters = type.GetProperties().Where(p => Attribute(p, "ParameterAttribute") is not null).Select(p => new CmdletParameter(p)).ToList();
    }

    /// <summary>The module's classes that PowerShell would take for cmdlets, sealed or not.</summary>
    public static IReadOnlyList<CmdletClass> All { get; } = Load("BizTalkDR.Module").GetTypes()
        .Where(t => Attribute(t, "CmdletAttribute") is not null)
        .Select(t => new CmdletClass(t))
        .OrderBy(c => c.Name, StringComparer.Ordinal)
        .ToList();

    public Type Type { get; }

    public IReadOnlyList<CmdletParameter> Parameters { get; }

    public string Verb => (string)_cmdlet.ConstructorArguments[0].Value!;

    public string Noun => (string)_cmdlet.ConstructorArguments[1].Value!;

    public string Name => $"{Verb}-{Noun}";

    public bool SupportsShouldProcess => Named("SupportsShouldProcess") is true;

    /// <summary>None = 0, Low = 1, Medium = 2 (PowerShell's default), High = 3.</summary>
    public int ConfirmImpact => Named("ConfirmImpact") is int impact ? impact : 2;

    public string? DefaultParameterSet => (string?)Named("DefaultParameterSetName");

    public IReadOnlyList<Type> OutputTypes => Type.GetCustomAttributesData()
        .Where(a => a.AttributeType.Name == "OutputTypeAttribute")
        .SelectMany(a => a.ConstructorArguments)
        .SelectMany(a => a.Value is IReadOnlyCollection<CustomAttributeTypedArgument> several ? several.Select(s => s.Value) : [a.Value])
        .OfType<Type>()
        .ToList();

    public static CmdletClass ByName(string cmdlet) => All.Single(c => c.Name == cmdlet);

    /// <summary>Loads an assembly of the package for reading.</summary>
    public static Assembly Load(string name) => s_context.LoadFromAssemblyName(new AssemblyName(name));

    public static CustomAttributeData? Attribute(MemberInfo member, string name) => member.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name == name);

    public override string ToString() => Name;

    private static AssemblyLoadContext Context()
    {
        AssemblyLoadContext context = new("package");
        context.Resolving += (own, name) =>
        {
            string path = Path.Combine(Repository.CoreFolder, name.Name + ".dll");
            return File.Exists(path) ? own.LoadFromAssemblyPath(path) : null;
        };
        return context;
    }

    private object? Named(string argument) => _cmdlet.NamedArguments.FirstOrDefault(a => a.MemberName == argument).TypedValue.Value;
}

/// <summary>A parameter as its metadata describes it.</summary>
internal sealed class CmdletParameter
{
    private readonly IReadOnlyList<CustomAttributeData> _attributes;

    public CmdletParameter(PropertyInfo property)
    {
        Property = property;
        _attributes = property.GetCustomAttributesData().Where(a => a.AttributeType.Name == "ParameterAttribute").ToList();
        CustomAttributeData? alias = CmdletClass.Attribute(property, "AliasAttribute");
        Aliases = alias is null ? [] : ((IEnumerable<CustomAttributeTypedArgument>)alias.ConstructorArguments[0].Value!).Select(a => (string)a.Value!).ToList();
    }

    public PropertyInfo Property { get; }

    public string Name => Property.Name;

    public IReadOnlyList<string> Aliases { get; }

    /// <summary>Type as help writes it: without namespace and without the question mark.</summary>
    public string TypeName => (Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType).Name;

    public bool IsMandatory => _attributes.Any(a => Argument(a, "Mandatory") is true);

    public string Position => _attributes.Select(a => Argument(a, "Position")).OfType<int>().Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault() ?? "Named";

    public IReadOnlyList<string> Sets => _attributes.Select(a => Argument(a, "ParameterSetName")).OfType<string>().Order(StringComparer.Ordinal).ToList();

    /// <summary>As Get-Help shows it.</summary>
    public string PipelineInput
    {
        get
        {
            List<string> ways = [];
            if (_attributes.Any(a => Argument(a, "ValueFromPipeline") is true))
                ways.Add("ByValue");
            if (_attributes.Any(a => Argument(a, "ValueFromPipelineByPropertyName") is true))
                ways.Add("ByPropertyName");
            return ways.Count == 0 ? "False" : $"True ({string.Join(", ", ways)})";
        }
    }

    private static object? Argument(CustomAttributeData attribute, string name) => attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value;
}
