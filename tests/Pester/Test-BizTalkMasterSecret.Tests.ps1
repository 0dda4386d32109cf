Describe 'Test-BizTalkMasterSecret' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $path = Join-Path $TestDrive 'kept'
    }

    It 'passes on both computers when the backup holds the current secret' {
        $checks = @($lab.Computer | ForEach-Object { Test-BizTalkMasterSecret $kept -ComputerName $_ })
        $checks | Where-Object Outcome -ne Passed | Should -BeNullOrEmpty
        $checks.Check | Should -Contain 'SecretBackupCurrent'
        Test-BizTalkMasterSecret $kept -ComputerName $lab.Computer[0] -Quiet | Should -BeTrue
    }

    It 'fails without a backup' {
        $failed = Test-BizTalkMasterSecret $path -ComputerName $lab.Computer[0] | Where-Object Outcome -eq Failed
        $failed.Error | Should -Be PartNotKept
        $failed.Remedy | Should -Not -BeNullOrEmpty
        Test-BizTalkMasterSecret $path -ComputerName $lab.Computer[0] -Quiet | Should -BeFalse
    }

    It 'fails when the file changed' {
        Copy-Item -LiteralPath $kept -Destination $path -Recurse
        Get-ChildItem -Path (Join-Path $path 'LABBTS1/master-secret') | ForEach-Object { Add-Content -LiteralPath $_.FullName -Value 'x' }
        (Test-BizTalkMasterSecret $path -ComputerName $lab.Computer[0] | Where-Object Outcome -eq Failed).Error | Should -Be KeptFileChanged
    }

    It 'refuses a damaged manifest' {
        Set-Content -LiteralPath (Join-Path $path 'LABBTS1/computer.biztalkdr.json') -Value '{'
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkMasterSecret $path -ComputerName $lab.Computer[0] }) ComputerManifestInvalid InvalidData
    }
}
