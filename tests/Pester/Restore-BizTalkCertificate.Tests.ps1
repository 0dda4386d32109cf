Describe 'Restore-BizTalkCertificate' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $source = Get-LabComputer $lab LABBTS1
        $computer = Get-LabComputer $lab LABBTS2
        $password = ConvertTo-SecureString 'cAnary-Pfx-3' -AsPlainText -Force
        $kept = Join-Path $TestDrive kept
        $null = Backup-BizTalkCertificate $kept -ComputerName $source -CertificatePassword $password @access
        Remove-Item (Join-Path $computer certificates/CurrentUser) -Recurse
        $journal = Join-Path $TestDrive journal.jsonl
    }

    It 'refuses a wrong password and none, and imports nothing' {
        $wrong = ConvertTo-SecureString 'other' -AsPlainText -Force
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkCertificate $kept -ComputerName $computer -SourceComputer LABBTS1 -CertificatePassword $wrong -Confirm:$false @access }) PasswordWrong AuthenticationError
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkCertificate $kept -ComputerName $computer -SourceComputer LABBTS1 -Confirm:$false @access }) CertificatePasswordMissing InvalidArgument
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkCertificate $kept -ComputerName $computer -CertificatePassword $password -Confirm:$false @access }) ComputerManifestMissing ObjectNotFound
        Join-Path $computer certificates/CurrentUser | Should -Not -Exist
    }

    It 'imports nothing with -WhatIf' {
        Restore-BizTalkCertificate $kept -ComputerName $computer -SourceComputer LABBTS1 -CertificatePassword $password -WhatIf @access | Should -BeNullOrEmpty
        Join-Path $computer certificates/CurrentUser | Should -Not -Exist
    }

    It 'brings back what is missing, and then nothing more' {
        $steps = Restore-BizTalkCertificate $kept -ComputerName $computer -SourceComputer LABBTS1 -CertificatePassword $password -JournalPath $journal -Confirm:$false @access
        $steps.State | Select-Object -Unique | Should -Be Done
        ($steps.Step.Id -like 'import/*').Count | Should -Be 1
        Get-Content $journal | Should -Not -Match 'cAnary'
        (Restore-BizTalkCertificate $kept -ComputerName $computer -SourceComputer LABBTS1 -CertificatePassword $password -Confirm:$false @access).Step.Id | Should -Be bind-check
    }
}
