using System.Collections.Generic;
using C = BizTalkDR.Errors.RecoveryErrorCategory;
using E = BizTalkDR.Errors.RecoveryError;

namespace BizTalkDR.Errors;

/// <summary>Maps each error of the catalogue to its category and to its usual next step.</summary>
public static class ErrorCatalogue
{
    private static readonly Dictionary<E, (C Category, string Hint)> Entries = new()
    {
        [E.InstanceUnreachable] = (C.ConnectionError, "Check the instance name and port, that the instance runs and that the firewall lets you through; then try again."),
        [E.LoginFailed] = (C.AuthenticationError, "Pass a login that exists on this instance with -SqlCredential, or run under a Windows account that has one."),
        [E.CertificateNotTrusted] = (C.SecurityError, "Install the server certificate's issuer on this computer, or pass -TrustServerCertificate if you know that this is the right server."),
        [E.ConnectionLost] = (C.ConnectionError, "Check that the instance still runs, read the state of the databases, then repeat the command."),
        [E.OperationTimedOut] = (C.OperationTimeout, "Check what blocks the instance (sys.dm_exec_requests), then repeat the command."),
        [E.PermissionDenied] = (C.PermissionDenied, "Use a login with the rights this step needs (sysadmin for backup and restore of a group)."),
        [E.OperationCancelled] = (C.OperationStopped, "Repeat the command when you are ready; nothing goes on in the background."),

        [E.NotAManagementDatabase] = (C.ObjectNotFound, "Pass the group's Management database with -ManagementDatabase; BizTalk's registry value MgmtDBName names it."),
        [E.DatabaseNotFound] = (C.ObjectNotFound, "Check the name of the database and the instance."),
        [E.MemberUnresolved] = (C.ObjectNotFound, "Check the linked server from the Management instance to this server (RPC and RPC Out), and that the database has the backup procedures."),
        [E.MemberMissing] = (C.ObjectNotFound, "Bring this member's backup files into the folder, or restore from a folder that holds every member; if it was taken out of the group since, name the members that are left with -Member."),

        [E.InvalidName] = (C.InvalidArgument, "Use a name of 1 to 128 characters without control characters."),
        [E.MarkNameTooLong] = (C.InvalidArgument, "Use a mark name of at most 8 characters: SQL Server would cut it silently."),
        [E.MarkNameInvalid] = (C.InvalidArgument, "Use 1 to 8 letters and digits (A-Z, a-z, 0-9), for example BTS."),
        [E.DestinationTooLong] = (C.InvalidArgument, "Use a path of at most 128 characters (a shorter share name): SQL Server would cut it silently."),
        [E.DestinationInvalid] = (C.InvalidArgument, "Pass the folder as every SQL Server of the group sees it, for example \\\\server\\share\\BizTalk."),
        [E.InstanceMapIncomplete] = (C.InvalidArgument, "Name one destination for all, or map every source instance to a destination."),
        [E.NameConflict] = (C.InvalidArgument, "Map the source instances to different destinations, so that no two members have the same name on one of them."),
        [E.SeveralRestores] = (C.InvalidArgument, "Choose one mark, for example Get-BizTalkBackup … | Select-Object -First 1."),

        [E.BackupFailed] = (C.InvalidResult, "Remove the cause the server names, then run the backup again; a full is needed after a network fault."),
        [E.BackupNotConfirmed] = (C.InvalidResult, "Do not rely on this set. Remove the cause, then run the backup again."),
        [E.GroupInUse] = (C.ResourceBusy, "Stop every host instance and the group's SQL Server Agent jobs, close what else is connected, and see that the login may ask (VIEW SERVER STATE, VIEW ANY DEFINITION); then repeat the command."),
        [E.QuiescenceNotPossible] = (C.InvalidArgument, "Use -RequireQuiesced with -Type Full or FullAndLog, and a folder that this computer sees under the same path as the instances."),
        [E.QuiescenceUnproven] = (C.InvalidResult, "Remove the cause that is named, then repeat the command; or take a log backup, whose mark is a recovery point too."),
        [E.FullBackupMissing] = (C.InvalidOperation, "Run Backup-BizTalkGroup -Type Full first: a log backup needs a full before it."),
        [E.BackupProceduresMissing] = (C.ObjectNotFound, "Run Backup_Setup_All_Procs.sql and Backup_Setup_All_Tables.sql of the BizTalk installation in the database that lacks them."),
        [E.LinkedServerFailed] = (C.ConnectionError, "Check the linked server (exists, RPC Out on) and MSDTC between the instances, then repeat the backup."),
        [E.MarkFailed] = (C.ResourceBusy, "Repeat the log backup; if it fails again, look for an in-doubt distributed transaction."),
        [E.RecoveryModelUnsuitable] = (C.InvalidOperation, "Set the recovery model to FULL, then run Backup-BizTalkGroup -Type Full."),

        [E.FolderNotVisibleToServer] = (C.OpenError, "Pass the path as the SQL Server sees it, and give its service account read access to the share and the folder."),
        [E.FolderNotVisible] = (C.OpenError, "Pass the full path of a folder that this account can read, or name an instance with -SqlInstance that sees it."),
        [E.FolderEmpty] = (C.ObjectNotFound, "Pass the folder that holds the group's backup files."),
        [E.NoBackupsFound] = (C.ObjectNotFound, "Pass the folder that the Backup BizTalk Server job writes to; its files end in .bak."),
        [E.BackupMediaUnreadable] = (C.ReadError, "Check the file and the service account's rights on it; use another copy of the file if it is damaged."),
        [E.BackupMediaNotWritable] = (C.WriteError, "Check free space, the path and the service account's right to write, then run the backup again."),
        [E.ChecksumMismatch] = (C.InvalidData, "The file is damaged: use another copy of it, or an older full with all logs after it."),
        [E.BackupSetIncomplete] = (C.InvalidData, "Choose an older mark that every member can reach, or bring the missing files."),
        [E.LogChainBroken] = (C.InvalidData, "Bring the missing log file, or choose a mark before the gap."),
        [E.LogMarkNotFound] = (C.ObjectNotFound, "List the marks with Get-BizTalkRecoveryPoint and choose one that every member can reach."),
        [E.MarkUnconfirmed] = (C.InvalidData, "Confirm the mark: look for it in msdb.dbo.logmarkhistory of the server that placed it, or restore the log with STOPATMARK to a scratch database."),
        [E.MarkPositionUnknown] = (C.InvalidData, "Bring a readable copy of the log file that holds the mark; without its position the stop point cannot be proven."),
        [E.PointAmbiguous] = (C.InvalidArgument, "Pass one of -Mark, -Before and -Latest; Get-BizTalkRecoveryPoint lists what there is."),
        [E.MarkAmbiguous] = (C.InvalidData, "Choose a mark whose name occurs once, for example one before the clock was set back; Get-BizTalkRecoveryPoint lists them."),

        [E.BackupFileNotFound] = (C.ObjectNotFound, "Check the path; list what is there with Get-ChildItem."),
        [E.BackupFileAccessDenied] = (C.PermissionDenied, "Get read access to the file and every folder above it, or run under an account that has it."),
        [E.BackupFileInUse] = (C.ResourceBusy, "Wait until the backup or the copy is finished, then repeat the command."),
        [E.BackupPathInvalid] = (C.InvalidArgument, "Pass the path of a file or a folder on a file system."),
        [E.BackupFileEmpty] = (C.InvalidData, "Use another copy of the file; see whether the disk was full when it was written."),
        [E.BackupFileTruncated] = (C.InvalidData, "Use another copy of the file: copying it, or writing it, was cut short."),
        [E.BackupFormatUnknown] = (C.InvalidData, "Pass files that BACKUP DATABASE or BACKUP LOG wrote. A file of another backup product needs that product, an encrypted one a SQL Server with its certificate."),
        [E.BackupFormatUnreadable] = (C.InvalidData, "Read this file with a SQL Server: RESTORE HEADERONLY, or Test-BizTalkBackup with -SqlInstance."),
        [E.ManifestInvalid] = (C.InvalidArgument, "Pass a manifest that Backup-BizTalkGroup wrote (*.biztalkdr.json), or a list with the SHA-256 of each file that sha256sum wrote, or Get-FileHash * | Export-Csv."),

        [E.BlobNotFound] = (C.ObjectNotFound, "Check the URL: https://ACCOUNT.blob.core.windows.net/CONTAINER/FOLDER. Without -SasToken a container that is not public is not found either."),
        [E.BlobAccessDenied] = (C.PermissionDenied, "Pass a shared access signature for the container with the permissions read and list: -SasToken (Read-Host -AsSecureString)."),
        [E.BlobSignatureExpired] = (C.AuthenticationError, "Have a new shared access signature made for the container, and pass it with -SasToken."),
        [E.BlobStoreUnreachable] = (C.ConnectionError, "Check the account's name, the network and the proxy, and the service's state; then try again."),

        [E.DatabaseExists] = (C.ResourceExists, "Restore to another instance, keep the existing database under another name with -KeepExisting, or pass -Force to replace it."),
        [E.DatabaseInUse] = (C.ResourceBusy, "Stop BizTalk and every client of the database, then repeat the restore."),
        [E.DestinationChanged] = (C.InvalidOperation, "Plan again: the database that would be replaced is not the one that was planned for."),
        [E.KeepNotPossible] = (C.InvalidOperation, "Bring the database online for writing and out of its availability group, or replace it with -Force instead of keeping it with -KeepExisting."),
        [E.TailNotPossible] = (C.InvalidOperation, "Remove what keeps the log from being backed up, or say with -WithoutTail of which databases the newest work may be lost."),
        [E.TailBackupFailed] = (C.WriteError, "Remove the cause the server names (free space, the service account's right to write), then go on with Restore-BizTalkDatabases -Resume."),
        [E.BackupFileChanged] = (C.InvalidData, "Plan again: the file is not the one that was planned with."),
        [E.DestinationTooOld] = (C.InvalidOperation, "Restore to an instance of the same or a newer version of SQL Server."),
        [E.EditionUnsuitable] = (C.InvalidOperation, "Restore to an instance of an edition that can open the database, for example Enterprise or Developer."),
        [E.MemberInAvailabilityGroup] = (C.InvalidOperation, "Plan with -RemoveFromAvailabilityGroup against the primary replica. Or by hand: on the primary replica run ALTER AVAILABILITY GROUP … REMOVE DATABASE, then plan again. After the restore drop the old copy on each secondary replica, and add the database to the group again."),
        [E.AvailabilityGroupIncomplete] = (C.InvalidResult, "The restore itself is done. Remove the cause on the replica that is named, then go on with Restore-BizTalkDatabases -Resume: it does what is missing and waits until the replicas are in step."),
        [E.CredentialMissing] = (C.SecurityError, "Create the credential on the destination: its name is the container's URL, its identity SHARED ACCESS SIGNATURE, its secret the signature without the question mark."),
        [E.EncryptionKeyMissing] = (C.SecurityError, "Restore the certificate with its private key to the destination's master database first."),
        [E.NotEnoughSpace] = (C.ResourceUnavailable, "Free space on the volume or restore to another one."),
        [E.FileInUse] = (C.ResourceExists, "Move or delete the file in the way, or restore to another data directory."),
        [E.RestoreFailed] = (C.InvalidResult, "Remove the cause the server names, then go on with Restore-BizTalkDatabases -Resume; it finds out how far every member came."),
        [E.RestoreInterrupted] = (C.OperationStopped, "Go on with Restore-BizTalkDatabases -Resume; it finds out how far every member came."),
        [E.MarkNotReached] = (C.InvalidResult, "A log file is missing or is not the one that holds the mark: check the catalogue with Test-BizTalkBackup, then bring the file and resume, or restore again with -Force."),
        [E.PastTheMark] = (C.InvalidResult, "This member was rolled on beyond the mark and cannot go back: resume the restore, which starts it again from its full."),
        [E.ForkMismatch] = (C.InvalidData, "The file belongs to another recovery fork (the database was restored in between): use files of one fork only."),
        [E.ProofFailed] = (C.InvalidResult, "Do not start BizTalk. Compare MarkLog in every database, then restore again with -Force."),
        [E.JournalNotWritable] = (C.WriteError, "Pass a journal path in a folder that you can write to."),
        [E.JournalInvalid] = (C.InvalidData, "Pass the journal of a restore that was interrupted, or plan the restore again; with -Force when databases were left behind."),
        [E.NothingToResume] = (C.InvalidOperation, "The restore came to its end: nothing has to be done."),
        [E.RestoreInProgress] = (C.ResourceBusy, "Wait until the other restore has come to its end, or stop it where it runs; then try again."),
        [E.PlanInvalid] = (C.InvalidData, "Make a new plan with New-BizTalkRestorePlan."),
        [E.PlanNotWritable] = (C.WriteError, "Pass a path in a folder that you can write to."),

        [E.TrackingNotReadable] = (C.ObjectNotFound, "Name the copy of the Tracking database that survived with -Database. One that its tail has closed is read when its full, logs and tail are restored under another name."),
        [E.TrackingNotAhead] = (C.InvalidData, "Name a Tracking database that was not restored to the mark, or a copy that was restored with its tail; without either, only the outside systems know what happened."),
        [E.MarkTimeUncertain] = (C.InvalidData, "Pass the time of the mark with -After, as local time of this computer or with its zone."),

        [E.ComputerUnreachable] = (C.ConnectionError, "Run the cmdlet on the BizTalk computer, in the 64-bit PowerShell; pass -Session for another one that has the module in the same version, or the folder of a lab's computer."),
        [E.ServiceNotStarted] = (C.ResourceUnavailable, "Read the Application log of the computer for the service's own events, remove the cause, then repeat the command."),
        [E.ServiceNotStopped] = (C.ResourceBusy, "See what the service waits for (a debugger, a long transaction), stop it by hand, then repeat the command."),
        [E.ServiceStartNotSet] = (C.InvalidResult, "Remove the cause that the message names (often PowerShell does not run as an administrator), or set how the service starts by hand in Services; then repeat the command."),
        [E.ToolNotFound] = (C.ObjectNotFound, "Install the product the tool belongs to on this computer, or run the command on a computer that has it."),
        [E.ToolTimedOut] = (C.OperationTimeout, "See whether the tool still waits for a server; remove the cause and repeat the command."),
        [E.ToolFailed] = (C.InvalidResult, "Read what the tool said, remove the cause, then repeat the command."),
        [E.SsoNotInstalled] = (C.ObjectNotFound, "Install Enterprise Single Sign-On (it comes with BizTalk Server), or name a computer that has it."),
        [E.SsoFailed] = (C.InvalidResult, "Read the events of source ENTSSO in the Application log, remove the cause, then repeat the command."),
        [E.SecretFileInvalid] = (C.InvalidData, "Pass another copy of the backup of the master secret."),
        [E.PasswordWrong] = (C.AuthenticationError, "Pass the password that the file was written with; its reminder is in the message where there is one."),
        [E.PrivateKeyNotExportable] = (C.PermissionDenied, "Get the certificate with its key from whoever issued it, and keep that file; a key that may not leave can only be recorded."),

        [E.SsoNotJoined] = (C.InvalidOperation, "Join the computer to the existing SSO system with BizTalk's Configuration (Enterprise SSO, Join an existing SSO system), or set its database with ssoconfig -setDB, then repeat the command."),
        [E.NotTheSecretServer] = (C.InvalidOperation, "Run the command on the computer that the message names; when that one is lost, run Move-BizTalkMasterSecretServer on the computer that is to take its place."),
        [E.SecretMissing] = (C.ObjectNotFound, "Restore the master secret from its backup with Restore-BizTalkMasterSecret. Never generate a new one: it decrypts nothing of what is there."),
        [E.SecretPasswordMissing] = (C.InvalidArgument, "Pass the password of the backup file as a SecureString: -Password, with whole computers -SecretPassword."),
        [E.SecretOnlyOnItsComputer] = (C.InvalidArgument, "Pass a folder on another computer (a share) or on removable media that is kept elsewhere."),
        [E.SecretBackupUnproven] = (C.InvalidResult, "Read the events of source ENTSSO in the Application log, remove the cause, then back the master secret up again."),
        [E.SecretBackupOutdated] = (C.InvalidResult, "Back the master secret up again with Backup-BizTalkMasterSecret."),
        [E.SecretDiffers] = (C.InvalidOperation, "Back up the master secret that is on the computer first, then find out which of the two the SSO database is encrypted with; restoring would replace it."),
        [E.SecretNotRestored] = (C.InvalidResult, "Read the events of source ENTSSO in the Application log, remove the cause, then repeat the command."),

        [E.ComputerManifestMissing] = (C.ObjectNotFound, "Pass the folder that the computers were backed up to: the one with a folder for each computer."),
        [E.ComputerManifestInvalid] = (C.InvalidData, "Use another copy of the folder; a manifest is not edited by hand."),
        [E.PartNotKept] = (C.ObjectNotFound, "Choose among the parts that the backup holds with -Part, or pass the folder of a backup that holds this one."),
        [E.KeptFileMissing] = (C.ObjectNotFound, "Bring the file from another copy of the backup, or back the part up again."),
        [E.KeptFileChanged] = (C.InvalidData, "Bring the file from another copy of the backup, or back the part up again."),
        [E.StepFailed] = (C.InvalidResult, "Remove the cause, then repeat the same command; Restore-BizTalkConfiguration with -Resume."),
        [E.ManualStepOpen] = (C.OperationStopped, "Do the step, then repeat the same command with -CompletedStep and the step's name; Restore-BizTalkConfiguration with -Resume too. A step that was cut short and did not take effect: -RepeatStep."),

        [E.ConfigurationFileInvalid] = (C.InvalidData, "Export the file in the window of Configuration on a computer that is configured, and back it up with Backup-BizTalkConfiguration -ConfigurationFile."),
        [E.ConfigurationPasswordMissing] = (C.InvalidArgument, "Pass each account with its password: -ServiceCredential (Get-Credential DOMAIN\\account), separated by commas."),
        [E.AccountPasswordWrong] = (C.AuthenticationError, "Pass the account's password of today with -ServiceCredential, then repeat the command with -Resume."),
        [E.ConfigurationFailed] = (C.InvalidResult, "Remove the cause that Configuration.exe names, then repeat the command with -Resume: it passes over what is configured."),
        [E.ConfigurationOutdated] = (C.InvalidResult, "Back the configuration up again with Backup-BizTalkConfiguration, or see why it was changed."),
        [E.DatabasesAbsent] = (C.ObjectNotFound, "Restore the group's databases first (Restore-BizTalkDatabases), then repeat the command."),
        [E.EditionDiffers] = (C.InvalidOperation, "Install the edition of the backup on this computer, or pass the backup of a computer of this edition."),
        [E.ProductVersionDiffers] = (C.InvalidOperation, "Install the version and the cumulative update of the backup on this computer, then repeat the command."),
        [E.ComputerNameDiffers] = (C.InvalidOperation, "Give the computer the name of the lost one, then repeat the command."),
        [E.RestoreConfigMissing] = (C.ObjectNotFound, "Copy your RestoreConfig.vbe to the computer and pass its path with -RestoreConfigScript."),
        [E.MachineDiffers] = (C.InvalidResult, "See why the setting is another one; back the computer up again with Backup-BizTalkConfiguration, or bring the setting back with Restore-BizTalkConfiguration -Part Machine."),

        [E.SqlObjectConflict] = (C.InvalidOperation, "Give the login that is there another name (ALTER LOGIN ... WITH NAME) or drop it, then repeat the command; or leave the kept one out with Import-BizTalkSqlObject -ExcludeObject and let Repair-BizTalkRestoredGroup map the users."),
        [E.SqlObjectDiffers] = (C.InvalidResult, "See why it is another one; export it again with Export-BizTalkSqlObject, or change it on the instance."),

        [E.EncryptionKeyNotKept] = (C.InvalidResult, "Back it up with Backup-BizTalkEncryptionKey into a folder that the instance can write to, and keep the folder away from the instance."),

        [E.CertificateMissing] = (C.ObjectNotFound, "Import the certificate (with its private key where it is the group's own) into the store the message names, then repeat the command."),
        [E.CertificateExpired] = (C.InvalidData, "Have a new certificate issued, import it, and choose it where the old one is used."),
        [E.CertificateFileInvalid] = (C.InvalidData, "Pass another copy of the file."),
        [E.CertificatePasswordMissing] = (C.InvalidArgument, "Pass the password of the key files with -CertificatePassword."),
        [E.RecipientKeyMissing] = (C.ObjectNotFound, "Import the recipient's certificate with its private key into Personal of this user or this computer, then repeat the command."),

        [E.ApplicationReferencesInvalid] = (C.InvalidData, "Import these applications by hand, in the order in which they were first deployed."),
        [E.AssemblyMissing] = (C.ObjectNotFound, "Put the assembly into the global assembly cache of this computer, then repeat the command."),
        [E.BindingsInvalid] = (C.InvalidData, "Export the bindings again, or pass another copy of the backup."),
        [E.BindingsMapInvalid] = (C.InvalidArgument, "Correct the map: each entry needs 'from', a text that stands in the kept bindings, and 'to'."),
        [E.PackageInvalid] = (C.InvalidData, "Export the application again with Backup-BizTalkApplication, or pass another copy of the backup."),

        [E.PortalIncomplete] = (C.InvalidResult, "Restore the portal with Restore-BizTalkBamPortal, set the account of its application pool, then test again."),
        [E.WebConfigInvalid] = (C.InvalidData, "Pass another copy of the backup, or set the portal up anew in BizTalk Server Configuration."),

        [E.LabRuntimeMissing] = (C.ObjectNotFound, "Install a .NET runtime, version 8 or later, and see that the command dotnet is on PATH."),
        [E.LabStartFailed] = (C.ResourceUnavailable, "Read what the lab said, choose an empty folder or the folder of a lab that is not running, and start it again."),
        [E.LabNotRunning] = (C.ObjectNotFound, "Pass the object that Start-BizTalkLab returned in this PowerShell; a lab also ends with the PowerShell that started it."),

        [E.StatementFailed] = (C.InvalidOperation, "Read the server's message, remove the cause and repeat the command."),
    };

    /// <summary>Gives the category of an error.</summary>
    public static RecoveryErrorCategory CategoryOf(RecoveryError code) =>
        Entries.TryGetValue(code, out (C Category, string Hint) entry) ? entry.Category : C.NotSpecified;

    /// <summary>Gives the usual next step; empty when the catalogue has none (a test forbids it).</summary>
    public static string HintOf(RecoveryError code) =>
        Entries.TryGetValue(code, out (C Category, string Hint) entry) ? entry.Hint : string.Empty;
}
