using System;
using System.Globalization;

namespace BizTalkDR.Lab.Engine;

/// <summary>Decides where a roll-forward stops: at or before a named mark or an LSN, or at a time.</summary>
internal sealed class StopPlan
{
    private readonly StopPoint _stop;
    private readonly Lsn? _lsn;

    private StopPlan(StopPoint stop, Lsn? lsn)
    {
        _stop = stop;
        _lsn = lsn;
    }

    public bool IsNamedMark => _stop.Mark is not null && _lsn is null;

    /// <summary>LSN of a mark written <c>lsn:…</c>.</summary>
    public Lsn? Target => _lsn;

    public DateTime? At => _stop.At;

    /// <summary>Makes a plan; null when the statement has no stop clause.</summary>
    /// <exception cref="LabSqlException">4334: the text behind <c>lsn:</c> is no LSN.</exception>
    public static StopPlan? From(StopPoint? stop)
    {
        if (stop is null)
        {
            return null;
        }

        Lsn? lsn = null;
        if (stop.Mark is { } mark && mark.StartsWith("lsn:", StringComparison.OrdinalIgnoreCase))
        {
            lsn = ParseLsn(mark[4..].Trim());
        }

        return new StopPlan(stop, lsn);
    }

    /// <summary>The rule given to the store.</summary>
    public StopDecision Decide(LogRecord record)
    {
        if (_lsn is { } target)
        {
            return record.Lsn > target || (record.Lsn == target && _stop.Before) ? StopDecision.StopBefore
                : record.Lsn == target ? StopDecision.StopAfter : StopDecision.GoOn;
        }

        if (record.Op != LogOp.Commit)
        {
            return StopDecision.GoOn;
        }

        if (_stop.Mark is not null)
        {
            return !IsMark(record) ? StopDecision.GoOn : _stop.Before ? StopDecision.StopBefore : StopDecision.StopAfter;
        }

        return record.Time > _stop.At ? StopDecision.StopBefore : StopDecision.GoOn;
    }

    /// <summary>Whether the record commits the wanted mark. Transaction names are case-sensitive on any server.</summary>
    public bool IsMark(LogRecord record) => record.Op == LogOp.Commit && record.IsMarked
        && string.Equals(record.Name, _stop.Mark, StringComparison.Ordinal) && (_stop.After is null || record.Time >= _stop.After);

    /// <summary>The message of a log that ended before the stop point.</summary>
    public SqlMessage NotReached() => _stop.Mark is not null
        ? new SqlMessage(4329, 10, 1, "This log file contains records logged before the designated mark. The database is being left in the Restoring state so you can apply another log file.")
        : new SqlMessage(4322, 10, 1, "This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.");

    private static Lsn ParseLsn(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length == 3)
        {
            bool hex = parts[0].StartsWith("0x", StringComparison.OrdinalIgnoreCase);
            NumberStyles style = hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
            string first = hex ? parts[0][2..] : parts[0];
            if (uint.TryParse(first, style, CultureInfo.InvariantCulture, out uint vlf)
                && uint.TryParse(parts[1], style, CultureInfo.InvariantCulture, out uint block)
                && ushort.TryParse(parts[2], style, CultureInfo.InvariantCulture, out ushort slot))
            {
                return new Lsn(vlf, block, slot);
            }
        }
        else if (text.Length is > 0 and <= 25 && decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out decimal number)
            && number < 4_294_967_296_000_000_000_000_000m)
        {
            return Lsn.FromDecimal(number);
        }

        throw new LabSqlException(4334, 16, 1, "The named mark does not identify a valid LSN.");
    }
}
