using System;
using System.Collections.Generic;
using System.Security;
using System.Threading;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public IReadOnlyList<KeyUse> ReadKeyUses(CancellationToken cancellationToken = default) =>
        Query("Reading which certificates encrypt databases and backups", KeyText.Uses, r => new KeyUse(Text(r, 0), Text(r, 1), r.GetInt32(2) > 0), cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome BackUpCertificate(string certificate, string path, string keyPath, SecureString password, CancellationToken cancellationToken = default)
    {
        StatementOutcome? outcome = null;
        // The characters are the parameter's own value: they are cleared when the statement has ended.
        SecretText.Use(password, chars => outcome = Execute(KeyText.BackUp, null, cancellationToken, ("@name", certificate), ("@path", path), ("@key", keyPath), ("@password", chars)));
        return outcome ?? throw new InvalidOperationException("Nothing was run.");
    }
}
