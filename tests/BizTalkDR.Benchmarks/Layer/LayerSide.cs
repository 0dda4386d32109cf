using System;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>Through the product's layer: what the backup and restore runners call.</summary>
internal sealed class LayerSide(SqlInstanceAddress address) : ISide
{
    private readonly ISqlInstance _instance = new SqlInstanceFactory().Open(address);
    private int _percent;

    public void Call(GroupProcedureCall call) => Expect(_instance.RunProcedure(call, null), null);

    public int ReadHeaders(string path) => _instance.ReadHeaders(path).Count;

    public void Restore(RestoreStatement statement) => Expect(_instance.Restore(statement, percent => _percent = percent), 3014);

    public void Open(string database) => Expect(_instance.SetAccess(database, DatabaseAccess.MultiUser), null);

    public void Dispose() => _instance.Dispose();

    // Without an exception a statement may still have failed: a benchmark of failures would be fast and worthless.
    private void Expect(StatementOutcome outcome, int? number)
    {
        if (outcome.Cause is { } cause)
            throw new InvalidOperationException($"{outcome.Statement}: {cause} at {_percent} %.");
        if (number is { } expected && !outcome.Says(expected))
            throw new InvalidOperationException($"{outcome.Statement} did not say {expected}.");
    }
}
