Describe 'Test-BizTalkCertificate' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
        $password = ConvertTo-SecureString 'cAnary-Pfx-2' -AsPlainText -Force
        $kept = Join-Path $TestDrive kept
        $null = Backup-BizTalkCertificate $kept -ComputerName $computer -CertificatePassword $password @access
    }

    It 'passes every check with the password' {
        $checks = Test-BizTalkCertificate $kept -ComputerName $computer -CertificatePassword $password @access
        $checks.Outcome | Select-Object -Unique | Should -Be Passed
        $checks.Check | Sort-Object -Unique | Should -Be AddressBookStore, Expiry, Exportability, File, Kept, KeptFile, Presence, PrivateKey
        Test-BizTalkCertificate $kept -ComputerName $computer -CertificatePassword $password -Quiet @access | Should -BeTrue
    }

    It 'never calls passed what it did not try' {
        $checks = Test-BizTalkCertificate $kept -ComputerName $computer @access | Where-Object Check -eq File
        @($checks | Where-Object Outcome -eq NotChecked).Count | Should -Be 2
        Test-BizTalkCertificate $kept -ComputerName $computer -Quiet @access | Should -BeFalse
    }

    It 'fails where nothing is kept' {
        $failed = @(Test-BizTalkCertificate (Join-Path $TestDrive mistyped) -ComputerName $computer @access | Where-Object Outcome -ne Passed)
        $failed.Error | Should -Be PartNotKept
        $failed.Remedy | Should -BeLike '*Backup-BizTalkCertificate*'
        Test-BizTalkCertificate (Join-Path $TestDrive mistyped) -ComputerName $computer -Quiet @access | Should -BeFalse
    }

    It 'fails for a wrong password, each with the error and the next step' {
        $wrong = ConvertTo-SecureString 'other' -AsPlainText -Force
        $failed = Test-BizTalkCertificate $kept -ComputerName $computer -CertificatePassword $wrong @access | Where-Object Outcome -eq Failed
        $failed.Error | Select-Object -Unique | Should -Be PasswordWrong
        $failed.Remedy | Should -Not -BeNullOrEmpty
    }
}
