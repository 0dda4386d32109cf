@{
    RootModule = 'BizTalkDR.psm1'
    ModuleVersion = '0.1.0'
    GUID = '6a0f0a0c-52b5-4d3b-9c1e-7f3d6f6f0b1d'
    Author = 'The BizTalkDR authors'
    CompanyName = 'BizTalkDR'
    Copyright = '(c) The BizTalkDR authors. MIT License.'
    Description = 'Backs up, verifies and restores a whole Microsoft BizTalk Server group to one transaction mark, and proves it.'
    CompatiblePSEditions = @('Core', 'Desktop')
    PowerShellVersion = '5.1'
    FormatsToProcess = @('BizTalkDR.Format.ps1xml')
    CmdletsToExport = @(
        'Backup-BizTalkApplication'
        'Backup-BizTalkBamPortal'
        'Backup-BizTalkCertificate'
        'Backup-BizTalkConfiguration'
        'Backup-BizTalkEncryptionKey'
        'Backup-BizTalkGroup'
        'Backup-BizTalkMasterSecret'
        'Export-BizTalkSqlObject'
        'Get-BizTalkBackup'
        'Get-BizTalkBackupFile'
        'Get-BizTalkDataLoss'
        'Get-BizTalkGroup'
        'Get-BizTalkRecoveryPoint'
        'Import-BizTalkSqlObject'
        'Move-BizTalkMasterSecretServer'
        'New-BizTalkRestorePlan'
        'Repair-BizTalkRestoredGroup'
        'Restore-BizTalkApplication'
        'Restore-BizTalkBamPortal'
        'Restore-BizTalkCertificate'
        'Restore-BizTalkConfiguration'
        'Restore-BizTalkDatabases'
        'Restore-BizTalkMasterSecret'
        'Start-BizTalkLab'
        'Stop-BizTalkLab'
        'Test-BizTalkBackup'
        'Test-BizTalkCertificate'
        'Test-BizTalkConfiguration'
        'Test-BizTalkEncryptionKey'
        'Test-BizTalkMasterSecret'
        'Test-BizTalkRestorePlan'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('BizTalk', 'SQLServer', 'Backup', 'Restore', 'DisasterRecovery', 'PSEdition_Core')
            ReleaseNotes = 'See CHANGELOG.md'
        }
    }
}
