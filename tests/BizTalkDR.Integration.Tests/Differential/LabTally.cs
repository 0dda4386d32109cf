using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>What a number of cases came to.</summary>
internal sealed class LabTally
{
    private readonly SortedDictionary<string, int> _refusals = [];

    /// <summary>Plans that were run and ended at the mark.</summary>
    public int Restored { get; set; }

    /// <summary>Plans to a quiesced point that were run and ended there.</summary>
    public int Quiesced { get; set; }

    /// <summary>Full sets that planner and model both refuse as points; the lab tried the backups of those that a manifest proves.</summary>
    public int NotQuiesced { get; set; }

    /// <summary>Marks that planner and model both refuse; the lab tried each.</summary>
    public int Refused { get; set; }

    /// <summary>Plans that named a file whose damage only the server meets.</summary>
    public int StoppedByDamage { get; set; }

    /// <summary>Plans to a name that two transactions bear, stopped before anything was recovered.</summary>
    public int StoppedByName { get; set; }

    /// <summary>Statements said to model and lab, one by one.</summary>
    public int Statements { get; set; }

    /// <summary>Notes that model and lab both refused a statement.</summary>
    public void NoteRefusal(int model, int lab)
    {
        string pair = string.Create(CultureInfo.InvariantCulture, $"{model}/{lab}");
        _refusals[pair] = _refusals.GetValueOrDefault(pair) + 1;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Restored} marks restored, {Refused} refused by planner and model, {Quiesced} quiesced points restored, {NotQuiesced} full sets refused, {StoppedByDamage} runs stopped by damage, {StoppedByName} by a name given twice; {Statements} statements to model and lab; both refused (model/lab): {string.Join(", ", _refusals.Select(r => $"{r.Key} {r.Value}"))}");
}
