using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.RestoreProcess;

/// <summary>Real connections, whose percentage messages are counted.</summary>
internal sealed class CountingFactory(ISqlInstanceFactory inner, SuddenEnd end) : ISqlInstanceFactory
{
    public ISqlInstance Open(SqlInstanceAddress address, CancellationToken cancellationToken = default) => new Instance(inner.Open(address, cancellationToken), end);

    private sealed class Instance(ISqlInstance inner, SuddenEnd end) : ISqlInstance
    {
        public SqlInstanceAddress Address => inner.Address;

        public SqlInstanceIdentity Identity => inner.Identity;

        public StatementOutcome Restore(RestoreStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default) => inner.Restore(
            statement,
            percent =>
            {
                end.OnPercent();
                onPercent?.Invoke(percent);
            },
            cancellationToken);

        public InstanceActivity? ReadActivity(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default) => inner.ReadActivity(databases, cancellationToken);

        public AvailabilityMembership? ReadMembership(string database, CancellationToken cancellationToken = default) => inner.ReadMembership(database, cancellationToken);

        public AvailabilityRights ReadRights(string group, CancellationToken cancellationToken = default) => inner.ReadRights(group, cancellationToken);

        public StatementOutcome Change(AvailabilityStatement statement, CancellationToken cancellationToken = default) => inner.Change(statement, cancellationToken);

        public void Dispose() => inner.Dispose();

        public IReadOnlyList<CertificateRecord> ReadCertificateRecords(string managementDatabase, CancellationToken cancellationToken = default) => inner.ReadCertificateRecords(managementDatabase, cancellationToken);

        public IReadOnlyList<ApplicationRecord> ReadApplications(string managementDatabase, CancellationToken cancellationToken = default) => inner.ReadApplications(managementDatabase, cancellationToken);

        public IReadOnlyList<PolicyRecord> ReadPolicies(string ruleEngineDatabase, CancellationToken cancellationToken = default) => inner.ReadPolicies(ruleEngineDatabase, cancellationToken);

        public IReadOnlyList<HostInstanceRecord> ReadHostInstances(string managementDatabase, string computer, CancellationToken cancellationToken = default) => inner.ReadHostInstances(managementDatabase, computer, cancellationToken);

        public GroupRecords ReadGroup(string managementDatabase, CancellationToken cancellationToken = default) => inner.ReadGroup(managementDatabase, cancellationToken);

        public string? ResolveServerName(string managementDatabase, string configuredServer, string database, CancellationToken cancellationToken = default) =>
            inner.ResolveServerName(managementDatabase, configuredServer, database, cancellationToken);

        public IReadOnlyList<HistoryRow> ReadBackupHistory(string managementDatabase, long afterSetId, CancellationToken cancellationToken = default) => inner.ReadBackupHistory(managementDatabase, afterSetId, cancellationToken);

        public StatementOutcome RunProcedure(GroupProcedureCall call, Action<ServerMessage>? onMessage, CancellationToken cancellationToken = default) => inner.RunProcedure(call, onMessage, cancellationToken);

        public MarkLogFacts ReadMarkLog(string database, string markName, CancellationToken cancellationToken = default) => inner.ReadMarkLog(database, markName, cancellationToken);

        public IReadOnlyList<RecordedSet> ReadRecordedBackups(CancellationToken cancellationToken = default) => inner.ReadRecordedBackups(cancellationToken);

        public IReadOnlyList<MarkHistoryRow> ReadRecordedMarks(CancellationToken cancellationToken = default) => inner.ReadRecordedMarks(cancellationToken);

        public IReadOnlyList<HistoryRow> ReadShippedHistory(CancellationToken cancellationToken = default) => inner.ReadShippedHistory(cancellationToken);

        public MarkHistoryRow? ReadMarkHistory(string database, string markName, CancellationToken cancellationToken = default) => inner.ReadMarkHistory(database, markName, cancellationToken);

        public ServerFolder ListFolder(string folder, CancellationToken cancellationToken = default) => inner.ListFolder(folder, cancellationToken);

        public IReadOnlyList<BackupHeader> ReadHeaders(string path, CancellationToken cancellationToken = default) => inner.ReadHeaders(path, cancellationToken);

        public MediaLabel? ReadLabel(string path, CancellationToken cancellationToken = default) => inner.ReadLabel(path, cancellationToken);

