using System;
using System.Collections.Generic;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>Reads the stream MQCI: the backup header chunk, filegroups and files (backup-file-format.md §6).</summary>
internal static class BackupHeader
{
    /// <summary>Longest header stream taken: room for some ten thousand database files.</summary>
    public const int Limit = 16 << 20;

    private const string Before2008 = "this version of SQL Server did not write it";

    /// <summary>Fills a set from a header.</summary>
    /// <param name="set">The set.</param>
    /// <param name="header">Data of the MQCI stream.</param>
    /// <param name="final">True for the copy written at the end of the backup.</param>
    /// <param name="findings">Takes what is odd but no obstacle.</param>
    public static void Read(BackupSet set, ByteView header, bool final, Action<FindingKind, FindingSeverity, string> findings)
    {
        bool first = true;
        Dictionary<int, string>? groups = null;
        (int Id, string Name)? firstGroup = null;
        var files = new List<DatabaseFile>();
        for (int at = 0; at < header.Length;)
        {
            string id = header.Id(at);
            uint length = header.U32(at + 4);
            if (length < 8 || length > header.Length - at)
                throw new DamageException(FindingKind.Malformed, header.Origin + at, $"The {id} part of the backup header claims {length} bytes.");
            ByteView chunk = header.Slice(at, (int)length);
            if (first != (id == "SCIN"))
                throw new DamageException(FindingKind.Malformed, header.Origin + at, "The backup header does not begin with its SCIN part, or has two.");
            first = false;
            switch (id)
            {
                case "SCIN":
                    ReadSet(set, chunk, final, findings);
                    break;
                case "SFGI":
                    // Nearly every database has one filegroup.
                    if (firstGroup is null)
                        firstGroup = ((int)chunk.U32(0x0C), chunk.TextAt(0x10));
                    else
                        (groups ??= [])[(int)chunk.U32(0x0C)] = chunk.TextAt(0x10);
                    break;
                case "SFIN":
                    files.Add(ReadFile(chunk, final));
                    break;
                default:
                    findings(FindingKind.UnknownStructure, FindingSeverity.Information, $"The backup header has a part {id} that this reader does not know.");
                    break;
            }

            at += (int)length;
        }

        if (first)
            throw new DamageException(FindingKind.Malformed, header.Origin, "The backup header is empty.");
        foreach (DatabaseFile file in files)
        {
            if (file.FileGroupId == 0)
                continue;
            if (groups is not null && groups.TryGetValue(file.FileGroupId, out string? name))
                file.FileGroupName = name;
            else if (firstGroup is (int id, string only) && id == file.FileGroupId)
                file.FileGroupName = only;
        }

        set.Files = files.ToArray();
    }

    private static void ReadSet(BackupSet set, ByteView scin, bool final, Action<FindingKind, FindingSeverity, string> findings)
    {
        int area = scin.U16(0x6A);
        if (area < 0x158 || area > scin.Length)
            throw new DamageException(FindingKind.Malformed, scin.Origin, "The backup header has its names where its values must be.");
        if (area is not (0x158 or 0x16C or 0x190))
            findings(FindingKind.UnknownStructure, FindingSeverity.Warning, "The backup header has a layout that no known version writes; its values are read by the known places.");
        ByteView values = scin.Slice(0, area);
        bool familiar = area is 0x158 or 0x16C or 0x190;
        Known<T> Value<T>(T value) => Believed(value, familiar);
        Known<T> Final<T>(T value) => final ? Value(value) : Known.Provisional(value, "the closing header is missing; this is what the server expected when it began");

        BackupType? type = TypeOf((char)values.U8(0x57));
        if (type is null)
            findings(FindingKind.Malformed, FindingSeverity.Warning, "The backup header has a type that no backup has.");
        set.Type = type is BackupType known
            ? (known is BackupType.Database or BackupType.Differential or BackupType.Log ? Value(known) : Known.Inferred(known, "documented, but no sample of this type was seen"))
            : Known.Unknown<BackupType>("the header holds no type that a backup has");
        bool isLog = type == BackupType.Log;
        Known<Lsn> SetLsn(int at) => final || isLog ? Value(values.Lsn(at)) : Final(values.Lsn(at));

        set.SoftwareVersion = Value(new Version(values.U8(0x1B), values.U8(0x1A), values.U16(0x18)));
        var flags = (BackupSetFlags)values.U32(0x08);
        set.Flags = Value(flags);
        set.HasBackupChecksums = Value(flags.HasFlag(BackupSetFlags.HasBackupChecksums));
        set.FirstLsn = SetLsn(0x20);
        set.LastLsn = SetLsn(0x2A);
        set.CheckpointLsn = SetLsn(0x34);
        set.DatabaseBackupLsn = Value(values.Lsn(0x3E));
        set.DatabaseCreationDateLocal = Date(values, 0x48, familiar);
        set.StartLocal = Date(values, 0x4D, familiar);
        set.FinishLocal = final ? Date(values, 0x52, familiar) : Known.Unknown<DateTime>("the closing header is missing");
        set.SortOrder = Value((int)values.U8(0x58));
        set.CompatibilityLevel = Value((int)values.U8(0x5B));
        set.DatabaseVersion = Value((int)values.U16(0x5E));
        set.BackupSizeBytes = Final((long)values.U64(0x60));
        set.DatabaseName = Value(scin.TextAt(0x68));
        set.ServerName = Value(scin.TextAt(0x6C));
        set.UnicodeLocaleId = Value((int)values.U32(0x74));
        set.UnicodeComparisonStyle = Value((long)values.U32(0x78));
        set.BindingId = Value(values.Guid(0x7C));
        set.RecoveryForkId = Value(values.Guid(0x9C));
        set.ForkPointLsn = Value(values.Lsn(0xAC));
        set.LastFullBackupSetGuid = Value(values.Guid(0xC8));
        set.FamilyGuid = Value(values.Guid(0xE0));
        int status = values.U16(0xF4);
        set.DatabaseStatus = Value(status);
        set.RecoveryModel = (status & 8) != 0 ? Value(RecoveryModel.Simple)
            : (status & 4) != 0 ? Known.Inferred(RecoveryModel.BulkLogged, "documented status bit, but no bulk-logged sample was seen")
            : Value(RecoveryModel.Full);
        Lsn chainStart = values.Lsn(0xF8);
        set.LogChainStartLsn = Value(chainStart);
        set.BeginsLogChain = Known.Inferred(isLog && values.Lsn(0x20) == chainStart, "FirstLSN of the log compared with the start of the chain; fits every chain seen");
        set.DifferentialBaseLsn = Value(values.Lsn(0x104));
        set.DifferentialBaseGuid = Value(values.Guid(0x110));
        set.CompressedBackupSizeBytes = values.Has(0x158, 8) ? Final((long)values.U64(0x158)) : Known.Unknown<long>(Before2008);
        bool candidate = (set.SetAttributes & 0x2) != 0 || flags.HasFlag(BackupSetFlags.PerhapsCopyOnly);
        set.IsCopyOnly = Known.Unknown<bool>(candidate
            ? "not proven offline; a bit that may mean copy-only is set"
            : "not proven offline; none of the bits that may mean copy-only is set");
    }

