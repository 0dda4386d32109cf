using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Decides where the files of a restored database go.</summary>
internal sealed class RestoreFiles
{
    private readonly LabInstance _instance;
    private readonly RestoreRequest _request;
    private readonly IMessageSink _messages;

    public RestoreFiles(LabInstance instance, RestoreRequest request, IMessageSink messages)
    {
        _instance = instance;
        _request = request;
        _messages = messages;
    }

    /// <summary>Gives the files at their new places: as MOVE says, else where they were.</summary>
    /// <exception cref="LabSqlException">3234 for a MOVE of an unknown file; 3119 after 5133, 1834 or 3142 and 3156 for each place that cannot be used.</exception>
    public List<DatabaseFile> Place(BackupSetInfo set, LabDatabase? existing)
    {
        foreach ((string logical, _) in _request.Moves)
        {
            if (!set.Files.Any(f => string.Equals(f.LogicalName, logical, StringComparison.OrdinalIgnoreCase)))
            {
                throw new LabSqlException(
                    3234, 16, 2, $"Logical file '{logical}' is not part of database '{_request.Database}'. Use RESTORE FILELISTONLY to list the logical file names.");
            }
        }

        List<DatabaseFile> files = [];
        bool failed = false;
        foreach (BackupFileInfo file in set.Files)
        {
            DatabaseFile placed = new()
            {
                FileId = file.FileId,
                IsLog = file.IsLog,
                FileGroupId = file.IsLog ? 0 : file.FileGroupId,
                LogicalName = file.LogicalName,
                PhysicalName = PathOf(file),
                FileGuid = file.UniqueId,
                SizeBytes = file.SizeBytes,
            };
            failed |= !IsUsable(placed, existing, files);
            files.Add(placed);
        }

        return failed ? throw new LabSqlException(RestoreErrors.PlanFailed()) : files;
    }

    private string PathOf(BackupFileInfo file)
    {
        foreach ((string logical, string physical) in _request.Moves)
        {
            if (string.Equals(logical, file.LogicalName, StringComparison.OrdinalIgnoreCase))
            {
                return Path.GetFullPath(physical, _instance.DataFolder);
            }
        }

        return file.PhysicalName;
    }

    private bool IsUsable(DatabaseFile file, LabDatabase? existing, List<DatabaseFile> placed)
    {
        SqlMessage? problem = Problem(file, existing, placed);
        if (problem is null)
        {
            return true;
        }

        _messages.Message(problem);
        _messages.Message(new SqlMessage(
            3156, 16, 8, $"File '{file.LogicalName}' cannot be restored to '{file.PhysicalName}'. Use WITH MOVE to identify a valid location for the file."));
        return false;
    }

    private SqlMessage? Problem(DatabaseFile file, LabDatabase? existing, List<DatabaseFile> placed)
    {
        string path = file.PhysicalName;
        if (!Path.IsPathFullyQualified(path) || !Directory.Exists(Path.GetDirectoryName(path)))
        {
            return new SqlMessage(
                5133, 16, 1, $"Directory lookup for the file \"{path}\" failed with the operating system error 3(The system cannot find the path specified.).");
        }

        if (placed.Any(p => Same(p.PhysicalName, path)))
        {
            return new SqlMessage(
                3176, 16, 1, $"File '{path}' is claimed by '{file.LogicalName}'({file.FileId}) and '{placed[0].LogicalName}'({placed[0].FileId}). The WITH MOVE clause can be used to relocate one or more files.");
        }

        LabDatabase? owner = _instance.Databases.FirstOrDefault(d => d.Files.Any(f => Same(f.PhysicalName, path)));
        if (owner is not null && owner != existing)
        {
            return new SqlMessage(1834, 16, 1, $"The file '{path}' cannot be overwritten.  It is being used by database '{owner.Name}'.");
        }

        return owner is null && File.Exists(path) && !_request.Replace
            ? new SqlMessage(
                3142, 16, 1, $"File \"{file.LogicalName}\" cannot be restored over the existing \"{path}\". Reissue the RESTORE statement using WITH REPLACE to overwrite pre-existing files, or WITH MOVE to identify an alternate location.")
            : null;
    }

    private static bool Same(string left, string right) => string.Equals(
        left, right, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
