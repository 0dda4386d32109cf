using System;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Values as the registry of Windows has them, by the numbers of winnt.h, and as the port has them.</summary>
internal static class RegistryData
{
    // RegistryValueKind.None of .NET is -1; winnt.h has 0.
    private const int None = -1, String = 1, ExpandString = 2, Binary = 3, DWord = 4, MultiString = 7, QWord = 11;

    /// <summary>Gives a value; null for one of a kind that the port does not have (resource lists of drivers).</summary>
    /// <remarks>REG_NONE holds bytes without a meaning: they are shown as binary.</remarks>
    public static RegistryValue? From(string name, int kind, object? data) => (kind, data) switch
    {
        (String, string text) => new RegistryValue(name, RegistryValueType.String, text),
        (ExpandString, string text) => new RegistryValue(name, RegistryValueType.ExpandString, text),
        (DWord, int number) => new RegistryValue(name, RegistryValueType.DWord, number),
        (QWord, long number) => new RegistryValue(name, RegistryValueType.QWord, number),
        (MultiString, string[] texts) => new RegistryValue(name, RegistryValueType.MultiString, texts),
        (Binary or None, byte[] bytes) => new RegistryValue(name, RegistryValueType.Binary, bytes),
        _ => null,
    };

    public static int KindOf(RegistryValueType type) => type switch
    {
        RegistryValueType.String => String,
        RegistryValueType.ExpandString => ExpandString,
        RegistryValueType.DWord => DWord,
        RegistryValueType.QWord => QWord,
        RegistryValueType.MultiString => MultiString,
        RegistryValueType.Binary => Binary,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