    private static DatabaseFile ReadFile(ByteView sfin, bool final)
    {
        int area = sfin.U16(0x32);
        if (area < 0x34 || area > sfin.Length)
            throw new DamageException(FindingKind.Malformed, sfin.Origin, "A file entry of the backup header has its names where its values must be.");
        ByteView values = sfin.Slice(0, area);
        uint bits = values.U32(0x08);
        int group = (int)values.U32(0x24);
        Known<T> At<T>(int at, int size, Func<ByteView, int, T> read) =>
            values.Has(at, size) ? Known.Fact(read(values, at)) : Known.Unknown<T>("the entry is too short to hold it");
        Known<long> size = At(0xFA, 8, static (v, at) => (long)v.U64(at));
        return new DatabaseFile
        {
            FileId = (int)values.U32(0x14),
            FileGroupId = group,
            Type = group == 0 ? DatabaseFileType.Log : DatabaseFileType.Data,
            SourceBlockSize = (int)values.U32(0x20),
            SizeBytes = (long)values.U64(0x28),
            LogicalName = sfin.TextAt(0x30),
            PhysicalName = sfin.TextAt(0x34),
            IsPercentGrowth = (bits & 0x8) != 0,
            MaxSizeBytes = At(0x56, 8, static (v, at) => (long)v.U64(at)),
            Growth = At(0x5E, 8, static (v, at) => (long)v.U64(at)),
            DifferentialBaseLsn = At(0x9E, 10, static (v, at) => v.Lsn(at)),
            DifferentialBaseGuid = At(0xAA, 16, static (v, at) => v.Guid(at)),
            UniqueId = At(0xBA, 16, static (v, at) => v.Guid(at)),
            BackupSizeBytes = final || !size.IsKnown ? size : Known.Provisional(size.Value, "the closing header is missing"),
            SetLsns = values.Has(0xEA, 10) ? (values.Lsn(0xCA), values.Lsn(0xDA), values.Lsn(0xEA)) : null,
        };
    }

    private static Known<T> Believed<T>(T value, bool familiar) =>
        familiar ? Known.Fact(value) : Known.Inferred(value, "the header has a layout no known version writes");

    private static Known<DateTime> Date(ByteView values, int at, bool familiar) =>
        !values.TryDate(at, out DateTime? date) ? Known.Unknown<DateTime>("the bits at its place are no date")
        : date is DateTime day ? Believed(day, familiar)
        : Known.Unknown<DateTime>("the server left it empty");

    private static BackupType? TypeOf(char letter) => letter switch
    {
        'D' => BackupType.Database,
        'L' => BackupType.Log,
        'F' => BackupType.File,
        'I' => BackupType.Differential,
        'G' => BackupType.DifferentialFile,
        'P' => BackupType.Partial,
        'Q' => BackupType.DifferentialPartial,
        _ => null,
    };
}
