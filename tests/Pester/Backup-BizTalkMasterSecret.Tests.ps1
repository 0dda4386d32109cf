Describe 'Backup-BizTalkMasterSecret' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $path = Join-Path $TestDrive 'kept'
    }

    It 'asks only with -WhatIf' {
        Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName $lab.Computer[0] -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $path | Should -BeFalse
    }

    It 'keeps the secret of the master secret server, for its owner alone' {
        $backup = Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName $lab.Computer[0]
        $backup.PSObject.TypeNames[0] | Should -Be 'BizTalkDR.Configuration.PartBackup'
        $backup.Computer | Should -Be 'LABBTS1'
        $file = Join-Path $backup.Path $backup.Manifest.Files[0].Name
        (Get-FileHash -LiteralPath $file).Hash | Should -Be $backup.Manifest.Files[0].Sha256
        if ($IsLinux) { (Get-Item -LiteralPath $file).UnixMode | Should -Be '-rw-------' }
    }

    It 'refuses a computer that has no secret' {
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName $lab.Computer[1] }) NotTheSecretServer InvalidOperation
    }

    It 'refuses the computer''s own disk' {
        $own = Join-Path $lab.Computer[0] 'files/C/kept'
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $own (Get-SecretPassword) -ComputerName $lab.Computer[0] }) SecretOnlyOnItsComputer InvalidArgument
        Test-Path -LiteralPath $own | Should -BeFalse
    }

    It 'refuses an empty password' {
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $path ([securestring]::new()) -ComputerName $lab.Computer[0] }) SecretPasswordMissing InvalidArgument
    }

    It 'says that a computer cannot be opened' {
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName (Join-Path $TestDrive 'nothing') }) ComputerUnreachable ConnectionError
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName NOSUCH }) ComputerUnreachable ConnectionError
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkMasterSecret $path (Get-SecretPassword) -WhatIf }) ComputerUnreachable ConnectionError
    }
}
