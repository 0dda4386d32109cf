namespace BizTalkDR.Errors;

/// <summary>The catalogue of everything that can go wrong, by name.</summary>
/// <remarks>The names are API (a cmdlet's ErrorId): never renamed. Each has a heading in docs/errors.md with cause, state of the system and remedy.</remarks>
public enum RecoveryError
{
    // Reaching a server.
    InstanceUnreachable,
    LoginFailed,
    CertificateNotTrusted,
    ConnectionLost,
    OperationTimedOut,
    PermissionDenied,
    OperationCancelled,

    // The group.
    NotAManagementDatabase,
    DatabaseNotFound,
    MemberUnresolved,
    MemberMissing,

    // What was asked for.
    InvalidName,
    MarkNameTooLong,
    MarkNameInvalid,
    DestinationTooLong,
    DestinationInvalid,
    InstanceMapIncomplete,
    NameConflict,
    SeveralRestores,

    // Backing up.
    BackupFailed,
    BackupNotConfirmed,
    GroupInUse,
    QuiescenceNotPossible,
    QuiescenceUnproven,
    FullBackupMissing,
    BackupProceduresMissing,
    LinkedServerFailed,
    MarkFailed,
    RecoveryModelUnsuitable,

    // Backup files.
    FolderNotVisibleToServer,
    FolderNotVisible,
    FolderEmpty,
    NoBackupsFound,
    BackupMediaUnreadable,
    BackupMediaNotWritable,
    ChecksumMismatch,
    BackupSetIncomplete,
    LogChainBroken,
    LogMarkNotFound,
    MarkUnconfirmed,
    MarkPositionUnknown,
    MarkAmbiguous,
    PointAmbiguous,

    // Backup files read without a server.
    BackupFileNotFound,
    BackupFileAccessDenied,
    BackupFileInUse,
    BackupPathInvalid,
    BackupFileEmpty,
    BackupFileTruncated,
    BackupFormatUnknown,
    BackupFormatUnreadable,
    ManifestInvalid,

    // Backup files in blob containers.
    BlobNotFound,
    BlobAccessDenied,
    BlobSignatureExpired,
    BlobStoreUnreachable,

    // Restoring.
    DatabaseExists,
    DatabaseInUse,
    DestinationChanged,
    TailNotPossible,
    TailBackupFailed,
    KeepNotPossible,
    BackupFileChanged,
    DestinationTooOld,
    EditionUnsuitable,
    MemberInAvailabilityGroup,
    AvailabilityGroupIncomplete,
    EncryptionKeyMissing,
    CredentialMissing,
    NotEnoughSpace,
    FileInUse,
    RestoreFailed,
    RestoreInterrupted,
    MarkNotReached,
    PastTheMark,
    ForkMismatch,
    ProofFailed,
    JournalNotWritable,
    JournalInvalid,
    NothingToResume,
    RestoreInProgress,
    PlanInvalid,
    PlanNotWritable,

    // What was lost.
    TrackingNotReadable,
    TrackingNotAhead,
    MarkTimeUncertain,

    // Computers.
    ComputerUnreachable,
    ServiceNotStarted,
    ServiceNotStopped,
    ServiceStartNotSet,
    ToolNotFound,
    ToolTimedOut,
    ToolFailed,
    SsoNotInstalled,
    SsoFailed,
    SecretFileInvalid,
    PasswordWrong,
    PrivateKeyNotExportable,

    // The master secret.
    SsoNotJoined,
    NotTheSecretServer,
    SecretMissing,
    SecretPasswordMissing,
    SecretOnlyOnItsComputer,
    SecretBackupUnproven,
    SecretBackupOutdated,
    SecretDiffers,
    SecretNotRestored,

    // The backup of a computer.
    ComputerManifestMissing,
    ComputerManifestInvalid,
    PartNotKept,
    KeptFileMissing,
    KeptFileChanged,
    StepFailed,
    ManualStepOpen,

    // What Configuration.exe sets up.
    ConfigurationFileInvalid,
    ConfigurationPasswordMissing,
    AccountPasswordWrong,
    ConfigurationFailed,
    ConfigurationOutdated,
    DatabasesAbsent,
    EditionDiffers,
    ProductVersionDiffers,
    ComputerNameDiffers,
    RestoreConfigMissing,
    MachineDiffers,

    // What instances hold outside their databases.
    SqlObjectConflict,
    SqlObjectDiffers,
    EncryptionKeyNotKept,

    // Certificates.
    CertificateMissing,
    CertificateExpired,
    CertificateFileInvalid,
    CertificatePasswordMissing,
    RecipientKeyMissing,

    // Applications.
    ApplicationReferencesInvalid,
    AssemblyMissing,
    BindingsInvalid,
    BindingsMapInvalid,
    PackageInvalid,

    // The BAM portal.
    PortalIncomplete,
    WebConfigInvalid,

    // The lab's process.
    LabRuntimeMissing,
    LabStartFailed,
    LabNotRunning,

    // Everything else.
    StatementFailed,
}
