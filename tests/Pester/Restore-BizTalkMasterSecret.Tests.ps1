Describe 'Restore-BizTalkMasterSecret' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $path = Join-Path $TestDrive 'kept'
    }

    It 'shows the steps and does none with -WhatIf' {
        $before = Get-Content -Raw (Join-Path $lab.Computer[0] 'registry.json')
        Restore-BizTalkMasterSecret $kept (Get-SecretPassword) -ComputerName $lab.Computer[0] -WhatIf | Should -BeNullOrEmpty
        Get-Content -Raw (Join-Path $lab.Computer[0] 'registry.json') | Should -Be $before
    }

    It 'leaves a computer as it is that holds the secrets already' {
        $steps = Restore-BizTalkMasterSecret $kept (Get-SecretPassword) -ComputerName $lab.Computer[0] -Confirm:$false -JournalPath (Join-Path $TestDrive 'journal.jsonl')
        $steps.State | Should -Be NotNeeded, NotNeeded, Done
        $steps[0].PSObject.TypeNames[0] | Should -Be 'BizTalkDR.Configuration.PartStepResult'
        Get-Content -LiteralPath (Join-Path $TestDrive 'journal.jsonl') | Select-Object -Last 1 | Should -BeLike '*computer-done*'
    }

    It 'refuses a computer that is not the master secret server' {
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkMasterSecret $kept (Get-SecretPassword) -ComputerName $lab.Computer[1] -SourceComputer LABBTS1 -Confirm:$false }) NotTheSecretServer InvalidOperation
    }

    It 'names the computers that a folder holds' {
        $raised = Get-RaisedError { Restore-BizTalkMasterSecret $kept (Get-SecretPassword) -ComputerName $lab.Computer[1] -Confirm:$false }
        Assert-RecoveryError $raised ComputerManifestMissing ObjectNotFound
        $raised.ErrorDetails.Message | Should -BeLike '*LABBTS1*'
    }
}
