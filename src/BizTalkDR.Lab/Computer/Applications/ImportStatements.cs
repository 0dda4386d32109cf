using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>The statements by which a package gets into a Management database.</summary>
internal static class ImportStatements
{
    public static IEnumerable<(string Statement, (string Name, object Value)[] Parameters)> Of(string name, LabPackage package)
    {
        yield return (
            "IF NOT EXISTS (SELECT 1 FROM dbo.bts_application WHERE nvcName = @n) INSERT INTO dbo.bts_application (nvcName, isDefault, isSystem, nvcDescription, DateModified) VALUES (@n, 0, 0, @d, GETUTCDATE());",
            [("@n", name), ("@d", package.Description)]);
        foreach (string reference in package.References)
        {
            yield return (
                "INSERT INTO dbo.bts_application_reference (nApplicationID, nReferencedApplicationID) SELECT a.nID, b.nID FROM dbo.bts_application AS a CROSS JOIN dbo.bts_application AS b "
                + "WHERE a.nvcName = @n AND b.nvcName = @r AND NOT EXISTS (SELECT 1 FROM dbo.bts_application_reference AS r WHERE r.nApplicationID = a.nID AND r.nReferencedApplicationID = b.nID);",
                [("@n", name), ("@r", reference)]);
        }

        foreach (LabResource resource in package.Resources)
        {
            yield return ("INSERT INTO dbo.adpl_sat (applicationId, sdmType, luid) SELECT nID, @t, @l FROM dbo.bts_application WHERE nvcName = @n;", [("@n", name), ("@t", resource.Type), ("@l", resource.Luid)]);
            if (LabAssembly.NameOf(resource.Luid) is not { } full)
                continue;
            string[] parts = full.Split(", ").Select((p, i) => i == 0 ? p : p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..]).ToArray();
            yield return (
                "INSERT INTO dbo.bts_assembly (nvcName, nvcVersion, nvcCulture, nvcPublicKeyToken, nvcFullName, dtDateModified, nSystemAssembly, nApplicationID) SELECT @m, @v, @c, @k, @f, GETUTCDATE(), 0, nID FROM dbo.bts_application WHERE nvcName = @n;",
                [("@n", name), ("@m", parts[0]), ("@v", parts[1]), ("@c", parts[2]), ("@k", parts[3]), ("@f", full)]);
        }
    }
}
