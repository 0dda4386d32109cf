using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public DestinationReadiness ReadReadiness(IReadOnlyCollection<string> paths, CancellationToken cancellationToken = default)
    {
        (DestinationReadiness readiness, bool seesState, bool seesDefinitions) = Query(
            "Asking what this login may do",
            ReadinessText.Login,
            r => (new DestinationReadiness(Text(r, 0), Text(r, 1)) { IsSysAdmin = IsOne(r, 2), MayCreateDatabases = IsOne(r, 3) || IsOne(r, 4) }, IsOne(r, 5), IsOne(r, 6)),
            cancellationToken)[0];
        List<T>? Ask<T>(bool sees, string what, string text, Func<SqlDataReader, T> read) => sees ? AskOrNull(what, text, read, cancellationToken) : null;
        return readiness with
        {
            Files = Ask(seesDefinitions || readiness.MayCreateDatabases, "Reading the files of all databases", ReadinessText.Files, r => new OwnedFile(Text(r, 0), Text(r, 1), r.IsDBNull(2) ? 0 : r.GetInt64(2))),
            Volumes = seesState ? ReadVolumes(cancellationToken) : null,
            Keys = Ask(seesDefinitions, "Reading certificates", ReadinessText.Keys, r => new ServerKey(Text(r, 0), Hex(r, 1)!, !string.Equals(Text(r, 2).Trim(), "NA", StringComparison.Ordinal))),
            SharedAccessCredentials = Ask(seesDefinitions, "Reading credentials", ReadinessText.SharedAccessCredentials, r => Text(r, 0)),
            Sessions = Ask(seesState, "Reading sessions", ReadinessText.Sessions, r => new DatabaseSession(Text(r, 0), Text(r, 1), Text(r, 2), Text(r, 3))),
            LinkedServers = Ask(seesDefinitions, "Reading linked servers", UpkeepText.LinkedServers, r => new LinkedServer(Text(r, 0), r.GetBoolean(1))),
            Paths = LookAt(paths, cancellationToken),
        };
    }

    /// <inheritdoc/>
    public DestinationCapacity ReadCapacity(CancellationToken cancellationToken = default)
    {
        (string computer, bool seesState) = Query("Asking for the computer", ReadinessText.Computer, r => (Text(r, 0), IsOne(r, 1)), cancellationToken)[0];
        return !seesState ? new DestinationCapacity(computer) : new DestinationCapacity(computer)
        {
            Volumes = ReadVolumes(cancellationToken),
            FreeMemoryBytes = AskOrNull("Reading free memory", ReadinessText.Memory, r => r.IsDBNull(0) || IsOne(r, 1) ? (long?)null : r.GetInt64(0), cancellationToken)?.FirstOrDefault(),
        };
    }

    private List<Volume>? ReadVolumes(CancellationToken cancellationToken) =>
        AskOrNull("Reading free space", ReadinessText.Volumes, r => new Volume(Text(r, 0), Text(r, 1), r.IsDBNull(2) ? 0 : r.GetInt64(2)), cancellationToken);

    private Dictionary<string, PathState> LookAt(IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, PathState>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            if (AskOrNull("Looking for a file", ReadinessText.Path, r => new PathState(IsOne(r, 0) || IsOne(r, 1), IsOne(r, 2)), cancellationToken, ("@path", path)) is { Count: 1 } rows)
            {
                found[path] = rows[0];
            }
        }

        return found;
    }

    /// <summary>A question that this login, or this version, may leave without an answer.</summary>
    private List<T>? AskOrNull<T>(string what, string text, Func<SqlDataReader, T> read, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        try
        {
            return Query(what, text, read, cancellationToken, parameters);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
        {
            return null;
        }
    }

    private static bool IsOne(SqlDataReader reader, int column) => !reader.IsDBNull(column) && Convert.ToInt32(reader.GetValue(column), CultureInfo.InvariantCulture) == 1;

    private static string? Hex(SqlDataReader reader, int column) => reader.IsDBNull(column) ? null : Hex((byte[])reader.GetValue(column));

    private static string Hex(byte[] bytes) => "0x" + string.Concat(bytes.Select(b => b.ToString("X2", CultureInfo.InvariantCulture)));
}
