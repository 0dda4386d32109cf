Describe 'Test-BizTalkEncryptionKey' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        $member = (Get-BizTalkGroup $lab.SqlInstance @login).Members | Where-Object { "$($_.Role)" -eq 'RuleEngine' }
        $at = [array]::IndexOf([string[]] $lab.ServerName, $member.Server)
        $null = Invoke-LabQuery $lab $at "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Master-1!'; CREATE CERTIFICATE Vault WITH SUBJECT = 'vault'; SELECT 1"
        $null = Invoke-LabQuery $lab $at 'CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE Vault; SELECT 1' $member.Database
    }

    AfterAll {
        $null = Invoke-LabQuery $lab $at 'DROP DATABASE ENCRYPTION KEY; SELECT 1' $member.Database
        $null = Invoke-LabQuery $lab $at 'DROP CERTIFICATE Vault; DROP MASTER KEY; SELECT 1'
    }

    It 'says that a certificate is not kept, with what depends on it' {
        $check = Test-BizTalkEncryptionKey $lab.SqlInstance "$TestDrive" @login
        $check.Check | Should -Be Kept
        $check.Outcome | Should -Be Failed
        $check.Error | Should -Be EncryptionKeyNotKept
        $check.Text | Should -Match $member.Database
    }

    It 'does not say that what nobody sees is kept' {
        (Test-BizTalkEncryptionKey $lab.SqlInstance (Join-Path $TestDrive 'nowhere') @login).Outcome | Should -Be NotChecked
        Test-BizTalkEncryptionKey $lab.SqlInstance (Join-Path $TestDrive 'nowhere') -Quiet @login | Should -BeFalse
    }

    It 'refuses what is no Management database' {
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkEncryptionKey $lab.SqlInstance "$TestDrive" -ManagementDatabase master @login }) NotAManagementDatabase ObjectNotFound
    }
}
