using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Microsoft.Win32;
using RegistryView = BizTalkDR.Ports.Computers.RegistryView;

namespace BizTalkDR.Computer.Windows;

/// <summary>HKEY_LOCAL_MACHINE of this computer, in both views.</summary>
#if !NETFRAMEWORK
[System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
internal sealed class WindowsRegistry : IRegistry
{
    public bool KeyExists(string key, RegistryView view = RegistryView.Registry64) => Read(key, view, _ => true, false);

    public IReadOnlyList<string> SubKeys(string key, RegistryView view = RegistryView.Registry64) => Read(key, view, k => k.GetSubKeyNames(), []);

    public IReadOnlyList<RegistryValue> Values(string key, RegistryView view = RegistryView.Registry64) => Read<IReadOnlyList<RegistryValue>>(
        key, view, k => k.GetValueNames().Select(n => RegistryData.From(n, (int)k.GetValueKind(n), k.GetValue(n, null, RegistryValueOptions.DoNotExpandEnvironmentNames))).Where(v => v is not null).Select(v => v!).ToList(), []);

    public void Set(string key, RegistryValue value, RegistryView view = RegistryView.Registry64) => Named(key, () =>
    {
        using RegistryKey machine = Open(view);
        using RegistryKey made = machine.CreateSubKey(key.Trim('\\'));
        made.SetValue(value.Name, value.Data, (RegistryValueKind)RegistryData.KindOf(value.Type));
        return true;
    });

    private static T Read<T>(string key, RegistryView view, Func<RegistryKey, T> read, T nothing) => Named(key, () =>
    {
        using RegistryKey machine = Open(view);
        using RegistryKey? found = machine.OpenSubKey(key.Trim('\\'));
        return found is null ? nothing : read(found);
    });

    private static RegistryKey Open(RegistryView view) => RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, view == RegistryView.Registry64 ? Microsoft.Win32.RegistryView.Registry64 : Microsoft.Win32.RegistryView.Registry32);

    private static T Named<T>(string key, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception refused) when (refused is SecurityException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.PermissionDenied, key, $"The registry key HKEY_LOCAL_MACHINE\\{key} is closed to this account: {refused.Message}", null, refused);
        }
    }
}
