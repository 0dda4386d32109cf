Describe 'Restore-BizTalkBamPortal' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
        $iis = Join-Path $computer iis.json
        $before = Get-Content $iis -Raw
        $kept = Join-Path $TestDrive kept
        $null = Backup-BizTalkBamPortal $kept -ComputerName $computer @access
        Remove-Item $iis
    }

    AfterAll {
        Set-Content $iis $before -NoNewline
    }

    It 'makes nothing with -WhatIf' {
        Restore-BizTalkBamPortal $kept -ComputerName $computer -WhatIf @access | Should -BeNullOrEmpty
        $iis | Should -Not -Exist
    }

    It 'makes the portal again and stops where people have to type a password' {
        $stopped = Get-RaisedError { Restore-BizTalkBamPortal $kept -ComputerName $computer -Confirm:$false @access }
        Assert-RecoveryError $stopped ManualStepOpen OperationStopped
        $stopped.ErrorDetails.Message | Should -Match 'LAB\\BamPortal'
        $stopped.ErrorDetails.RecommendedAction | Should -BeLike '*-CompletedStep*BamPortal/pool-identity*'
        (Get-Content $iis | ConvertFrom-Json).Applications.Path | Should -Be '/BAM', '/BAM/BAMQueryService', '/BAM/BAMManagementService'
    }

    It 'goes on when that is done, and does not believe it when it is not' {
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkBamPortal $kept -ComputerName $computer -CompletedStep BamPortal/pool-identity -Confirm:$false @access }) StepFailed InvalidResult
        Set-Content $iis $before -NoNewline
        $steps = Restore-BizTalkBamPortal $kept -ComputerName $computer -CompletedStep BamPortal/pool-identity -Confirm:$false @access
        ($steps | Where-Object { $_.Step.Id -eq 'pool-identity' }).State | Should -Be Confirmed
        ($steps | Where-Object { $_.Step.Id -eq 'portal-check' }).State | Should -Be Done
    }

    It 'refuses a computer without a backup' {
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkBamPortal $kept -ComputerName (Get-LabComputer $lab LABBTS2) -Confirm:$false @access }) ComputerManifestMissing ObjectNotFound
    }
}
