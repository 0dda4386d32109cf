Describe 'Move-BizTalkMasterSecretServer' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $path = Join-Path $TestDrive 'kept'
    }

    It 'changes nothing with -WhatIf' {
        Move-BizTalkMasterSecretServer $kept (Get-SecretPassword) -ComputerName $lab.Computer[1] -SourceComputer LABBTS1 -WhatIf | Should -BeNullOrEmpty
        & (Join-Path $lab.Computer[0] 'tools/ssomanage') -displayDB | Out-String | Should -BeLike '*secret server name*LABBTS1*'
    }

    It 'moves the role, and leaves the other servers to the operator' {
        $steps = [System.Collections.Generic.List[object]]::new()
        $raised = Get-RaisedError { Move-BizTalkMasterSecretServer $kept (Get-SecretPassword) -ComputerName $lab.Computer[1] -SourceComputer LABBTS1 -Confirm:$false | ForEach-Object { $steps.Add($_) } }
        Assert-RecoveryError $raised ManualStepOpen OperationStopped
        $steps.State | Should -Be NotNeeded, Done, Done, Done, Done, Manual
        & (Join-Path $lab.Computer[0] 'tools/ssomanage') -displayDB | Out-String | Should -BeLike '*secret server name*LABBTS2*'
    }

    It 'moves it back, and ends when the operator says that the rest is done' {
        $steps = Move-BizTalkMasterSecretServer $kept (Get-SecretPassword) -ComputerName $lab.Computer[0] -CompletedStep MasterSecret/others -Confirm:$false
        $steps[-1].State | Should -Be Confirmed
        & (Join-Path $lab.Computer[1] 'tools/ssomanage') -displayDB | Out-String | Should -BeLike '*secret server name*LABBTS1*'
    }
}
