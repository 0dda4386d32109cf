Describe 'Restore-BizTalkDatabases -RemoveFromAvailabilityGroup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Replicas
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
        $seed = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'seed')).FullName
        $to = @{ InstanceMap = @{ LABSQL1 = 'AGSQL1'; LABSQL2 = 'AGSQL1' }; Force = $true; WarningAction = 'SilentlyContinue' } + $login
        $null = Restore-BizTalkDatabases $folder $lab.SqlInstance[0] -Confirm:$false @to

        # SSODB and OrdersDb with a copy on the other instance: one group seeds by itself, the other by a backup.
        $replicas = { param($seeding) 'AGSQL1', 'AGSQL2' | ForEach-Object { "N'$_' WITH (ENDPOINT_URL = N'TCP://${_}:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = $seeding)" } | Join-String -Separator ', ' }
        foreach ($group in @{ Name = 'AG 1'; Database = 'SSODB'; Seeding = 'AUTOMATIC' }, @{ Name = 'AG 2'; Database = 'OrdersDb'; Seeding = 'MANUAL' }) {
            $backup = Join-Path $TestDrive "$($group.Database).bak"
            Invoke-LabQuery $lab 0 "BACKUP DATABASE $($group.Database) TO DISK = N'$backup'; CREATE AVAILABILITY GROUP [$($group.Name)] FOR DATABASE $($group.Database) REPLICA ON $(& $replicas $group.Seeding); SELECT 1" | Should -Be 1
            Invoke-LabQuery $lab 1 "ALTER AVAILABILITY GROUP [$($group.Name)] JOIN; SELECT 1" | Should -Be 1
        }

        $moves = Invoke-LabQuery $lab 0 "SELECT name FROM sys.master_files WHERE database_id = DB_ID(N'OrdersDb')" | ForEach-Object { "MOVE N'$_' TO N'$(Join-Path $TestDrive "copy-$_")'" } | Join-String -Separator ', '
        Invoke-LabQuery $lab 1 "ALTER AVAILABILITY GROUP [AG 1] GRANT CREATE ANY DATABASE; RESTORE DATABASE OrdersDb FROM DISK = N'$(Join-Path $TestDrive 'OrdersDb.bak')' WITH NORECOVERY, $moves; ALTER DATABASE OrdersDb SET HADR AVAILABILITY GROUP = [AG 2]; SELECT 1" | Should -Be 1

        function Get-GroupState {
            Invoke-LabQuery $lab 0 "SELECT g.name + N'|' + c.database_name + N'|' + r.replica_server_name + N'|' + ISNULL(x.synchronization_state_desc, N'') FROM sys.availability_groups AS g JOIN sys.availability_databases_cluster AS c ON c.group_id = g.group_id JOIN sys.availability_replicas AS r ON r.group_id = g.group_id LEFT JOIN sys.dm_hadr_database_replica_states AS x ON x.replica_id = r.replica_id AND x.group_database_id = c.group_database_id ORDER BY c.database_name, r.replica_server_name"
        }

        $whole = 'AG 2|OrdersDb|AGSQL1|SYNCHRONIZED', 'AG 2|OrdersDb|AGSQL2|SYNCHRONIZED', 'AG 1|SSODB|AGSQL1|SYNCHRONIZED', 'AG 1|SSODB|AGSQL2|SYNCHRONIZED'
        Get-GroupState | Should -Be $whole
        $leave = @{ RemoveFromAvailabilityGroup = $true; SeedFolder = $seed; ReplicaInstance = $lab.SqlInstance[1] } + $to
        $databases = @(Get-LabDatabase $lab)
        $restores = { Invoke-LabQuery $lab 0 'SELECT COUNT(*) FROM msdb.dbo.restorehistory' }
    }

    It 'is refused without the switch, and says that there is one' {
        $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance[0] -Confirm:$false @to }
        Assert-RecoveryError $raised MemberInAvailabilityGroup InvalidOperation
        $raised.ErrorDetails.RecommendedAction | Should -Match '-RemoveFromAvailabilityGroup'
    }

    It 'shows in the plan how each member leaves and comes back' {
        $text = "$(New-BizTalkRestorePlan $folder $lab.SqlInstance[0] @leave)"
        $text | Should -Match "before all: take OrdersDb out of the availability group 'AG 2'"
        $text | Should -Match 'after that: on AGSQL2: restore both backups WITH NORECOVERY and join OrdersDb to the group'
        $text | Should -Match 'after that: on AGSQL2: let the group create databases; it seeds SSODB by itself'
    }

    It 'tests the rights on each replica and the folder of the seeding backups' {
        $results = New-BizTalkRestorePlan $folder $lab.SqlInstance[0] @leave | Test-BizTalkRestorePlan -ReplicaInstance $lab.SqlInstance[1] @login
        $results.Outcome | Should -Not -Contain 'Failed'
        $rights = @($results | Where-Object { $_.Check -eq 'Permission' -and $_.Subject -like "'AG*" })
        $rights.Subject | Sort-Object -Unique | Should -Be "'AG 1' on AGSQL1", "'AG 1' on AGSQL2", "'AG 2' on AGSQL1", "'AG 2' on AGSQL2"
        $rights.Reason | Should -Contain 'the login may drop the old copy of SSODB (ALTER ANY DATABASE)'
        @($results | Where-Object { $_.Check -eq 'AvailabilityGroup' -and $_.Reason -like "*$seed*" }).Count | Should -Be 3
    }

    It 'changes nothing with -WhatIf' {
        $before = & $restores
        $null = Restore-BizTalkDatabases $folder $lab.SqlInstance[0] -WhatIf @leave
        Get-GroupState | Should -Be $whole
        & $restores | Should -Be $before
        Get-ChildItem -LiteralPath $seed | Should -BeNullOrEmpty
    }

    It 'refuses a login that lacks a right on a replica before anything is touched, also with -WhatIf' {
        Invoke-LabQuery $lab 0 "CREATE LOGIN operator WITH PASSWORD = N'Practice-1'; ALTER SERVER ROLE sysadmin ADD MEMBER operator; SELECT 1" | Should -Be 1
        Invoke-LabQuery $lab 1 "CREATE LOGIN operator WITH PASSWORD = N'Practice-1'; ALTER SERVER ROLE dbcreator ADD MEMBER operator; GRANT VIEW SERVER STATE TO operator; GRANT VIEW ANY DEFINITION TO operator; SELECT 1" | Should -Be 1
        $weak = $leave.Clone()
        $weak.SqlCredential = [pscredential]::new('operator', (ConvertTo-SecureString 'Practice-1' -AsPlainText -Force))
        $before = & $restores
        foreach ($how in @{ WhatIf = $true }, @{ Confirm = $false }) {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance[0] @how @weak }
            Assert-RecoveryError $raised PermissionDenied PermissionDenied
            "$($raised.TargetObject)" | Should -Be "'AG 1' on AGSQL2"
            $raised.ErrorDetails.RecommendedAction | Should -Match ([regex]::Escape('On AGSQL2: GRANT ALTER ON AVAILABILITY GROUP::[AG 1] TO the login'))
        }

        Get-GroupState | Should -Be $whole
        & $restores | Should -Be $before
    }

    It 'restores the members and leaves both groups whole' {
        $before = & $restores
        $result = Restore-BizTalkDatabases $folder $lab.SqlInstance[0] -JournalPath (Join-Path $TestDrive 'group.jsonl') -Confirm:$false @leave
        $result.IsSuccess | Should -BeTrue
        Get-GroupState | Should -Be $whole
        @(Get-LabDatabase $lab) | Should -Be $databases
        & $restores | Should -BeGreaterThan $before
        @(Get-ChildItem -LiteralPath $seed -Filter '*_Seed_*').Count | Should -Be 4
        $lines = Get-Content -LiteralPath (Join-Path $TestDrive 'group.jsonl') | ConvertFrom-Json | Where-Object event -EQ 'availability-joined'
        $lines.member | Sort-Object | Should -Be 'OrdersDb', 'SSODB'
    }

    AfterAll {
        foreach ($group in 'AG 1', 'AG 2') { Invoke-LabQuery $lab 0 "DROP AVAILABILITY GROUP [$group]; SELECT 1" }
        Invoke-LabQuery $lab 1 'DROP DATABASE SSODB; DROP DATABASE OrdersDb; DROP LOGIN operator; SELECT 1'
    }
}
