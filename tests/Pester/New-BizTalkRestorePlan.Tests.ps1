Describe 'New-BizTalkRestorePlan' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Destination
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
        $before = @(Get-BizTalkBackup $lab.SqlInstance $folder @login)
        $map = @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' }
        $databases = @(Get-LabDatabase $lab)
    }

    It 'gives one plan that reads as its steps, and touches nothing' {
        $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force @login
        @($plan).Count | Should -Be 1
        $plan.GetType().FullName | Should -Be 'BizTalkDR.Restore.RestorePlan'
        $plan.Mark | Should -Be $before[0].Mark
        "$plan" | Should -Match 'Restore the full backup'
        "$plan" | Should -Match 'open all to users last'
        @(Get-LabDatabase $lab) | Should -Be $databases
    }

    It 'plans nothing about availability groups where no database is in one, and refuses a replica that is not there' {
        $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -RemoveFromAvailabilityGroup -SeedFolder /seed -ReplicaInstance $lab.SqlInstance[0] @login
        "$plan" | Should -Not -Match 'availability group'
        $raised = Get-RaisedError { New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -RemoveFromAvailabilityGroup -ReplicaInstance '127.0.0.1,1' @login }
        Assert-RecoveryError $raised InstanceUnreachable ConnectionError
    }

    It 'places data and log files in the folders it is told' {
        $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -DataFolder '/dr data' -LogFolder "/dr's logs" @login
        $files = @($plan.Members.Steps.Statement.Moves.PhysicalName)
        $files.Count | Should -BeGreaterOrEqual (2 * @($plan.Members).Count)
        @($files | Where-Object { $_ -like '*.ldf' -and -not $_.StartsWith("/dr's logs/") }) | Should -BeNullOrEmpty
        @($files | Where-Object { $_ -notlike '*.ldf' -and -not $_.StartsWith('/dr data/') }) | Should -BeNullOrEmpty
    }

    It 'maps a folder of the source before any other rule' {
        $files = @((New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -FolderMap @{ '/' = '/mapped' } -DataFolder '/dr data' @login).Members.Steps.Statement.Moves.PhysicalName)
        @($files | Where-Object { -not $_.StartsWith('/mapped/') }) | Should -BeNullOrEmpty
    }

    It 'keeps how many members are restored at once on an instance and on a volume' {
        $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -ThrottleLimit 2 -VolumeThrottleLimit 1 @login
        "$plan" | Should -Match 'at once, longest first: 2 on an instance, 1 on a volume\n'
        $plan.Members | ForEach-Object { $_.Volumes.Count | Should -BeGreaterThan 0 }
        $work = @($plan.Members.WorkBytes)
        $work | Should -Be ($work | Sort-Object -Descending)
        { New-BizTalkRestorePlan $folder $lab.SqlInstance -ThrottleLimit 0 @login } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }

    It 'takes the newest mark before a time and says what is lost, and the latest or none' {
        $marks = @(Get-BizTalkRecoveryPoint $folder)
        $parameters = @{ Path = $folder; Destination = $lab.SqlInstance; InstanceMap = $map; Force = $true } + $login
        (New-BizTalkRestorePlan @parameters -Latest).Mark | Should -Be $marks[0].Mark
        $plan = New-BizTalkRestorePlan @parameters -Before $marks[0].MarkTimeUtc -WarningVariable warnings -WarningAction SilentlyContinue
        $plan.Mark | Should -Be $marks[1].Mark
        $warnings | Where-Object { "$_" -match 'is lost, at least' } | Should -HaveCount 1
        (New-BizTalkRestorePlan @parameters -Before $marks[0].MarkTimeUtc.ToLocalTime() -WarningAction SilentlyContinue).Mark | Should -Be $marks[1].Mark
    }

    It 'asks living instances what they remember, and warns of what no file holds' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'remembered')
        $newest = $before[0].Mark
        # One login for all: the history of the other lab cannot be read with that of this one.
        $source = Get-PracticeLab
        Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan $copy $lab.SqlInstance -InstanceMap $map -Force -HistoryInstance $source.SqlInstance @login }) LoginFailed AuthenticationError
        $there = Get-Login $source
        # Other tests back the same lab up to other folders: what counts is that one more is missing.
        $missing = {
            $text = ($args[0].Findings | Where-Object { $_.Subject -like 'OrdersDb*' -and $_.Text -like 'msdb of LABSQL2 knows a Log backup that no file here holds*' }).Text
            if (-not $text) { 0 } elseif ($text -match ', and (\d+) more') { 1 + $Matches[1] } else { 1 }
        }
        $whole = New-BizTalkRestorePlan $copy $source.SqlInstance -Force -HistoryInstance $source.SqlInstance @there -WarningAction SilentlyContinue
        $whole.Mark | Should -Be $newest
        Remove-Item -Path (Join-Path $copy "*OrdersDb_Log_$newest.bak")
        $plan = New-BizTalkRestorePlan $copy $source.SqlInstance -Force -HistoryInstance $source.SqlInstance @there -WarningVariable said -WarningAction SilentlyContinue
        $plan.Mark | Should -Be $before[1].Mark
        & $missing $plan | Should -Be (1 + (& $missing $whole))
        "$said" | Should -BeLike '*OrdersDb from LABSQL2: msdb of LABSQL2 knows a Log backup that no file here holds*'
        "$plan" | Should -BeLike '*OrdersDb*no file here holds*'
    }

    It 'writes the plan as JSON without a login' {
        $file = Join-Path $TestDrive 'plan.json'
        $null = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -OutFile $file @login
        $json = Get-Content -LiteralPath $file -Raw
        ($json | ConvertFrom-Json).schemaVersion | Should -Be 5
        $json | Should -Not -Match ([regex]::Escape($lab.SqlCredential.GetNetworkCredential().Password))
        $json | Should -Not -Match '"login"'
    }

    It 'writes nothing with -WhatIf' {
        $file = Join-Path $TestDrive 'whatif.json'
        $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -OutFile $file -WhatIf @login
        $plan.Mark | Should -Be $before[0].Mark
        Test-Path -LiteralPath $file | Should -BeFalse
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a folder the server cannot see'; Id = 'FolderNotVisibleToServer'; Category = 'OpenError'; Given = @{ Path = '/no/such/folder' } }
        @{ Case = 'a mark nobody has set'; Id = 'LogMarkNotFound'; Category = 'ObjectNotFound'; Given = @{ Mark = 'BTS_2001_01_01_00_00_00_000' } }
        @{ Case = 'a time before every mark'; Id = 'LogMarkNotFound'; Category = 'ObjectNotFound'; Given = @{ Before = [datetime]'2001-01-01' } }
        @{ Case = 'two ways to name a point'; Id = 'PointAmbiguous'; Category = 'InvalidArgument'; Given = @{ Before = [datetime]'2101-01-01'; Latest = $true } }
        @{ Case = 'a file it cannot write'; Id = 'PlanNotWritable'; Category = 'WriteError'; Given = @{ OutFile = '/no/such/folder/plan.json' } }
    ) {
        $parameters = @{ Path = $folder; Destination = $lab.SqlInstance; InstanceMap = $map; Force = $true } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan @parameters }) $Id $Category
    }
}
