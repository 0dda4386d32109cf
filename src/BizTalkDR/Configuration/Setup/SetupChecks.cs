using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Compares a kept configuration file with what is set now; pure.</summary>
internal static class SetupChecks
{
    /// <summary>Whether a file can be used.</summary>
    public static IEnumerable<PartCheck> OfFile(string computer, ConfigurationFile file)
    {
        IReadOnlyList<string> wrong = file.WhatIsWrong();
        yield return wrong.Count == 0 ? Check(computer, "File", "configuration file", CheckOutcome.Passed, "It can be used.")
            : Check(computer, "File", "configuration file", CheckOutcome.Failed, $"It cannot be used as it is: {string.Join("; ", wrong)}.", "Export the file in the window of Configuration and back it up with -ConfigurationFile.", RecoveryError.ConfigurationFileInvalid);
    }

    /// <summary>Names each setting that is another one than in the file; settings that nobody can ask for are not compared.</summary>
    public static IReadOnlyList<PartCheck> Compare(string computer, ConfigurationFile kept, ConfigurationFile live)
    {
        IReadOnlyDictionary<string, string> before = kept.Settings();
        List<PartCheck> checks = live.Settings().Where(s => s.Value.Length > 0).Select(now =>
            !before.TryGetValue(now.Key, out string? was) ? Changed(computer, now.Key, $"It is {now.Value}; the kept file does not set it.")
            : !string.Equals(was, now.Value, StringComparison.OrdinalIgnoreCase) ? Changed(computer, now.Key, $"It is {now.Value}; the kept file says {was}.")
            : Check(computer, "Setting", now.Key, CheckOutcome.Passed, $"It is as the kept file says: {now.Value}.")).ToList();
        checks.AddRange(kept.Features.Where(f => SetupIds.IsLookedAt(f) && !live.Features.Contains(f)).Select(f => Changed(computer, f, "The kept file configures it, and it is not configured.")));
        return checks;
    }

    private static PartCheck Changed(string computer, string subject, string text) =>
        Check(computer, "Setting", subject, CheckOutcome.Failed, text, "Back the configuration up again, or see why it was changed.", RecoveryError.ConfigurationOutdated);

    private static PartCheck Check(string computer, string check, string subject, CheckOutcome outcome, string text, string? remedy = null, RecoveryError? error = null) =>
        new(computer, ConfigurationPart.Configuration, check, subject, outcome, text, remedy) { Error = error };
}
