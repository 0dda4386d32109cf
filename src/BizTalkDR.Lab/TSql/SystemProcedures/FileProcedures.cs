using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>xp_fileexist, xp_dirtree, xp_create_subdir, xp_delete_file, xp_fixeddrives: the file system as the server sees it.</summary>
internal static class FileProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("xp_fileexist", "@filename nvarchar(4000), @exists int = NULL OUTPUT", FileExists),
        new SystemProcedure("xp_dirtree", "@path nvarchar(4000), @depth int = 0, @file int = 0", DirectoryTree),
        new SystemProcedure("xp_subdirs", "@path nvarchar(4000)", call => call.Send("subdirectory nvarchar(260)", Directory.Exists(call.Text("@path")) ? Directory.EnumerateDirectories(call.Text("@path")!).Select(d => new object?[] { Path.GetFileName(d) }) : throw NotAccessible(call))),
        new SystemProcedure("xp_create_subdir", "@path nvarchar(4000)", CreateDirectory),
        new SystemProcedure("xp_delete_file", "@kind int, @path nvarchar(4000), @extension nvarchar(16) = NULL, @before datetime = NULL, @subfolders int = 0", call => throw ServerErrors.NotSupported("xp_delete_file")),
        new SystemProcedure("xp_fixeddrives", "@option int = 0", call => call.Send("drive nvarchar(512), [MB free] int", DriveInfo.GetDrives().Where(d => d.IsReady && d.DriveType == DriveType.Fixed).Select(d => new object?[] { d.Name, (int)(d.AvailableFreeSpace / 1048576) }))),
    ];

    private static void FileExists(SystemCall call)
    {
        string path = call.Text("@filename") ?? string.Empty;
        bool file = File.Exists(path);
        if (call.Has("@exists"))
        {
            call.SetOutput("@exists", SqlType.Int, file ? 1 : 0);
            return;
        }

        bool parent = Path.GetDirectoryName(path) is { Length: > 0 } folder && Directory.Exists(folder);
        call.Send("File_Exists tinyint, File_is_a_Directory tinyint, Parent_Directory_Exists tinyint", [[(byte)(file ? 1 : 0), (byte)(Directory.Exists(path) ? 1 : 0), (byte)(parent ? 1 : 0)]]);
    }

    private static void DirectoryTree(SystemCall call)
    {
        bool files = call.Int("@file") == 1;
        var rows = new List<object?[]>();
        Walk(call.Text("@path") ?? string.Empty, 1, call.Int("@depth") ?? 0, files, rows);
        call.Send(files ? "subdirectory nvarchar(512), depth int, file int" : "subdirectory nvarchar(512), depth int", rows);
    }

    private static void Walk(string path, int level, int depth, bool files, List<object?[]> rows)
    {
        if (!Directory.Exists(path) || (depth > 0 && level > depth))
        {
            return;
        }

        foreach (FileSystemInfo entry in new DirectoryInfo(path).EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            bool isDirectory = entry is DirectoryInfo;
            if (isDirectory || files)
            {
                rows.Add(files ? [entry.Name, level, isDirectory ? 0 : 1] : [entry.Name, level]);
            }

            if (isDirectory)
            {
                Walk(entry.FullName, level + 1, depth, files, rows);
            }
        }
    }

    private static void CreateDirectory(SystemCall call)
    {
        call.Frame.RequireSysAdmin();
        try
        {
            Directory.CreateDirectory(call.Text("@path")!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new LabSqlException(new SqlMessage(22048, 16, 1, $"xp_create_subdir() returned error {error.HResult & 0xFFFF}, '{error.Message}'", "xp_create_subdir"));
        }
    }

    private static LabSqlException NotAccessible(SystemCall call) =>
        new(new SqlMessage(22006, 16, 1, $"xp_subdirs could not access '{call.Text("@path")}': FindFirstFile() returned error 3, 'The system cannot find the path specified.'", "xp_subdirs"));
}
