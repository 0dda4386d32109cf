using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Does the steps that make objects of an instance, each with a look at what it made.</summary>
internal static class SqlObjectRun
{
    /// <summary>Reads the instance on which the objects of another are made.</summary>
    public static ObjectDestination ReadDestination(PartContext context, string source, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = Open(context, source, cancellationToken);
        return new ObjectDestination(instance.Identity.ServerName, instance.ReadObjects(cancellationToken));
    }

    public static PartStepResult Make(PartContext context, MakeObjectStep step, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = Open(context, step.Source, cancellationToken);
        SqlObject what = step.What;
        bool isSetting = what.Kind == SqlObjectKind.Setting;
        if (SqlObjectDifferences.Find(instance.ReadObjects(cancellationToken), what) is { } there && (!isSetting || there["value"] == what["value"]))
        {
            // Somebody made it since the plan: what must fit has to.
            return what.Kind == SqlObjectKind.Login && there["sid"] != what["sid"]
                ? throw new RecoveryException(RecoveryError.SqlObjectConflict, what.Name, $"The login {what.Name} is on {step.Destination} with another SID.")
                : new PartStepResult(step, StepState.NotNeeded, "It is there.");
        }

        if (step.ByHand is { } instruction)
            return new PartStepResult(step, StepState.Manual, instruction);
        StatementOutcome outcome = instance.CreateObject(SqlObjectDifferences.ComesDisabled(what) ? With(what, "enabled", "0") : what, cancellationToken);
        if (outcome.Cause is { } cause)
            throw new RecoveryException(RecoveryError.StepFailed, what.Name, $"{step.Text} failed: {cause.Number}, {cause.Text}");
        SqlObject made = SqlObjectDifferences.Find(instance.ReadObjects(cancellationToken), what)
            ?? throw new RecoveryException(RecoveryError.StepFailed, what.Name, $"{step.Text}: the server said nothing against it, and it is not there.");
        if (what.Kind == SqlObjectKind.Login && !string.Equals(made["sid"], what["sid"], StringComparison.OrdinalIgnoreCase))
        {
            throw new RecoveryException(
                RecoveryError.SqlObjectConflict, what.Name, $"The account {what.Name} has another SID than when it was kept: it is not the same account. The login on {step.Destination} was made for it.");
        }

        IReadOnlyList<string> differences = SqlObjectDifferences.Of(what, made);
        return new PartStepResult(
            step, StepState.Done,
            (isSetting ? "It is set now." : SqlObjectDifferences.WasEnabled(what) ? "It is there now, disabled; it was enabled." : "It is there now.") + (differences.Count == 0 ? string.Empty : $" It differs in: {string.Join(", ", differences)}."));
    }

    /// <summary>Compares everything; what is there and differs is said and left as it is.</summary>
    public static PartStepResult Check(PartContext context, ObjectCheckStep step, CancellationToken cancellationToken)
    {
        ComputerManifest manifest = ComputerManifestStore.Find(context.Folder) ?? throw new RecoveryException(RecoveryError.ComputerManifestMissing, context.Folder.Path, $"There is no manifest in {context.Folder.Path} any more.");
        KeptInstance kept = SqlObjectInventory.Read(context.Folder, manifest.Part(ConfigurationPart.SqlObject)).Instances.First(i => i.Server == step.Source);
        ObjectDestination at = ReadDestination(context, step.Source, cancellationToken);
        IReadOnlyList<SqlObject> wanted = SqlObjectPlanner.Wanted(kept, at.Server, context.Options.InstanceMap, context.Options.ExcludedObjects);
        List<string> missing = [], differing = [], waiting = [];
        foreach (SqlObject what in wanted)
        {
            SqlObject? there = SqlObjectDifferences.Find(at.Objects, what);
            string name = $"{what.Kind} {what.Name}";
            if (there is null)
                missing.Add(name);
            else if (SqlObjectDifferences.Of(what, there) is { Count: > 0 } differences)
                differing.Add($"{name} ({string.Join(", ", differences)})");
            if (there is not null && SqlObjectDifferences.WasEnabled(what) && !SqlObjectDifferences.WasEnabled(there))
                waiting.Add(name);
        }

        if (missing.Count > 0)
            throw new RecoveryException(RecoveryError.StepFailed, at.Server, $"These are not on {at.Server}: {string.Join("; ", missing)}.");
        foreach (string one in differing)
            context.Ports.Log.Warning($"{at.Server}: {one} is not as it was kept, and was left as it is.");
        return new PartStepResult(
            step, StepState.Done,
            $"{wanted.Count} objects are there"
            + (differing.Count == 0 ? ", as they were kept." : $"; {differing.Count} of them were there before and differ: {string.Join("; ", differing)}.")
            + (waiting.Count == 0 ? string.Empty : $" Enabled when they were kept, disabled now: {string.Join("; ", waiting)}. Enable them when the group is open to users."));
    }

    private static ISqlInstance Open(PartContext context, string source, CancellationToken cancellationToken) =>
        context.Ports.Sql.Open(ManagementSource.AddressOf(context.Options.InstanceMap.TryGetValue(source, out string? now) ? now : source, context.Options), cancellationToken);

    private static SqlObject With(SqlObject what, string name, string value) => what with { Values = what.Values.ToDictionary(v => v.Key, v => v.Key == name ? value : v.Value, StringComparer.Ordinal) };
}
