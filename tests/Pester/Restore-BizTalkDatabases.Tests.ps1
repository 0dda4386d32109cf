Describe 'Restore-BizTalkDatabases' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Destination
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
        $newest = (Get-BizTalkBackup $lab.SqlInstance $folder @login)[0].Mark
        $members = 'BizTalkMgmtDb', 'BizTalkMsgBoxDb', 'BizTalkRuleEngineDb', 'SSODB', 'BAMPrimaryImport', 'BizTalkDTADb', 'BizTalkMsgBoxDb2', 'OrdersDb'
    }

    Context 'while the destination is empty' {
        It 'says what it would do and changes nothing with -WhatIf' {
            $before = @(Get-LabDatabase $lab)
            $journal = Join-Path $TestDrive 'whatif.jsonl'
            $said = Restore-BizTalkDatabases $folder $lab.SqlInstance -WhatIf -Verbose -JournalPath $journal @login 4>&1
            $said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] -and $_.Message -match [regex]::Escape($newest) } | Should -Not -BeNullOrEmpty
            $said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] } | Should -BeNullOrEmpty
            @(Get-LabDatabase $lab) | Should -Be $before
            $before.Count | Should -Be 0
            Test-Path -LiteralPath $journal | Should -BeFalse
        }

        It 'refuses <Case>' -ForEach @(
            @{ Case = 'a folder the server cannot see'; Id = 'FolderNotVisibleToServer'; Category = 'OpenError'; Given = @{ Path = '/no/such/folder' } }
            @{ Case = 'a mark nobody has set'; Id = 'LogMarkNotFound'; Category = 'ObjectNotFound'; Given = @{ Mark = 'BTS_2001_01_01_00_00_00_000' } }
            @{ Case = 'a map that names an instance which is no destination'; Id = 'InstanceMapIncomplete'; Category = 'InvalidArgument'; Given = @{ InstanceMap = @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'ELSEWHERE' } } }
            @{ Case = 'a map that leaves a source out'; Id = 'InstanceMapIncomplete'; Category = 'InvalidArgument'; Given = @{ InstanceMap = @{ LABSQL1 = 'DRSQL1' } } }
            @{ Case = 'a wrong login'; Id = 'LoginFailed'; Category = 'AuthenticationError'; Given = @{ SqlCredential = [pscredential]::new('sa', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)) } }
            @{ Case = 'a certificate nobody vouches for'; Id = 'CertificateNotTrusted'; Category = 'SecurityError'; Given = @{ TrustServerCertificate = $false } }
        ) {
            $parameters = @{ Path = $folder; Destination = $lab.SqlInstance; Confirm = $false } + $login
            foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases @parameters }) $Id $Category
            Get-LabDatabase $lab | Should -BeNullOrEmpty
        }

        It 'refuses an empty folder' {
            $empty = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')).FullName
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases $empty $lab.SqlInstance -Confirm:$false @login }) FolderEmpty ObjectNotFound
        }

        It 'refuses a mark that one member''s log file cannot bring' {
            $copy = Copy-PracticeBackup (Join-Path $TestDrive 'without-a-log')
            $set = (Get-BizTalkBackup $lab.SqlInstance $copy @login)[0]
            Remove-Item -LiteralPath ($set.Files | Where-Object Database -EQ 'OrdersDb').Path
            $raised = Get-RaisedError { Restore-BizTalkDatabases $copy $lab.SqlInstance -Mark $set.Mark -Confirm:$false @login }
            Assert-RecoveryError $raised LogMarkNotFound ObjectNotFound
            "$($raised.TargetObject)" | Should -Match 'OrdersDb'
            Get-LabDatabase $lab | Should -BeNullOrEmpty

            # Without -Mark an older one is taken, and the operator hears what that costs before anything is asked or done.
            $null = Restore-BizTalkDatabases $copy $lab.SqlInstance -WhatIf @login -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Where-Object { "$_" -match [regex]::Escape($set.Mark) } | Should -Not -BeNullOrEmpty
        }

        It 'refuses when a member has no full backup' {
            $copy = Copy-PracticeBackup (Join-Path $TestDrive 'without-fulls')
            Get-ChildItem -LiteralPath $copy -Filter '*SSODB_Full*' | Remove-Item
            $raised = Get-RaisedError { Restore-BizTalkDatabases $copy $lab.SqlInstance -Confirm:$false @login -WarningAction SilentlyContinue }
            Assert-RecoveryError $raised MemberMissing ObjectNotFound
            Get-LabDatabase $lab | Should -BeNullOrEmpty
        }

        It 'takes a recovery point, a plan and a plan''s file through the pipeline' {
            $planned = Get-BizTalkRecoveryPoint $folder | Select-Object -First 1 | New-BizTalkRestorePlan -Destination $lab.SqlInstance @login
            $planned.Mark | Should -Be $newest
            $file = Join-Path $TestDrive 'piped.json'
            $older = Get-BizTalkRecoveryPoint $folder | Select-Object -Skip 1 -First 1 | New-BizTalkRestorePlan -Destination $lab.SqlInstance -OutFile $file -WarningAction SilentlyContinue @login
            $older.Mark | Should -Not -Be $newest
            Get-BizTalkRecoveryPoint $folder | Select-Object -Skip 1 -First 1 | Restore-BizTalkDatabases -Destination $lab.SqlInstance -AsScript (Join-Path $TestDrive 'points') -Confirm:$false -WarningAction SilentlyContinue @login | Should -HaveCount 5
            foreach ($source in $older, $file) {
                $scripts = $source | Restore-BizTalkDatabases -AsScript (Join-Path $TestDrive 'piped') -Confirm:$false -WarningAction SilentlyContinue @login
                $there = $source | Restore-BizTalkDatabases -Destination $lab.SqlInstance -AsScript (Join-Path $TestDrive 'there') -Confirm:$false -WarningAction SilentlyContinue @login
                $there.SqlInstance | Should -Be $scripts.SqlInstance
                Get-Content -LiteralPath $scripts[0].Path -Raw | Should -Match ([regex]::Escape($older.Mark))
            }

            Get-LabDatabase $lab | Should -BeNullOrEmpty
        }

        It 'refuses what is neither a point nor a plan' {
            (Get-RaisedError { Get-Item $TestDrive | Restore-BizTalkDatabases -Confirm:$false -ErrorAction Stop @login }).FullyQualifiedErrorId | Should -BeLike 'InputObject*'
            (Get-RaisedError { [pscustomobject]@{ Mark = $newest } | Restore-BizTalkDatabases -Destination $lab.SqlInstance -Confirm:$false -ErrorAction Stop @login }).FullyQualifiedErrorId | Should -BeLike 'InputObject*'
            Get-LabDatabase $lab | Should -BeNullOrEmpty
        }

        It 'refuses a journal it cannot write, before anything is done' {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -JournalPath '/no/such/folder/j.jsonl' -Confirm:$false @login }
            Assert-RecoveryError $raised JournalNotWritable WriteError
            Get-LabDatabase $lab | Should -BeNullOrEmpty
        }
    }

    Context 'for real' {
        BeforeAll {
            $journal = Join-Path $TestDrive 'restore.jsonl'
            $result = Restore-BizTalkDatabases $folder $lab.SqlInstance -InstanceMap @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' } -JournalPath $journal -Confirm:$false @login
        }

        It 'gives back one result: every member open at the mark' {
            @($result).Count | Should -Be 1
            $result.GetType().FullName | Should -Be 'BizTalkDR.Restore.RestoreResult'
            $result.IsSuccess | Should -BeTrue
            $result.Mark | Should -Be $newest
            $result.Members.Name | Sort-Object | Should -Be ($members | Sort-Object)
            $result.Members.ReachedMark | Should -Not -Contain $false
            $result.Members.NewestMark | Select-Object -Unique | Should -Be $newest
            $result.Members.State | Select-Object -Unique | Should -Be 'ONLINE'
            $result.RtoSeconds | Should -BeGreaterThan 0
        }

        It 'puts each member where the map says' {
            $result.Members | ForEach-Object { "$($_.SourceInstance) $($_.DestinationInstance)" } | Sort-Object -Unique | Should -Be 'LABSQL1 DRSQL1', 'LABSQL2 DRSQL2'
            Get-LabDatabase $lab | Sort-Object | Should -Be (@($members[0..3] | ForEach-Object { "DRSQL1.$_" }) + @($members[4..7] | ForEach-Object { "DRSQL2.$_" }) | Sort-Object)
            Invoke-LabQuery $lab 0 'SELECT user_access_desc FROM sys.databases WHERE database_id > 4' | Select-Object -Unique | Should -Be 'MULTI_USER'
        }

        It 'keeps a journal of whole lines of JSON' {
            $result.JournalPath | Should -Be $journal
            $lines = Get-Content -LiteralPath $journal | ForEach-Object { $_ | ConvertFrom-Json }
            $lines.schemaVersion | Select-Object -Unique | Should -Be 1
            $lines[0].event | Should -Be 'run-start'
            $lines.Count | Should -BeGreaterThan 16
        }

        It 'refuses to go on where the databases exist' {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -Confirm:$false @login }
            Assert-RecoveryError $raised DatabaseExists ResourceExists
        }

        It 'says so with -WhatIf as well' {
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -WhatIf @login }) DatabaseExists ResourceExists
        }

        It 'refuses a journal that exists: it belongs to one run' {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -Force -JournalPath $journal -Confirm:$false @login }
            Assert-RecoveryError $raised JournalNotWritable WriteError
        }

        It 'replaces them with -Force, at an older mark when asked, and warns of what is lost' {
            $older = (Get-BizTalkBackup $lab.SqlInstance $folder @login | Where-Object Kind -EQ 'Log')[1].Mark
            $again = Restore-BizTalkDatabases $folder $lab.SqlInstance -Mark $older -Force -Confirm:$false @login -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -Not -BeNullOrEmpty
            $again.IsSuccess | Should -BeTrue
            $again.Mark | Should -Be $older
            $again.Members.NewestMark | Select-Object -Unique | Should -Be $older
            Test-Path -LiteralPath $again.JournalPath | Should -BeTrue
            $again.Findings | Should -Not -BeNullOrEmpty

            # What they held since is in a backup that was read back.
            $tails = @($again.Members.Tails)
            $tails.Count | Should -Be $members.Count
            $tails.Path | ForEach-Object { Test-Path -LiteralPath $_ | Should -BeTrue }
            ($again | Out-String) | Should -Match 'Tails kept'
            Remove-Item -LiteralPath $again.JournalPath
        }
    }

    Context 'over a database whose log cannot be backed up' {
        BeforeAll { Invoke-LabQuery $lab 0 'ALTER DATABASE BizTalkMsgBoxDb SET RECOVERY SIMPLE; SELECT 1' }

        It 'replaces it only when its newest work is given up by name' {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -Force -Confirm:$false @login -WarningAction SilentlyContinue }
            Assert-RecoveryError $raised TailNotPossible InvalidOperation
            "$($raised.ErrorDetails.RecommendedAction)" | Should -Match '-WithoutTail BizTalkMsgBoxDb'
            $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -WithoutTail BizTalkMsgBoxDb @login -WarningAction SilentlyContinue
            @($plan.Members | Where-Object WithoutTail).Database | Should -Be 'BizTalkMsgBoxDb'
            Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -WithoutTail BizTalkMsgBoxDb, Other @login }) DatabaseNotFound ObjectNotFound
            Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -WithoutTail BizTalkMsgBoxDb -TailFolder '/no/such/folder' @login }) FolderNotVisibleToServer OpenError
        }

        AfterAll { Invoke-LabQuery $lab 0 "ALTER DATABASE BizTalkMsgBoxDb SET RECOVERY FULL; BACKUP DATABASE BizTalkMsgBoxDb TO DISK = N'after-simple.bak'; SELECT 1" }
    }

    Context 'beside a database that is kept under another name' {
        It 'plans it, refuses what is in nobody''s way, and changes nothing with -WhatIf' {
            $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -KeepExisting BizTalkMsgBoxDb @login -WarningVariable warnings -WarningAction SilentlyContinue
            $kept = @($plan.Members | Where-Object Keeps)
            $kept.Database | Should -Be 'BizTalkMsgBoxDb'
            $kept.Keeps.As | Should -Match '^BizTalkMsgBoxDb_kept_\d{4}_'
            "$warnings" | Should -Match ([regex]::Escape($kept.Keeps.As))
            "$plan" | Should -Match 'keeping 1 that exist under other names'
            Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -KeepExisting Other @login }) DatabaseNotFound ObjectNotFound
            Restore-BizTalkDatabases $folder $lab.SqlInstance -Force -KeepExisting BizTalkMsgBoxDb -WhatIf @login -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            Invoke-LabQuery $lab 0 "SELECT COUNT(*) FROM sys.databases WHERE name LIKE 'BizTalkMsgBoxDb_kept%'" | Should -Be 0
        }

        It 'keeps it as it was, restores the member in its place and says so' {
            $was = Invoke-LabQuery $lab 0 "SELECT database_guid FROM sys.database_recovery_status WHERE database_id = DB_ID('BizTalkMsgBoxDb')"
            $again = Restore-BizTalkDatabases $folder $lab.SqlInstance -Force -KeepExisting BizTalkMsgBoxDb -Confirm:$false @login -WarningAction SilentlyContinue
            $again.IsSuccess | Should -BeTrue
            $name = @($again.Members | Where-Object KeptAs).KeptAs
            ($again | Out-String) | Should -Match "Databases kept +: BizTalkMsgBoxDb as $([regex]::Escape($name))"
            Invoke-LabQuery $lab 0 "SELECT database_guid FROM sys.database_recovery_status WHERE database_id = DB_ID('$name')" | Should -Be $was
            Invoke-LabQuery $lab 0 "ALTER DATABASE [$name] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [$name]; SELECT COUNT(*) FROM sys.databases WHERE name LIKE 'BizTalkMsgBoxDb%kept%'" | Should -Be 0
            Remove-Item -LiteralPath $again.JournalPath
        }
    }

    Context 'over a database that a backup of its log has closed' {
        BeforeAll { Invoke-LabQuery $lab 0 "ALTER DATABASE BizTalkMsgBoxDb SET SINGLE_USER WITH ROLLBACK IMMEDIATE; BACKUP LOG BizTalkMsgBoxDb TO DISK = N'closing.trn' WITH NORECOVERY; SELECT 1" }

        It 'names the backup that may alone hold its newest work, and replaces it only when that is given up by name' {
            $raised = Get-RaisedError { Restore-BizTalkDatabases $folder $lab.SqlInstance -Force -Confirm:$false @login -WarningAction SilentlyContinue }
            Assert-RecoveryError $raised TailNotPossible InvalidOperation
            "$raised" | Should -Match 'closing\.trn \(of .*where its server can read it'
            "$($raised.ErrorDetails.RecommendedAction)" | Should -Match 'Restore-BizTalkDatabases -Resume.*-WithoutTail BizTalkMsgBoxDb'
            $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -Force -WithoutTail BizTalkMsgBoxDb @login -WarningVariable warnings -WarningAction SilentlyContinue
            @($plan.Members | Where-Object WithoutTail).Database | Should -Be 'BizTalkMsgBoxDb'
            "$warnings" | Should -Match 'closing\.trn'
        }

        AfterAll { Invoke-LabQuery $lab 0 'RESTORE DATABASE BizTalkMsgBoxDb WITH RECOVERY; ALTER DATABASE BizTalkMsgBoxDb SET MULTI_USER; SELECT 1' }
    }

    Context 'by a plan, as scripts, and after a stop' {
        BeforeAll {
            $map = @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' }
            $file = Join-Path $TestDrive 'plan.json'
            $plan = New-BizTalkRestorePlan $folder $lab.SqlInstance -InstanceMap $map -Force -OutFile $file @login
        }

        It 'writes scripts for each instance and a page instead of restoring' {
            $scripts = Restore-BizTalkDatabases -Plan $file -AsScript (Join-Path $TestDrive 'scripts') -Confirm:$false @login
            Split-Path $scripts.Path -Leaf | Should -Be 'DRSQL1-0-tail.sql', 'DRSQL1-1-to-mark.sql', 'DRSQL1-2-recover.sql', 'DRSQL2-0-tail.sql', 'DRSQL2-1-to-mark.sql', 'DRSQL2-2-recover.sql', 'restore-order.md'
            $scripts.SqlInstance | Should -Be 'DRSQL1', 'DRSQL1', 'DRSQL1', 'DRSQL2', 'DRSQL2', 'DRSQL2', $null
            Get-Content -LiteralPath $scripts[0].Path -Raw | Should -Match ([regex]::Escape($newest))
            Restore-BizTalkDatabases -Plan $plan -AsScript (Join-Path $TestDrive 'none') -WhatIf @login | Should -BeNullOrEmpty
            Test-Path -LiteralPath (Join-Path $TestDrive 'none') | Should -BeFalse
        }

        It 'refuses a plan that was edited, and touches nothing' {
            $edited = Join-Path $TestDrive 'edited.json'
            (Get-Content -LiteralPath $file -Raw).Replace('OrdersDb_Full', 'OrdersDc_Full') | Set-Content -LiteralPath $edited
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases -Plan $edited -Confirm:$false @login }) PlanInvalid InvalidData
        }

        It 'refuses to resume what is no journal' {
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases -Resume -JournalPath $file -Confirm:$false @login }) JournalInvalid InvalidData
        }

        It 'stops within seconds, and resumes from the journal to the same mark' {
            $journal = Join-Path $TestDrive 'stopped.jsonl'
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript({
                    param($Module, $Plan, $Journal, $Credential)
                    Import-Module $Module
                    Restore-BizTalkDatabases -Plan $Plan -JournalPath $Journal -SqlCredential $Credential -Confirm:$false
                }).AddParameters(@{ Module = $ModulePath; Plan = $file; Journal = $journal; Credential = $lab.SqlCredential })
                $run = $shell.BeginInvoke()
                while (-not $run.IsCompleted -and -not ((Test-Path -LiteralPath $journal) -and (Get-Content -LiteralPath $journal -Raw) -match 'step-start')) { Start-Sleep -Milliseconds 20 }
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                $shell.Stop()
                $watch.Elapsed.TotalSeconds | Should -BeLessThan 30
            }
            finally {
                $shell.Dispose()
            }

            $last = Get-Content -LiteralPath $journal | Select-Object -Last 1 | ConvertFrom-Json
            $last.event | Should -Be 'run-failed'
            $last.error | Should -Be 'OperationCancelled'
            $again = Restore-BizTalkDatabases -Resume -JournalPath $journal -Confirm:$false @login
            $again.IsSuccess | Should -BeTrue
            $again.Mark | Should -Be $newest
            $again.Members.State | Select-Object -Unique | Should -Be 'ONLINE'
            $again.Members.NewestMark | Select-Object -Unique | Should -Be $newest
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases -Resume -JournalPath $journal -Confirm:$false @login }) NothingToResume InvalidOperation
        }

        It 'refuses the plan once its databases have been replaced' {
            Assert-RecoveryError (Get-RaisedError { Restore-BizTalkDatabases -Plan $plan -Confirm:$false @login }) DestinationChanged InvalidOperation
            Assert-RecoveryError (Get-RaisedError { $plan | Restore-BizTalkDatabases -Confirm:$false @login }) DestinationChanged InvalidOperation
        }
    }
}
