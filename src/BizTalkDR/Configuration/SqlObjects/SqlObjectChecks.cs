using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Compares what the group's instances hold today with what is kept: does the backup still fit, and does its protected file open.</summary>
internal static class SqlObjectChecks
{
    private const string Again = "Run Export-BizTalkSqlObject again, or see why it was changed.";

    public static IReadOnlyList<PartCheck> Of(PartContext context, PartManifest kept, IReadOnlyList<KeptInstance> today)
    {
        SqlObjectInventory inventory;
        try
        {
            inventory = SqlObjectInventory.Read(context.Folder, kept);
        }
        catch (RecoveryException unreadable)
        {
            return [Check(context, "Kept", SqlObjectInventory.FileName, unreadable)];
        }

        List<PartCheck> checks = [];
        IReadOnlyDictionary<string, string> secrets = new Dictionary<string, string>(System.StringComparer.Ordinal);
        try
        {
            secrets = SqlObjectSecrets.Read(context, kept);
            if (secrets.Count > 0)
                checks.Add(new PartCheck(context.Computer.Name, ConfigurationPart.SqlObject, "Secrets", SqlObjectInventory.SecretsName, CheckOutcome.Passed, "It opens with the password."));
        }
        catch (RecoveryException closed)
        {
            checks.Add(Check(context, "Secrets", SqlObjectInventory.SecretsName, closed));
        }

        foreach (KeptInstance instance in today)
        {
            KeptInstance? before = inventory.Instances.FirstOrDefault(i => string.Equals(i.Server, instance.Server, System.StringComparison.OrdinalIgnoreCase));
            IReadOnlyList<SqlObject> known = before is null ? [] : SqlObjectSecrets.Join(before, secrets).Objects;
            checks.AddRange(instance.Objects.Select(o => Compare(instance.Server, o, SqlObjectDifferences.Find(known, o))));
        }

        return checks;
    }

    private static PartCheck Compare(string server, SqlObject there, SqlObject? kept)
    {
        string subject = $"{there.Kind} {there.Name}";
        if (kept is null)
            return new PartCheck(server, ConfigurationPart.SqlObject, "Kept", subject, CheckOutcome.Failed, "The group uses it, and the backup does not hold it.", Again) { Error = RecoveryError.PartNotKept };
        IReadOnlyList<string> differences = SqlObjectDifferences.Of(kept, there);
        return differences.Count == 0
            ? new PartCheck(server, ConfigurationPart.SqlObject, "Object", subject, CheckOutcome.Passed, "It is as it was kept.")
            : new PartCheck(server, ConfigurationPart.SqlObject, "Object", subject, CheckOutcome.Failed, $"It differs from the backup in: {string.Join(", ", differences)}.", Again) { Error = RecoveryError.SqlObjectDiffers };
    }

    private static PartCheck Check(PartContext context, string check, string subject, RecoveryException why)
    {
        CheckOutcome outcome = why.Code is RecoveryError.CertificatePasswordMissing or RecoveryError.RecipientKeyMissing ? CheckOutcome.NotChecked : CheckOutcome.Failed;
        return new PartCheck(context.Computer.Name, ConfigurationPart.SqlObject, check, subject, outcome, why.Message, why.Hint) { Error = why.Code };
    }
}
