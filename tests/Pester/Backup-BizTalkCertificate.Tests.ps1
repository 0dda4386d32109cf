Describe 'Backup-BizTalkCertificate' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
        $password = ConvertTo-SecureString 'cAnary-Pfx-1' -AsPlainText -Force
    }

    It 'keeps what the group uses, with its keys, and the password nowhere' {
        $text = Backup-BizTalkCertificate (Join-Path $TestDrive kept) -ComputerName $computer -CertificatePassword $password @access -Verbose 4>&1 6>&1 3>&1 | Tee-Object -Variable result | Out-String
        $backup = $result | Where-Object { $_.GetType().Name -eq 'PartBackup' }
        $backup.Part | Should -Be Certificate
        $backup.Manifest.LeftOut | Should -BeNullOrEmpty
        @($backup.Manifest.Files.Name -like '*.pfx').Count | Should -Be 2
        $text | Should -Not -Match 'cAnary'
        Get-ChildItem (Join-Path $TestDrive kept) -Recurse -File | Select-String -SimpleMatch 'cAnary-Pfx-1' | Should -BeNullOrEmpty
    }

    It 'keeps no private key without protection, and says so' {
        $backup = Backup-BizTalkCertificate (Join-Path $TestDrive bare) -ComputerName $computer @access -WarningVariable said -WarningAction SilentlyContinue
        $said.Count | Should -Be 2
        $backup.Manifest.Files.Name | Should -Not -BeLike '*.pfx'
        $backup.Manifest.LeftOut.Count | Should -Be 2
    }

    It 'keeps nothing with -WhatIf' {
        Backup-BizTalkCertificate (Join-Path $TestDrive none) -ComputerName $computer -CertificatePassword $password -WhatIf @access | Should -BeNullOrEmpty
        Join-Path $TestDrive none | Should -Not -Exist
    }

    It 'refuses a recipient that is no certificate' {
        $file = Join-Path $TestDrive note.cer
        Set-Content $file 'no certificate'
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkCertificate (Join-Path $TestDrive none) -ComputerName $computer -RecipientCertificate $file @access }) CertificateFileInvalid InvalidData
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkCertificate (Join-Path $TestDrive none) -ComputerName $computer -RecipientCertificate "$file.nowhere" @access }) CertificateFileInvalid InvalidData
    }
}
