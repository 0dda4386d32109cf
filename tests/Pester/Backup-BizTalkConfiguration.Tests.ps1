Describe 'Backup-BizTalkConfiguration' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $path = Join-Path $TestDrive 'kept'
    }

    It 'backs up what each computer has and says what it has not' {
        $backups = @($lab.Computer | Backup-BizTalkConfiguration $path -Part MasterSecret -SecretPassword (Get-SecretPassword))
        $backups.Computer | Should -Be LABBTS1, LABBTS2
        $backups[0].Manifest.Files.Count | Should -Be 1
        $backups[1].Skipped | Should -BeLike '*LABBTS1*'
        Join-Path $path 'LABBTS1/computer.biztalkdr.json' | Should -Exist
    }

    It 'reports a part that fails and keeps its older backup' {
        $null = Backup-BizTalkConfiguration $path -Part MasterSecret -ComputerName $lab.Computer[0] -ErrorVariable failed -ErrorAction SilentlyContinue
        Assert-RecoveryError $failed[0] SecretPasswordMissing InvalidArgument
        (Get-Content -Raw (Join-Path $path 'LABBTS1/computer.biztalkdr.json') | ConvertFrom-Json).parts.Count | Should -Be 1
    }

    It 'keeps configuration and machine, and says what only you can keep' {
        $access = Get-GroupAccess $lab
        $backups = @(Backup-BizTalkConfiguration $path -Part Configuration, Machine -ComputerName $lab.Computer[1] @access -WarningVariable warned -WarningAction SilentlyContinue)
        $backups.Part | Should -Be Machine, Configuration
        $warned -join ' ' | Should -BeLike '*LAB\SsoService, LAB\BizTalkHost*'
        @(Test-BizTalkConfiguration $path -Part Configuration, Machine -ComputerName $lab.Computer[1] @access | Where-Object Outcome -ne Passed) | Should -BeNullOrEmpty
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkConfiguration $path -Part Configuration -ComputerName $lab.Computer[1] -Confirm:$false @access }) ConfigurationPasswordMissing InvalidArgument
        $accounts = 'SsoService', 'BizTalkHost', 'RuleEngine' | ForEach-Object { [pscredential]::new("LAB\$_", $lab.SqlCredential.Password) }
        $steps = Restore-BizTalkConfiguration $path -Part Configuration, Machine -ComputerName $lab.Computer[1] -ServiceCredential $accounts -Confirm:$false @access
        $steps.State | Select-Object -Unique | Sort-Object | Should -Be Done, NotNeeded
    }

    It 'says also with -WhatIf that a computer cannot be opened' {
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkConfiguration $path -WhatIf }) ComputerUnreachable ConnectionError
    }

    It 'writes nothing with -WhatIf' {
        Backup-BizTalkConfiguration (Join-Path $TestDrive 'none') -ComputerName $lab.Computer[0] -WhatIf | Should -BeNullOrEmpty
        Join-Path $TestDrive 'none' | Should -Not -Exist
    }
}
