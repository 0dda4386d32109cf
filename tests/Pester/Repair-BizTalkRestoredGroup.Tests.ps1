Describe 'Repair-BizTalkRestoredGroup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
    }

    It 'finds nothing out of order with the members of a group that was never restored' {
        $results = Repair-BizTalkRestoredGroup $lab.SqlInstance -WhatIf @login
        ($results | Where-Object Check -in 'State', 'RecoveryModel', 'Users', 'Owner', 'BackupRole', 'Reference', 'LinkedServer').Outcome | Select-Object -Unique | Should -Be 'Passed'
        ($results | Where-Object Check -eq 'Computers').Outcome | Should -Be 'NotChecked'
        ($results | Where-Object Outcome -ne 'Passed').Remedy | Should -Not -BeNullOrEmpty
    }

    It 'mends nothing with -WhatIf, and what may be mended without' {
        $schedule = { param($With) (Repair-BizTalkRestoredGroup $lab.SqlInstance @With @login | Where-Object Subject -Like '*: schedule').Outcome }
        & $schedule @{ WhatIf = $true } | Should -Be 'Failed'
        & $schedule @{ WhatIf = $true } | Should -Be 'Failed'
        try {
            & $schedule @{ BackupPath = $lab.BackupFolder; Confirm = $false } | Should -Be 'Repaired'
            & $schedule @{ WhatIf = $true } | Should -Be 'Passed'
        }
        finally {
            $null = Invoke-LabQuery $lab 0 "EXEC dbo.sp_update_job @job_name = N'Backup BizTalk Server (BizTalkMgmtDb)', @enabled = 0" msdb
        }
    }

    It 'shows outcome, check, subject, reason and next step' {
        $text = Repair-BizTalkRestoredGroup $lab.SqlInstance -WhatIf @login | Out-String -Width 200
        $text | Should -Match 'Outcome\s+Check\s+Subject\s+Reason and next step'
    }

    It 'refuses a database that is no Management database, and a folder that would be cut' {
        Assert-RecoveryError (Get-RaisedError { Repair-BizTalkRestoredGroup $lab.SqlInstance -ManagementDatabase SSODB -WhatIf @login }) NotAManagementDatabase ObjectNotFound
        Assert-RecoveryError (Get-RaisedError { Repair-BizTalkRestoredGroup $lab.SqlInstance -BackupPath ('/' + 'x' * 128) -WhatIf @login }) DestinationTooLong InvalidArgument
    }
}
