using System;

namespace BizTalkDR.Lab.TSql;

/// <summary>The SET options of the session whose request this thread runs.</summary>
/// <remarks>
/// A request runs on one thread from its first to its last statement. Conversions and operators depend on a handful of options (DATEFORMAT, DATEFIRST,
/// ANSI_NULLS, CONCAT_NULL_YIELDS_NULL, ARITHABORT with ANSI_WARNINGS); they ask here instead of carrying a session through every value.
/// </remarks>
internal static class CurrentSettings
{
    private static readonly SessionSettings Defaults = new();

    [ThreadStatic]
    private static SqlSession? t_session;

    public static SessionSettings Value => t_session?.Settings ?? Defaults;

    /// <summary>Whether an arithmetic error gives NULL instead of an error (SET ARITHABORT).</summary>
    public static bool ForgivesArithmetic => Value is { ArithAbort: false, AnsiWarnings: false };

    /// <summary>Makes a session the thread's own; give the result to <see cref="Leave"/>.</summary>
    public static SqlSession? Enter(SqlSession session)
    {
        SqlSession? before = t_session;
        t_session = session;
        return before;
    }

    public static void Leave(SqlSession? before) => t_session = before;
}
