Describe 'Test-BizTalkRestorePlan' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Destination
        $login = Get-Login $lab
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'copy')
        $file = Join-Path $TestDrive 'plan.json'
        $plan = New-BizTalkRestorePlan $copy $lab.SqlInstance -InstanceMap @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' } -Force -OutFile $file @login
    }

    It 'passes a plan that still holds, as an object and as a file' {
        $results = Test-BizTalkRestorePlan $file @login
        $results | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Restore.PlanTestResult'
        # The two instances are linked by another file's tests, or not yet: that is no reason not to restore.
        $results | Where-Object { $_.Outcome -ne 'Passed' -and $_.Check -ne 'LinkedServer' } | Should -BeNullOrEmpty
        $results | Where-Object Code | Should -BeNullOrEmpty
        $results.Check | ForEach-Object { "$_" } | Sort-Object -Unique | Should -Be ([Enum]::GetNames($results[0].Check.GetType()) | Sort-Object)
        $plan | Test-BizTalkRestorePlan -Quiet @login | Should -BeTrue
    }

    It 'finds each instance under its real name when addresses have changed' {
        Test-BizTalkRestorePlan $file ($lab.SqlInstance[1], $lab.SqlInstance[0]) -Quiet @login | Should -BeTrue
    }

    It 'says what has changed, and what to do' {
        $log = $plan.Members[0].Chain.LastLog.Path
        $kept = "$log.kept"
        Move-Item -LiteralPath $log -Destination $kept
        try {
            $failed = Test-BizTalkRestorePlan $file @login | Where-Object { $_.Outcome -ne 'Passed' -and $_.Check -ne 'LinkedServer' }
            $failed.Subject | Select-Object -Unique | Should -Be $log
            ($failed | Where-Object Check -EQ 'File').Remedy | Should -Not -BeNullOrEmpty
            Test-BizTalkRestorePlan $file -Quiet @login | Should -BeFalse
        }
        finally {
            Move-Item -LiteralPath $kept -Destination $log
        }
    }

    It 'says what at the destination is in the way, and a restore is refused before it asks' {
        $data = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'data')
        $elsewhere = New-BizTalkRestorePlan $copy $lab.SqlInstance -InstanceMap @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' } -DataFolder $data -Force @login
        $elsewhere | Test-BizTalkRestorePlan -Quiet @login | Should -BeTrue
        $place = Join-Path $data "$($elsewhere.Members[0].Database).mdf"
        Set-Content -LiteralPath $place -Value 'in the way'
        $found = $elsewhere | Test-BizTalkRestorePlan @login | Where-Object Code
        $found.Check | Should -Be 'FilePlace'
        $found.Subject | Should -Be $place
        $found | Format-Table | Out-String -Width 120 | Should -Match 'a file of no database'
        Assert-RecoveryError (Get-RaisedError { $elsewhere | Restore-BizTalkDatabases -WhatIf @login -WarningAction SilentlyContinue }) FileInUse ResourceExists
        Get-Content -LiteralPath $place | Should -Be 'in the way'
    }

    It 'refuses a plan that was edited, and what is no plan' {
        $edited = Join-Path $TestDrive 'edited.json'
        (Get-Content -LiteralPath $file -Raw).Replace('OrdersDb_Full', 'OrdersDc_Full') | Set-Content -LiteralPath $edited
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkRestorePlan $edited @login }) PlanInvalid InvalidData
        Set-Content -LiteralPath $edited -Value 'no plan'
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkRestorePlan $edited @login }) PlanInvalid InvalidData
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkRestorePlan (Join-Path $TestDrive 'nowhere.json') @login }) PlanInvalid InvalidData
    }
}