        public IReadOnlyList<BackupDataFile> ReadFileList(IReadOnlyList<string> paths, int position, CancellationToken cancellationToken = default) => inner.ReadFileList(paths, position, cancellationToken);

        public StatementOutcome Verify(string path, int position, bool checksum, CancellationToken cancellationToken = default) => inner.Verify(path, position, checksum, cancellationToken);

        public IReadOnlyList<DatabaseFacts> ReadDatabases(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default) => inner.ReadDatabases(names, cancellationToken);

        public string? ReadLogEnd(string database, CancellationToken cancellationToken = default) => inner.ReadLogEnd(database, cancellationToken);

        public IReadOnlyList<RedoFile> ReadRedoFiles(string database, CancellationToken cancellationToken = default) => inner.ReadRedoFiles(database, cancellationToken);

        public StatementOutcome BackUpTail(TailStatement statement, Action<int>? onPercent, CancellationToken cancellationToken) => inner.BackUpTail(
            statement,
            percent =>
            {
                end.OnPercent();
                onPercent?.Invoke(percent);
            },
            cancellationToken);

        public StatementOutcome Rename(string database, string name, CancellationToken cancellationToken = default) => inner.Rename(database, name, cancellationToken);

        public StatementOutcome SetAccess(string database, DatabaseAccess access, CancellationToken cancellationToken = default) => inner.SetAccess(database, access, cancellationToken);

        public IReadOnlyList<RestoreHistoryRow> ReadRestoreHistory(string database, int rows, CancellationToken cancellationToken = default) => inner.ReadRestoreHistory(database, rows, cancellationToken);

        public ClosingBackup? ReadClosingBackup(string database, CancellationToken cancellationToken = default) => inner.ReadClosingBackup(database, cancellationToken);

        public DatabaseUpkeep? ReadDatabaseUpkeep(string database, CancellationToken cancellationToken = default) => inner.ReadDatabaseUpkeep(database, cancellationToken);

        public InstanceUpkeep ReadInstanceUpkeep(CancellationToken cancellationToken = default) => inner.ReadInstanceUpkeep(cancellationToken);

        public bool ReadForcedFull(string managementDatabase, CancellationToken cancellationToken = default) => inner.ReadForcedFull(managementDatabase, cancellationToken);

        public StatementOutcome Mend(UpkeepStatement statement, CancellationToken cancellationToken = default) => inner.Mend(statement, cancellationToken);

        public DestinationReadiness ReadReadiness(IReadOnlyCollection<string> paths, CancellationToken cancellationToken = default) => inner.ReadReadiness(paths, cancellationToken);

        public DestinationCapacity ReadCapacity(CancellationToken cancellationToken = default) => inner.ReadCapacity(cancellationToken);

        public TrackingFacts ReadTracking(string database, DateTime fromUtc, CancellationToken cancellationToken = default) => inner.ReadTracking(database, fromUtc, cancellationToken);

        public IReadOnlyList<KeyUse> ReadKeyUses(CancellationToken cancellationToken = default) => inner.ReadKeyUses(cancellationToken);

        public StatementOutcome BackUpCertificate(string certificate, string path, string keyPath, System.Security.SecureString password, CancellationToken cancellationToken = default) => inner.BackUpCertificate(certificate, path, keyPath, password, cancellationToken);

        public IReadOnlyList<SqlObject> ReadObjects(CancellationToken cancellationToken = default) => inner.ReadObjects(cancellationToken);

        public IReadOnlyList<string> ReadUserSids(string database, CancellationToken cancellationToken = default) => inner.ReadUserSids(database, cancellationToken);

        public StatementOutcome CreateObject(SqlObject what, CancellationToken cancellationToken = default) => inner.CreateObject(what, cancellationToken);

        public bool TakeLock(string resource, TimeSpan wait, CancellationToken cancellationToken = default) => inner.TakeLock(resource, wait, cancellationToken);

        public bool HoldsLocks(IReadOnlyCollection<string> resources, CancellationToken cancellationToken = default) => inner.HoldsLocks(resources, cancellationToken);

        public IReadOnlyList<MemberJob> ReadJobs(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default) => inner.ReadJobs(databases, cancellationToken);

        public StatementOutcome SetJobEnabled(Guid id, bool enabled, CancellationToken cancellationToken = default) => inner.SetJobEnabled(id, enabled, cancellationToken);
    }
}
