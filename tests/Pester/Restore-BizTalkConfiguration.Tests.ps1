Describe 'Restore-BizTalkConfiguration' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $path = Join-Path $TestDrive 'kept'
    }

    It 'stops at what only people can do, and goes on from its journal' {
        $journal = Join-Path $TestDrive 'computer-1.jsonl'
        $options = @{ ComputerName = $lab.Computer[1]; SourceComputer = 'LABBTS1'; Part = 'MasterSecret'; SecretPassword = Get-SecretPassword; MoveSecretServer = $true; JournalPath = $journal; Confirm = $false }
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkConfiguration $kept @options }) ManualStepOpen OperationStopped
        $steps = Restore-BizTalkConfiguration $kept @options -Resume -CompletedStep MasterSecret/others
        $steps.State | Should -Be NotNeeded, NotNeeded, NotNeeded, NotNeeded, Done, Confirmed
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkConfiguration $kept @options -Resume }) NothingToResume InvalidOperation
    }

    It 'shows the steps with -WhatIf' {
        Restore-BizTalkConfiguration $kept -ComputerName $lab.Computer[0] -SecretPassword (Get-SecretPassword) -MoveSecretServer -WhatIf | Should -BeNullOrEmpty
    }

    It 'brings the role back' {
        $null = Restore-BizTalkConfiguration $kept -ComputerName $lab.Computer[0] -SecretPassword (Get-SecretPassword) -MoveSecretServer -CompletedStep MasterSecret/others -Confirm:$false
        Test-BizTalkMasterSecret $kept -ComputerName $lab.Computer[0] -Quiet | Should -BeTrue
    }

    It 'refuses a part that is not kept' {
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkConfiguration $path -ComputerName $lab.Computer[0] -Confirm:$false }) ComputerManifestMissing ObjectNotFound
    }
}
