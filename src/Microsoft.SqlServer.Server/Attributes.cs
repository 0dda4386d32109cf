// Stand-in for the package Microsoft.SqlServer.Server: SqlClient on .NET looks these types up by name as soon as a
// command has a parameter. A release built where the real package exists ships the real one (UsePackageReferences).
using System;

#pragma warning disable MA0048 // one small assembly, one file

namespace Microsoft.SqlServer.Server;

/// <summary>Names how a user-defined type is serialised.</summary>
public enum Format
{
    /// <summary>Not stated.</summary>
    Unknown = 0,

    /// <summary>By the type's layout.</summary>
    Native = 1,

    /// <summary>By the type's own code.</summary>
    UserDefined = 2,
}

/// <summary>Names whether a function reads user data.</summary>
public enum DataAccessKind
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>Reads user data.</summary>
    Read = 1,
}

/// <summary>Names whether a function reads system data.</summary>
public enum SystemDataAccessKind
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>Reads system data.</summary>
    Read = 1,
}

/// <summary>Reads and writes a user-defined type.</summary>
public interface IBinarySerialize
{
    /// <summary>Reads the value.</summary>
    /// <param name="r">Source.</param>
    void Read(System.IO.BinaryReader r);

    /// <summary>Writes the value.</summary>
    /// <param name="w">Target.</param>
    void Write(System.IO.BinaryWriter w);
}

/// <summary>Reports a user-defined type that cannot be used.</summary>
[Serializable]
public sealed class InvalidUdtException : SystemException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the type.</param>
    public InvalidUdtException(string message)
        : base(message)
    {
    }
}

/// <summary>States facets of a value.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.ReturnValue | AttributeTargets.Parameter)]
public class SqlFacetAttribute : Attribute
{
    /// <summary>Whether all values have the same length.</summary>
    public bool IsFixedLength { get; set; }

    /// <summary>Whether the value can be null.</summary>
    public bool IsNullable { get; set; }

    /// <summary>Largest size in bytes or characters.</summary>
    public int MaxSize { get; set; }

    /// <summary>Decimal precision.</summary>
    public int Precision { get; set; }

    /// <summary>Decimal scale.</summary>
    public int Scale { get; set; }
}

/// <summary>Marks a function.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class SqlFunctionAttribute : Attribute
{
    /// <summary>Access to user data.</summary>
    public DataAccessKind DataAccess { get; set; }

    /// <summary>Access to system data.</summary>
    public SystemDataAccessKind SystemDataAccess { get; set; }

    /// <summary>Row-filling method.</summary>
    public string? FillRowMethodName { get; set; }

    /// <summary>Whether the result depends on the arguments alone.</summary>
    public bool IsDeterministic { get; set; }

    /// <summary>Whether the result is precise.</summary>
    public bool IsPrecise { get; set; }

    /// <summary>Name of the function.</summary>
    public string? Name { get; set; }

    /// <summary>Definition of the result table.</summary>
    public string? TableDefinition { get; set; }
}

/// <summary>Marks a method of a user-defined type.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SqlMethodAttribute : SqlFunctionAttribute
{
    /// <summary>Whether a null instance is passed on.</summary>
    public bool InvokeIfReceiverIsNull { get; set; }

    /// <summary>Whether the method changes the value.</summary>
    public bool IsMutator { get; set; }

    /// <summary>Whether a null argument is passed on.</summary>
    public bool OnNullCall { get; set; }
}

/// <summary>Marks a user-defined aggregate.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SqlUserDefinedAggregateAttribute : Attribute
{
    /// <summary>Largest serialised size in bytes.</summary>
    public const int MaxByteSizeValue = 8000;

    /// <summary>Creates the attribute.</summary>
    /// <param name="format">How the value is serialised.</param>
    public SqlUserDefinedAggregateAttribute(Format format) => Format = format;

    /// <summary>How the value is serialised.</summary>
    public Format Format { get; }

    /// <summary>Whether duplicates matter.</summary>
    public bool IsInvariantToDuplicates { get; set; }

    /// <summary>Whether nulls matter.</summary>
    public bool IsInvariantToNulls { get; set; }

    /// <summary>Whether order matters.</summary>
    public bool IsInvariantToOrder { get; set; }

    /// <summary>Whether no rows give null.</summary>
    public bool IsNullIfEmpty { get; set; }

    /// <summary>Largest size in bytes.</summary>
    public int MaxByteSize { get; set; }

    /// <summary>Name of the aggregate.</summary>
    public string? Name { get; set; }
}

/// <summary>Marks a user-defined type.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SqlUserDefinedTypeAttribute : Attribute
{
    /// <summary>Creates the attribute.</summary>
    /// <param name="format">How the value is serialised.</param>
    public SqlUserDefinedTypeAttribute(Format format) => Format = format;

    /// <summary>How the value is serialised.</summary>
    public Format Format { get; }

    /// <summary>Whether bytes sort as values do.</summary>
    public bool IsByteOrdered { get; set; }

    /// <summary>Whether all values have the same length.</summary>
    public bool IsFixedLength { get; set; }

    /// <summary>Largest size in bytes.</summary>
    public int MaxByteSize { get; set; }

    /// <summary>Name of the type.</summary>
    public string? Name { get; set; }

    /// <summary>Validation method.</summary>
    public string? ValidationMethodName { get; set; }
}
