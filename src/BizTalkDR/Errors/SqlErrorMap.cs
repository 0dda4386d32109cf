using System.Collections.Generic;
using E = BizTalkDR.Errors.RecoveryError;

namespace BizTalkDR.Errors;

/// <summary>Translates SQL Server's (and the client library's) error numbers into the catalogue.</summary>
/// <remarks>
/// 3013 and 3119 only accompany another error and are never mapped alone. 4326 (log too early) is no error: the log is already
/// contained. 4322 and 4329 have severity 10 and are judged by the restore runner.
/// </remarks>
public static class SqlErrorMap
{
    private static readonly Dictionary<int, E> Numbers = new()
    {
        [18456] = E.LoginFailed, [18452] = E.LoginFailed, [18486] = E.LoginFailed, [18487] = E.LoginFailed, [18488] = E.LoginFailed, [18470] = E.LoginFailed,
        [-2] = E.OperationTimedOut,
        [-1] = E.InstanceUnreachable, [2] = E.InstanceUnreachable, [26] = E.InstanceUnreachable, [40] = E.InstanceUnreachable, [53] = E.InstanceUnreachable,
        [258] = E.InstanceUnreachable, [10060] = E.InstanceUnreachable, [10061] = E.InstanceUnreachable, [11001] = E.InstanceUnreachable,
        [64] = E.ConnectionLost, [121] = E.ConnectionLost, [232] = E.ConnectionLost, [233] = E.ConnectionLost, [10053] = E.ConnectionLost, [10054] = E.ConnectionLost, [596] = E.ConnectionLost, [6005] = E.ConnectionLost,
        [229] = E.PermissionDenied, [230] = E.PermissionDenied, [262] = E.PermissionDenied, [297] = E.PermissionDenied, [300] = E.PermissionDenied,
        [916] = E.PermissionDenied, [3110] = E.PermissionDenied, [5011] = E.PermissionDenied, [15247] = E.PermissionDenied,
        [911] = E.DatabaseNotFound, [4060] = E.DatabaseNotFound,
        [3101] = E.DatabaseInUse, [3102] = E.DatabaseInUse, [5061] = E.DatabaseInUse, [5064] = E.DatabaseInUse, [5070] = E.DatabaseInUse, [924] = E.DatabaseInUse,
        [3154] = E.DatabaseExists, [3159] = E.DatabaseExists, [3142] = E.DatabaseExists, [1801] = E.DatabaseExists,
        [1834] = E.FileInUse, [3156] = E.FileInUse, [3634] = E.FileInUse,
        [5133] = E.DestinationInvalid, [5105] = E.DestinationInvalid,
        [3257] = E.NotEnoughSpace, [1105] = E.NotEnoughSpace, [9002] = E.NotEnoughSpace, [1101] = E.NotEnoughSpace, [5149] = E.NotEnoughSpace,
        [3169] = E.DestinationTooOld,
        [3104] = E.MemberInAvailabilityGroup, [1468] = E.MemberInAvailabilityGroup,
        [33111] = E.EncryptionKeyMissing,
        [3201] = E.BackupMediaUnreadable, [3203] = E.BackupMediaUnreadable, [3241] = E.BackupMediaUnreadable, [3242] = E.BackupMediaUnreadable,
        [3132] = E.BackupMediaUnreadable, [3231] = E.BackupMediaUnreadable, [3240] = E.BackupMediaUnreadable, [3246] = E.BackupMediaUnreadable,
        [3254] = E.BackupMediaUnreadable, [3270] = E.BackupMediaUnreadable, [3271] = E.BackupMediaUnreadable, [3287] = E.BackupMediaUnreadable,
        [3183] = E.ChecksumMismatch, [3189] = E.ChecksumMismatch, [3187] = E.ChecksumMismatch, [824] = E.ChecksumMismatch,
        [3202] = E.BackupMediaNotWritable,
        [4305] = E.LogChainBroken, [3117] = E.LogChainBroken, [4304] = E.LogChainBroken, [4306] = E.LogChainBroken, [3118] = E.LogChainBroken,
        [4330] = E.ForkMismatch, [4331] = E.ForkMismatch,
        [4335] = E.PastTheMark, [4338] = E.PastTheMark, [4343] = E.PastTheMark, [4327] = E.PastTheMark, [4341] = E.PastTheMark,
        [4339] = E.RestoreFailed, [4340] = E.RestoreFailed,
        [4214] = E.FullBackupMissing,
        [4208] = E.RecoveryModelUnsuitable,
        [2812] = E.BackupProceduresMissing, [8144] = E.BackupProceduresMissing, [201] = E.BackupProceduresMissing,
        [7411] = E.LinkedServerFailed, [7391] = E.LinkedServerFailed, [7202] = E.LinkedServerFailed, [7399] = E.LinkedServerFailed, [7303] = E.LinkedServerFailed,
        [8501] = E.LinkedServerFailed, [8517] = E.LinkedServerFailed, [8522] = E.LinkedServerFailed,
        [3928] = E.MarkFailed,
    };

    /// <summary>Translates a number.</summary>
    /// <returns>The error, or null when the number says nothing by itself.</returns>
    public static RecoveryError? From(int number) => Numbers.TryGetValue(number, out E code) ? code : null;

    /// <summary>Translates a number whose meaning is in its text: 3271 is any failure to read or write, and names the operating system's error (112: the disk is full).</summary>
    public static RecoveryError? From(int number, string text) =>
        number == 3271 && (text.IndexOf("112(", System.StringComparison.Ordinal) >= 0 || text.IndexOf("not enough space", System.StringComparison.OrdinalIgnoreCase) >= 0) ? E.NotEnoughSpace : From(number);

    /// <summary>Numbers that only accompany the real cause.</summary>
    public static bool OnlyAccompanies(int number) => number is 3013 or 3119 or 3621;
}
