Describe 'Backup-BizTalkEncryptionKey' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        $password = ConvertTo-SecureString "cAnary-Key's-1" -AsPlainText -Force
        $group = Get-BizTalkGroup $lab.SqlInstance @login
        $member = $group.Members | Where-Object { "$($_.Role)" -eq 'RuleEngine' }
        $at = [array]::IndexOf([string[]] $lab.ServerName, $member.Server)
        $folder = Join-Path $lab.BackupFolder 'keys'
        $null = New-Item -ItemType Directory -Path $folder -Force
    }

    AfterAll {
        $null = Invoke-LabQuery $lab $at 'DROP DATABASE ENCRYPTION KEY; SELECT 1' $member.Database
        $null = Invoke-LabQuery $lab $at 'DROP CERTIFICATE Vault; DROP MASTER KEY; SELECT 1'
        Remove-Item -LiteralPath $folder -Recurse
    }

    It 'says when nothing is encrypted' {
        Backup-BizTalkEncryptionKey $lab.SqlInstance $folder -Password $password @login -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$said" | Should -Match 'nothing to back up'
        Test-BizTalkEncryptionKey $lab.SqlInstance $folder -Quiet @login | Should -BeTrue
    }

    It 'keeps what a member is encrypted with, and the password nowhere' {
        $null = Invoke-LabQuery $lab $at "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Master-1!'; CREATE CERTIFICATE Vault WITH SUBJECT = 'vault'; SELECT 1"
        $null = Invoke-LabQuery $lab $at 'CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE Vault; SELECT 1' $member.Database
        Backup-BizTalkEncryptionKey $lab.SqlInstance $folder -Password $password -WhatIf @login | Should -BeNullOrEmpty
        Test-BizTalkEncryptionKey $lab.SqlInstance $folder -Quiet @login | Should -BeFalse
        $text = Backup-BizTalkEncryptionKey $lab.SqlInstance $folder -Password $password @login -Verbose -Debug *>&1 | Tee-Object -Variable result | Out-String
        $kept = $result | Where-Object { $_.GetType().Name -eq 'EncryptionKeyBackupResult' }
        $kept.Certificate | Should -Be Vault
        $kept.IsConfirmed | Should -BeTrue
        $text | Should -Not -Match 'cAnary'
        Get-ChildItem $folder -File | Select-String -SimpleMatch 'cAnary' | Should -BeNullOrEmpty
        Test-BizTalkEncryptionKey $lab.SqlInstance $folder -Quiet @login | Should -BeTrue
    }

    It 'names what cannot be written' {
        $null = Backup-BizTalkEncryptionKey $lab.SqlInstance (Join-Path $folder 'nowhere') -Password $password @login -ErrorVariable failed -ErrorAction SilentlyContinue
        Assert-RecoveryError $failed[0] EncryptionKeyNotKept InvalidResult
        "$failed" | Should -Match '15240'
    }
}
