using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Faults;

/// <summary>The faults a lab can be told to have.</summary>
public static class FaultCatalogue
{
    private const int LoginFailed = 18456;

    /// <summary>All faults, by name.</summary>
    public static IReadOnlyList<LabFault> All { get; } =
    [
        new("kill-instance", "one instance ends as by SIGKILL", KillAsync, IsDeadAsync),
        new("drop-connection", "a client's statement is cut off: its connection ends under it", DropConnectionAsync, (t, _) => Task.FromResult(t.CutOff.Length > 0)),
        new("damage-backup", "one byte of a backup file changes", DamageAsync, IsDamagedAsync),
        new("truncate-backup", "a backup file loses its last third", TruncateAsync, (t, _) => Task.FromResult(new FileInfo(t.BackupFile).Length < t.LengthBefore)),
        new("remove-backup", "a backup file is gone, so its set is partial", RemoveAsync, (t, _) => Task.FromResult(!File.Exists(t.BackupFile))),
        new("lock-backup", "another program holds a backup file open for itself, as long as the lab runs", LockAsync, IsLockedAsync),
        new("wrong-password", "the password of sa is not what connection.json says", ChangePasswordAsync, IsRefusedAsync),
        new("fill-disk", "the disk of one instance has no room for more, until that instance starts again", InstanceFaults.FillDiskAsync, InstanceFaults.IsFullAsync),
        new("change-clock", "the clock of one instance is set back by an hour, until that instance starts again", InstanceFaults.SetClockBackAsync, InstanceFaults.IsSetBackAsync),
    ];

    /// <summary>Finds a fault by name; null when there is none.</summary>
    public static LabFault? Find(string name) => All.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));

    private static async Task<string> KillAsync(FaultTarget target, CancellationToken cancellation)
    {
        string name = target.ChooseInstance();
        await target.Environment.Child(name).KillAsync().ConfigureAwait(false);
        return $"The process of {name} was ended.";
    }

    private static async Task<bool> IsDeadAsync(FaultTarget target, CancellationToken cancellation)
    {
        SqlConnectionStringBuilder settings = new(target.Environment.ConnectionStrings[target.Instance]) { Pooling = false, ConnectRetryCount = 0, ConnectTimeout = 2 };
        return target.Environment.Child(target.Instance).HasExited && await FailsAsync(settings.ConnectionString, null, cancellation).ConfigureAwait(false);
    }

    /// <summary>Opens a connection, lets a statement run on it, and ends its session from another one.</summary>
    private static async Task<string> DropConnectionAsync(FaultTarget target, CancellationToken cancellation)
    {
        string name = target.ChooseInstance();
        string address = new SqlConnectionStringBuilder(target.Environment.ConnectionStrings[name]) { Pooling = false, ConnectRetryCount = 0 }.ConnectionString;
        using SqlConnection victim = new(address);
        await victim.OpenAsync(cancellation).ConfigureAwait(false);
        int session = victim.ServerProcessId;
        using SqlCommand running = new("WAITFOR DELAY '00:01:00';", victim) { CommandTimeout = 0 };
        Task cutOff = running.ExecuteNonQueryAsync(cancellation);
        using SqlConnection other = new(address);
        await other.OpenAsync(cancellation).ConfigureAwait(false);
        using SqlCommand kill = new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"KILL {session};"), other);
        await kill.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        try
        {
            await cutOff.ConfigureAwait(false);
        }
        catch (SqlException lost)
        {
            target.CutOff = lost.Message;
            return $"The statement of session {session} on {name} was cut off: {lost.Message}";
        }

        throw new FaultException($"The statement of session {session} on {name} ended by itself.");
    }

    private static Task<string> DamageAsync(FaultTarget target, CancellationToken cancellation)
    {
        target.ChooseBackup();
        target.Damage();
        return Task.FromResult($"{target.BackupFile}: the byte at {target.Offset} was changed.");
    }

    private static Task<bool> IsDamagedAsync(FaultTarget target, CancellationToken cancellation)
    {
        return Task.FromResult(target.ReadByte() is { } found && found != target.ByteBefore);
    }

    private static Task<string> TruncateAsync(FaultTarget target, CancellationToken cancellation)
    {
        target.ChooseBackup();
        using FileStream file = new(target.BackupFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(target.LengthBefore * 2 / 3);
        return Task.FromResult($"{target.BackupFile} was cut from {target.LengthBefore} to {file.Length} bytes.");
    }

    private static Task<string> RemoveAsync(FaultTarget target, CancellationToken cancellation)
    {
        File.Delete(target.ChooseBackup());
        return Task.FromResult($"{target.BackupFile} was deleted.");
    }

    private static Task<string> LockAsync(FaultTarget target, CancellationToken cancellation)
    {
        target.Hold(new FileStream(target.ChooseBackup(), FileMode.Open, FileAccess.ReadWrite, FileShare.None));
        return Task.FromResult($"{target.BackupFile} is held open.");
    }

    private static Task<bool> IsLockedAsync(FaultTarget target, CancellationToken cancellation)
    {
        try
        {
            using FileStream file = new(target.BackupFile, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Task.FromResult(false);
        }
        catch (IOException)
        {
            return Task.FromResult(true);
        }
    }

    private static async Task<string> ChangePasswordAsync(FaultTarget target, CancellationToken cancellation)
    {
        string name = target.ChooseInstance();
        using SqlConnection connection = new(target.Environment.ConnectionStrings[name]);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        string unknown = "uN9-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
        using SqlCommand command = new($"ALTER LOGIN sa WITH PASSWORD = N'{unknown}';", connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        return $"The password of sa on {name} was changed to one nobody knows.";
    }

    private static Task<bool> IsRefusedAsync(FaultTarget target, CancellationToken cancellation)
    {
        SqlConnectionStringBuilder settings = new(target.Environment.ConnectionStrings[target.Instance]) { Pooling = false, ConnectRetryCount = 0 };
        return FailsAsync(settings.ConnectionString, LoginFailed, cancellation);
    }

    private static async Task<bool> FailsAsync(string connectionString, int? number, CancellationToken cancellation)
    {
        try
        {
            using SqlConnection connection = new(connectionString);
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return false;
        }
        catch (SqlException refused)
        {
            return number is null || refused.Number == number;
        }
    }
}
