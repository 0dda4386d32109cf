Describe 'Import-BizTalkSqlObject' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
        $kept = Join-Path $TestDrive kept
        $null = Export-BizTalkSqlObject $kept -ComputerName $computer @access -WarningAction SilentlyContinue
    }

    It 'makes nothing where nothing is missing, and says so' {
        $steps = @(Import-BizTalkSqlObject $kept -ComputerName $computer -Confirm:$false @access)
        $steps.Step.Id | Should -Be LABSQL1/check, LABSQL2/check
        $steps.State | Select-Object -Unique | Should -Be Done
        $steps[0].Text | Should -BeLike '*as they were kept*'
    }

    It 'does nothing with -WhatIf' {
        Import-BizTalkSqlObject $kept -ComputerName $computer -WhatIf @access | Should -BeNullOrEmpty
    }

    It 'refuses a backup that does not hold it' {
        $null = Backup-BizTalkConfiguration (Join-Path $TestDrive other) -Part Machine -ComputerName $computer @access
        Assert-RecoveryError (Get-RaisedError { Import-BizTalkSqlObject (Join-Path $TestDrive other) -ComputerName $computer -Confirm:$false @access }) PartNotKept ObjectNotFound
    }

    It 'says which instance cannot be reached' {
        Assert-RecoveryError (Get-RaisedError { Import-BizTalkSqlObject $kept -ComputerName $computer -InstanceMap @{ LABSQL1 = '127.0.0.1,1' } -Confirm:$false @access }) InstanceUnreachable ConnectionError
    }
}
