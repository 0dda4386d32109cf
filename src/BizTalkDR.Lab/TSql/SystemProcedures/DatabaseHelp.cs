using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_helpdb, sp_helpfile, sp_spaceused, sp_databases.</summary>
internal static class DatabaseHelp
{
    private const string FileColumns = "name sysname, fileid smallint, filename nvarchar(260), filegroup nvarchar(128), size nvarchar(18), maxsize nvarchar(18), growth nvarchar(18), usage varchar(9)";
    private const long PageBytes = 8192;

    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_helpdb", "@dbname sysname = NULL", HelpDatabase),
        new SystemProcedure("sp_helpfile", "@filename sysname = NULL", HelpFile),
        new SystemProcedure("sp_spaceused", "@objname nvarchar(776) = NULL, @updateusage varchar(5) = 'false', @mode varchar(11) = 'ALL', @oneresultset bit = 0", SpaceUsed),
        new SystemProcedure("sp_databases", string.Empty, call => call.Send("DATABASE_NAME sysname, DATABASE_SIZE int, REMARKS varchar(254)", call.Server.Instance.Databases.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Select(d => new object?[] { d.Name, (int)(d.Files.Sum(f => f.SizeBytes) / 1024), null }))),
    ];

    private static void HelpDatabase(SystemCall call)
    {
        string? name = call.Text("@dbname");
        LabDatabase? one = name is null ? null : call.Server.Instance.Find(name) ?? throw call.Error(15010, $"The database '{name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.");
        IEnumerable<LabDatabase> databases = one is null ? call.Server.Instance.Databases : [one];
        call.Send(
            "name nvarchar(128), db_size nvarchar(13), owner nvarchar(128), dbid smallint, created nvarchar(11), status nvarchar(600), compatibility_level tinyint",
            databases.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Select(d => new object?[]
            {
                d.Name, Megabytes(d.Files.Sum(f => f.SizeBytes)).PadLeft(13), d.Owner, (short)d.Id, d.CreateDate.ToString("MMM dd yyyy", CultureInfo.InvariantCulture), Status(d), d.CompatibilityLevel,
            }));
        if (one is { State: DatabaseState.Online })
        {
            call.Send(FileColumns, one.Files.Select(Describe));
        }
    }

    private static string Status(LabDatabase d)
    {
        string access = d.UserAccess switch
        {
            UserAccess.SingleUser => "SINGLE_USER",
            UserAccess.RestrictedUser => "RESTRICTED_USER",
            _ => "MULTI_USER",
        };
        return $"Status={DatabaseViews.StateName(d.State)}, Updateability={(d.IsReadOnly ? "READ_ONLY" : "READ_WRITE")}, UserAccess={access}, Recovery={(d.RecoveryModel == RecoveryModel.BulkLogged ? "BULK_LOGGED" : d.RecoveryModel.ToString().ToUpperInvariant())}, "
            + $"Version=957, Collation={d.Collation}, SQLSortOrder=52, IsAutoCreateStatistics, IsAutoUpdateStatistics";
    }

    private static void HelpFile(SystemCall call)
    {
        string? name = call.Text("@filename");
        List<DatabaseFile> files = [.. call.Database.Files.Where(f => name is null || f.LogicalName.Equals(name, StringComparison.OrdinalIgnoreCase))];
        if (files.Count == 0)
        {
            throw call.Error(15325, $"The current database does not contain a file named '{name}'.");
        }

        call.Send(FileColumns, files.Select(Describe));
    }

    private static object?[] Describe(DatabaseFile file) =>
    [
        file.LogicalName, (short)file.FileId, file.PhysicalName, file.IsLog ? null : "PRIMARY", Kilobytes(file.SizeBytes), file.IsLog ? "2147483648 KB" : "Unlimited", "65536 KB", file.IsLog ? "log only" : "data only",
    ];

    private static void SpaceUsed(SystemCall call)
    {
        if (call.Has("@objname") && call.Text("@objname") is { } name)
        {
            LabTable table = (CatalogIds.ObjectId(call.Frame, name, null) is { } id ? CatalogIds.FindObject(call.Frame.Database, id)?.Table : null)
                ?? throw call.Error(15009, $"The object '{name}' does not exist in database '{call.Frame.Database.Name}' or is invalid for this operation.");
            long bytes = Bytes(table);
            string data = Kilobytes(bytes);
            call.Send("name nvarchar(128), rows char(20), reserved varchar(18), data varchar(18), index_size varchar(18), unused varchar(18)", [[table.Def.Name, table.RowCount.ToString(CultureInfo.InvariantCulture).PadRight(20), data, data, "0 KB", "0 KB"]]);
            return;
        }

        LabDatabase database = call.Frame.Database;
        long all = database.Files.Sum(f => f.SizeBytes);
        long used = database.Tables.Sum(Bytes);
        long free = Math.Max(0, database.Files.Where(f => !f.IsLog).Sum(f => f.SizeBytes) - used);
        call.Send("database_name nvarchar(128), database_size varchar(18), [unallocated space] varchar(18)", [[database.Name, Megabytes(all), Megabytes(free)]]);
        call.Send("reserved varchar(18), data varchar(18), index_size varchar(18), unused varchar(18)", [[Kilobytes(used), Kilobytes(used), "0 KB", "0 KB"]]);
    }

    /// <summary>Pages a table would take at the average of a hundred bytes a row: the lab's own pages are not kept by table.</summary>
    private static long Bytes(LabTable table) => table.RowCount == 0 ? 0 : ((table.RowCount * 100 / PageBytes) + 1) * PageBytes;

    private static string Kilobytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KB");

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F2} MB");
}
