using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace BizTalkDR.Loader;

/// <summary>Loads the module and everything it needs into a load context of its own.</summary>
/// <remarks>
/// The only type of the product in PowerShell's default load context. Other modules may bring their own SMO and
/// SqlClient: theirs and ours never meet. SqlClient has one build for Windows and one for Unix, and a native library
/// per processor; the choice is made here from the running system, not from a deps.json, because that file names the
/// system the module was built on.
/// </remarks>
public sealed class ModuleLoader : AssemblyLoadContext
{
    private static readonly Dictionary<string, Assembly> s_loaded = new(StringComparer.Ordinal);

    private readonly string _folder;

    private ModuleLoader(string folder)
        : base("BizTalkDR") => _folder = folder;

    /// <summary>Loads the cmdlet assembly, once per process and folder.</summary>
    /// <param name="folder">Folder with BizTalkDR.Module.dll.</param>
    /// <returns>The cmdlet assembly, for <c>Import-Module -Assembly</c>.</returns>
    /// <exception cref="FileNotFoundException">The folder holds no module.</exception>
    public static Assembly Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder);
        lock (s_loaded)
        {
            if (!s_loaded.TryGetValue(full, out Assembly? assembly))
            {
                string path = Path.Combine(full, "BizTalkDR.Module.dll");
                if (!File.Exists(path))
                {
                    throw new FileNotFoundException("The module is not complete: BizTalkDR.Module.dll is missing. Build or copy it again.", path);
                }

                assembly = new ModuleLoader(full).LoadFromAssemblyPath(path);
                s_loaded.Add(full, assembly);
            }

            return assembly;
        }
    }

    /// <summary>Gives the folder of SqlClient's build for an operating system, below the module's folder.</summary>
    /// <param name="isWindows">Whether the system is Windows.</param>
    /// <returns>A relative folder.</returns>
    public static string SqlClientFolder(bool isWindows) => Path.Combine("runtimes", isWindows ? "win" : "unix", "lib", "net8.0");

    /// <summary>Gives the folder of native libraries, below the module's folder; null where there are none to load.</summary>
    /// <param name="isWindows">Whether the system is Windows.</param>
    /// <param name="architecture">Architecture of the process.</param>
    /// <returns>A relative folder, or null.</returns>
    public static string? NativeFolder(bool isWindows, Architecture architecture)
    {
        string? name = architecture switch
        {
            Architecture.X64 => "win-x64",
            Architecture.X86 => "win-x86",
            Architecture.Arm64 => "win-arm64",
            _ => null,
        };
        return isWindows && name is not null ? Path.Combine("runtimes", name, "native") : null;
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string file = assemblyName.Name + ".dll";
        string chosen = Path.Combine(_folder, SqlClientFolder(OperatingSystem.IsWindows()), file);
        if (File.Exists(chosen))
        {
            return LoadFromAssemblyPath(chosen);
        }

        string path = Path.Combine(_folder, file);
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        string? native = NativeFolder(OperatingSystem.IsWindows(), RuntimeInformation.ProcessArchitecture);
        if (native is null)
        {
            return IntPtr.Zero;
        }

        string file = unmanagedDllName.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? unmanagedDllName : unmanagedDllName + ".dll";
        string path = Path.Combine(_folder, native, file);
        return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;
    }
}
