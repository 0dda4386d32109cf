Describe 'Get-BizTalkRecoveryPoint' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
    }

    It 'lists the marks of a folder without a server, newest first, the newest confirmed by its logs' {
        $points = @(Get-BizTalkRecoveryPoint $folder)
        $points.Count | Should -BeGreaterOrEqual 2
        $points[0].GetType().FullName | Should -Be 'BizTalkDR.Restore.RecoveryPoint'
        $points.Mark | Should -Be ($points | Sort-Object MarkTimeUtc -Descending).Mark
        $points.IsReachable | Should -Not -Contain $false
        $points.IsDefault | Should -Be (@($true) + @($false) * ($points.Count - 1))
        "$($points[0].Evidence)" | Should -Be 'LogContents'
        "$($points[1].Evidence)" | Should -Be 'History'
        $points[1].LosesMarks | Should -Be @($points[0].Mark)
        $points[0].BackupCount | Should -BeGreaterOrEqual 16
        $points[0].SizeBytes | Should -BeGreaterThan 0
    }

    It 'says the same through a server' {
        $here = @(Get-BizTalkRecoveryPoint $folder -ReadMarks)
        $there = @(Get-BizTalkRecoveryPoint $folder $lab.SqlInstance -ReadMarks @login)
        $there.Mark | Should -Be $here.Mark
        $there.BackupCount | Should -Be $here.BackupCount
        $here | Where-Object Kind -EQ Mark | ForEach-Object { "$($_.Evidence)" } | Select-Object -Unique | Should -Be 'LogContents'
    }

    It 'lists a full set that its manifest proves quiesced, and the restore takes it by its name' {
        $points = @(Get-BizTalkRecoveryPoint $folder)
        $full = $points | Where-Object Kind -EQ Quiesced | Select-Object -Last 1
        $full.Certainty | Should -BeLike 'quiesced: the manifest proves that nothing was committed from * UTC'
        $full.Evidence | Should -BeNullOrEmpty
        $full.Mark | Should -BeIn (Get-BizTalkBackup $lab.SqlInstance @login | ForEach-Object { 'BTS_' + $_.Stamp })
        $full.LosesMarks.Count | Should -BeGreaterOrEqual 2
        $destination = Get-PracticeLab Destination
        $access = Get-Login $destination
        $plan = $full | New-BizTalkRestorePlan -Destination $destination.SqlInstance -InstanceMap @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' } -Force @access -WarningAction SilentlyContinue
        "$($plan.Kind)" | Should -Be 'Quiesced'
        "$plan" | Should -BeLike "Restore * databases to quiesced point $($full.Mark)*"
        @(Get-ChildItem -LiteralPath $folder -Filter "*_Full_$($full.Mark).biztalkdr.json").Count | Should -Be 1
    }

    It 'names the member and the mark that it cannot reach' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'gap')
        $newest = (Get-BizTalkRecoveryPoint $copy)[0].Mark
        $lost = Get-ChildItem -LiteralPath $copy -Filter "*_Log_$newest.bak" | Select-Object -First 1
        Remove-Item -LiteralPath $lost.FullName
        $points = @(Get-BizTalkRecoveryPoint $copy)
        $points[0].Mark | Should -Be $newest
        $points[0].IsReachable | Should -BeFalse
        $points[0].Reasons.Count | Should -Be 1
        $points[1].IsDefault | Should -BeTrue
    }

    It 'knows from a manifest a member whose files are all gone, and asks for the members when it was taken out of the group' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'lost-member')
        Get-ChildItem -LiteralPath $copy -Filter '*OrdersDb*.bak' | Remove-Item
        $points = @(Get-BizTalkRecoveryPoint $copy)
        $points.IsReachable | Should -Not -Contain $true
        $points[0].Reasons | Should -BeLike '*OrdersDb*which the manifest*'
        $left = (Get-BizTalkGroup $lab.SqlInstance @login).Members.Database | Where-Object { $_ -ne 'OrdersDb' }
        @(Get-BizTalkRecoveryPoint $copy -Member $left)[0].IsReachable | Should -BeTrue
        Get-ChildItem -LiteralPath $copy -Filter '*.biztalkdr.json' | Remove-Item
        $points = @(Get-BizTalkRecoveryPoint $copy)
        $points[0].IsReachable | Should -BeTrue
        "$($points[1].Evidence)" | Should -Be 'FileName'
    }

    It 'names the file that only a living instance remembers' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'remembered')
        Get-ChildItem -LiteralPath $copy -Filter '*.biztalkdr.json' | Remove-Item
        $marks = @(Get-BizTalkRecoveryPoint $copy).Mark
        $lost = Get-ChildItem -LiteralPath $copy -Filter "*OrdersDb_Log_$($marks[1]).bak"
        $null = Get-BizTalkRecoveryPoint $copy -HistoryInstance $lab.SqlInstance @login -WarningVariable before -WarningAction SilentlyContinue
        "$before" | Should -Not -BeLike "*$($lost.Name)*"
        Remove-Item -LiteralPath $lost.FullName
        $points = @(Get-BizTalkRecoveryPoint $copy -HistoryInstance $lab.SqlInstance @login -WarningVariable said -WarningAction SilentlyContinue)
        "$said" | Should -BeLike '*OrdersDb from LABSQL2: msdb of LABSQL2 knows*that no file here holds*'
        $points[0].Reasons | Should -BeLike "*a log backup is missing*knows it as*$($lost.Name)*"
    }

    It 'looks into the folders of folders when asked, here and through a server, and a restore that a point is piped to does so too' {
        $tree = Join-Path $TestDrive 'tree'
        $below = Copy-PracticeBackup (Join-Path $tree 'logs/2026')
        $null = New-Item -ItemType Directory -Path (Join-Path $tree 'full')
        Get-ChildItem -LiteralPath $below -Filter '*_Full_*' | Move-Item -Destination (Join-Path $tree 'full')
        $null = New-Item -ItemType SymbolicLink -Path (Join-Path $tree 'logs/round') -Target $tree
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkRecoveryPoint $tree }) NoBackupsFound ObjectNotFound
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkRecoveryPoint $tree $lab.SqlInstance @login }) FolderEmpty ObjectNotFound
        $here = @(Get-BizTalkRecoveryPoint $tree -Recurse -WarningVariable said -WarningAction SilentlyContinue)
        "$said" | Should -BeLike '*Links to folders were not entered*logs/round*'
        $here.IsReachable | Should -Not -Contain $false
        $here[0].Recurse | Should -BeTrue
        $there = @(Get-BizTalkRecoveryPoint $tree $lab.SqlInstance -Recurse @login -WarningAction SilentlyContinue)
        $there.Mark | Should -Be $here.Mark
        $destination = Get-PracticeLab Destination
        $access = Get-Login $destination
        $plan = $here[0] | New-BizTalkRestorePlan -Destination $destination.SqlInstance -InstanceMap @{ LABSQL1 = 'DRSQL1'; LABSQL2 = 'DRSQL2' } -Force @access -WarningAction SilentlyContinue
        $plan.Mark | Should -Be $here[0].Mark
    }

    It 'says how long a restore takes and what that rests on' {
        $nothing = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'journals')).FullName
        $point = @(Get-BizTalkRecoveryPoint $folder -JournalPath $nothing)[0]
        $point.RestoreTime.Time | Should -BeGreaterThan ([timespan]::Zero)
        "$($point.RestoreTime.Basis)" | Should -BeIn Assumed, BackupSpeed
        $point.RestoreTime.Statement | Should -BeLike '*s for each log assumed; 4 members at once*'
        ($point | Format-Table | Out-String -Width 300) | Should -BeLike '*Restore time*~ 0.*'
    }

    It 'refuses a member of which there is no file' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkRecoveryPoint $folder -Member BizTalkMgmtDb, Nowhere }) MemberMissing ObjectNotFound
    }

    It 'opens nothing again that it remembers, and reads a changed file anew' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'warm')
        $cache = Join-Path $TestDrive 'warm.json'
        $first = Get-BizTalkRecoveryPoint $copy -CachePath $cache
        (Get-Content -Raw $cache | ConvertFrom-Json).SchemaVersion | Should -Be 1
        $written = (Get-Item $cache).LastWriteTimeUtc
        (Get-BizTalkRecoveryPoint $copy -CachePath $cache).Mark | Should -Be $first.Mark
        (Get-Item $cache).LastWriteTimeUtc | Should -Be $written
        Set-Content -LiteralPath $cache -Value 'no json'
        (Get-BizTalkRecoveryPoint $copy -CachePath $cache).Mark | Should -Be $first.Mark
    }

    It 'refuses a folder that this computer cannot list' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkRecoveryPoint '/no/such/folder' }) FolderNotVisible OpenError
    }

    It 'refuses a folder without backups' {
        $empty = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')).FullName
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkRecoveryPoint $empty }) NoBackupsFound ObjectNotFound
    }

    It 'refuses a URL with a signature in it, and does not repeat it' {
        foreach ($case in 'https://account.blob.core.windows.net/backups?sv=1&sig=secret', 'http://account.blob.core.windows.net/backups', 'https://account.blob.core.windows.net') {
            $raised = Get-RaisedError { Get-BizTalkRecoveryPoint $case -SasToken (ConvertTo-SecureString 'sv=1&sig=secret' -AsPlainText -Force) }
            Assert-RecoveryError $raised BackupPathInvalid InvalidArgument
            "$($raised | Out-String) $($raised.Exception)" | Should -Not -BeLike '*sig=secret*'
        }
    }
}
