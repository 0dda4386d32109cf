using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Places a database's files in the destination's default folders, named for the database so that members never collide.</summary>
public static class FileLayout
{
    /// <summary>Gives a target for each file.</summary>
    public static IReadOnlyList<FileMove> Moves(string database, IReadOnlyList<BackupDataFile> files, SqlInstanceIdentity destination, FilePlacement? placement = null)
    {
        placement ??= FilePlacement.Default;
        string name = SafeName(database);
        var moves = new List<FileMove>();
        int data = 0;
        int logs = 0;
        foreach (BackupDataFile file in files.OrderBy(f => f.FileId))
        {
            string target = placement.FolderFor(file, destination) + file.Type switch
            {
                'L' => name + (logs++ == 0 ? "_log" : string.Format(CultureInfo.InvariantCulture, "_log{0}", logs)) + ".ldf",
                'D' => name + (data++ == 0 ? ".mdf" : string.Format(CultureInfo.InvariantCulture, "_{0}.ndf", data)),
                _ => name + string.Format(CultureInfo.InvariantCulture, "_{0}", SafeName(file.LogicalName)),
            };
            moves.Add(new FileMove(file.LogicalName, target));
        }

        return moves;
    }

    /// <summary>Gives the undo file for a look at a restoring database.</summary>
    public static string StandbyFile(string database, SqlInstanceIdentity destination) => destination.DataPath + SafeName(database) + ".biztalkdr-standby.tuf";

    /// <summary>Makes a file name of a database name; different names stay different.</summary>
    public static string SafeName(string database)
    {
        var name = new StringBuilder(database.Length);
        bool changed = false;
        foreach (char c in database)
        {
            bool fits = char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ' ';
            changed |= !fits;
            name.Append(fits ? c : '_');
        }

        string trimmed = name.ToString().Trim(' ', '.');
        if (!changed && trimmed.Length == database.Length)
        {
            return trimmed;
        }

        uint hash = 2166136261;
        foreach (char c in database)
        {
            hash = unchecked((hash ^ char.ToUpperInvariant(c)) * 16777619);
        }

        return string.Format(CultureInfo.InvariantCulture, "{0}_{1:x8}", trimmed, hash);
    }
}
