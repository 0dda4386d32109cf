BeforeDiscovery {
    # Real backups are not part of the repository; without them their tests do not exist.
    $samples = if ($env:BIZTALKDR_SAMPLES) { $env:BIZTALKDR_SAMPLES } else { [System.IO.Path]::Combine($PSScriptRoot, '..', '..', '..', 'shared', 'bak-samples') }
    $sampleFolders = @(if (Test-Path -LiteralPath $samples) { @{ Samples = (Resolve-Path -LiteralPath $samples).ProviderPath } })
}

Describe 'Get-BizTalkBackupFile' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $folder = Get-PracticeBackup
        $files = @(Get-ChildItem -LiteralPath $folder -Filter *.bak | Sort-Object Name)
        $log = $files | Where-Object Name -Like '*_Log_*' | Select-Object -First 1
        $full = $files | Where-Object Name -Like '*_Full_*' | Select-Object -First 1

        # An empty folder of its own for a test.
        function New-Folder {
            (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
        }
    }

    Context 'with files that the lab wrote' {
        It 'reads every file of a folder and finds nothing wrong' {
            $backups = @(Get-BizTalkBackupFile $folder)
            $backups.Count | Should -Be $files.Count
            $backups | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Files.FileBackup'
            $backups.State | Select-Object -Unique | Should -Be 'Complete'
            @($backups.Findings | Where-Object Level -NE 'Information') | Should -BeNullOrEmpty
            $backups.Database | Sort-Object -Unique | Should -HaveCount 8
        }

        It 'agrees with what the server reads from the same files' {
            $destination = Get-PracticeLab Destination
            $there = Get-Login $destination
            $headers = @{}
            Get-BizTalkBackup $destination.SqlInstance $folder @there | ForEach-Object Files | ForEach-Object { $headers[$_.Path] = $_.Header }
            foreach ($backup in Get-BizTalkBackupFile $folder) {
                $header = $headers[$backup.FullName]
                "$($backup.Database) $($backup.Server) $($backup.Type)" | Should -Be "$($header.DatabaseName) $($header.ServerName) $($header.Kind)"
                "$($backup.FirstLsn) $($backup.LastLsn) $($backup.CheckpointLsn) $($backup.DatabaseBackupLsn)" | Should -Be "$($header.FirstLsn) $($header.LastLsn) $($header.CheckpointLsn) $($header.DatabaseBackupLsn)"
                $backup.BackupSetGuid | Should -Be $header.BackupSetGuid
                $backup.RecoveryForkId | Should -Be $header.RecoveryForkGuid
                $backup.FinishLocal | Should -Be $header.FinishedLocal
            }
        }

        It 'finds the mark of every log with -IncludeMark, and reads none without' {
            foreach ($backup in Get-BizTalkBackupFile $folder -IncludeMark | Where-Object Type -EQ Log) {
                $backup.Marks.Count | Should -Be 1
                $backup.Marks[0].Name | Should -Be $backup.ClaimedMark
                $backup.Marks[0].Evidence | Should -Be 'Seen'
                $backup.Marks[0].Lsn | Should -BeLessThan $backup.LastLsn
                $backup.Marks[0].Lsn | Should -BeGreaterOrEqual $backup.FirstLsn
            }

            Get-BizTalkBackupFile $folder | ForEach-Object { $null -eq $_.Marks } | Should -Not -Contain $false
        }

        It 'needs nothing but itself: no SQL Server, no SMO, no SqlClient' {
            $loaded = Invoke-FreshPowerShell -ArgumentList $ModulePath, $folder {
                Import-Module $args[0]
                $backups = @(Get-BizTalkBackupFile $args[1] -IncludeMark)
                $tested = Test-BizTalkBackup $args[1] -Level Structure -Quiet
                "$($backups.Count) $tested"
                [System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } |
                    Where-Object { $_ -match '^Microsoft\.(SqlServer|Data\.SqlClient)|^BizTalkDR\.SqlServer$' }
            }
            $loaded | Should -Be "$($files.Count) True"
        }

        It 'gives the same order however many are read at once' {
            $one = Get-BizTalkBackupFile $folder -ThrottleLimit 1 | ForEach-Object FullName
            Get-BizTalkBackupFile $folder -ThrottleLimit 16 | ForEach-Object FullName | Should -Be $one
        }

        It 'shows a table with folder, mark, state and support' {
            $text = Get-BizTalkBackupFile $log.FullName -IncludeMark | Out-String -Width 160
            $text | Should -Match 'Folder: '
            $text | Should -Match 'Type\s+Database\s+Finished\s+State\s+Support\s+!\s+Marks\s+Name'
            $text | Should -Match 'Log\s+\w+\s+\d{4}-\d\d-\d\d \d\d:\d\d\s+Complete\s+(Verified|Inferred)\s+0 BTS_\d{4}'
        }
    }

    Context 'takes files' {
        It 'from <Case>' -ForEach @(
            @{ Case = 'Get-ChildItem'; Read = { Get-ChildItem -LiteralPath $folder -Filter *.bak | Get-BizTalkBackupFile } }
            @{ Case = 'the pipeline as text'; Read = { $files.FullName | Get-BizTalkBackupFile } }
            @{ Case = 'a wildcard'; Read = { Get-BizTalkBackupFile (Join-Path $folder *.bak) } }
            @{ Case = 'the current folder'; Read = { Push-Location -LiteralPath $folder; try { Get-BizTalkBackupFile } finally { Pop-Location } } }
            @{ Case = 'a folder through the pipeline'; Read = { Get-Item -LiteralPath $folder | Get-BizTalkBackupFile } }
            @{ Case = 'a folder and its files, each once'; Read = { Get-BizTalkBackupFile $folder, $files[0].FullName, (Join-Path $folder '*.bak') } }
            @{ Case = 'a PSDrive'; Read = { $null = New-PSDrive -Name Backups -PSProvider FileSystem -Root $folder -Scope Local; Get-BizTalkBackupFile Backups: } }
            @{ Case = 'its own output'; Read = { Get-BizTalkBackupFile $folder | Get-BizTalkBackupFile } }
        ) {
            & $Read | ForEach-Object Name | Sort-Object | Should -Be $files.Name
        }

        It 'with brackets in their names, by -Path and by -LiteralPath' {
            $own = New-Folder
            $path = Join-Path $own 'copy [1].bak'
            Copy-Item -LiteralPath $log.FullName -Destination $path
            (Get-BizTalkBackupFile -LiteralPath $path).FullName | Should -Be $path
            (Get-BizTalkBackupFile $path).FullName | Should -Be $path
            (Get-ChildItem -LiteralPath $own | Get-BizTalkBackupFile).FullName | Should -Be $path
        }

        It 'of the databases and names asked for, in folders of folders' {
            $own = New-Folder
            $deep = New-Item -ItemType Directory -Path (Join-Path $own 'a/b')
            Copy-Item -LiteralPath $full.FullName -Destination (Join-Path $deep 'full.backup')
            Copy-Item -LiteralPath $log.FullName -Destination (Join-Path $deep 'log.trn')
            $database = (Get-BizTalkBackupFile $log.FullName).Database
            (Get-BizTalkBackupFile $own -Recurse).Name | Should -Be 'log.trn'
            (Get-BizTalkBackupFile $own -Recurse -Include *.backup, *.trn).Name | Should -Be 'full.backup', 'log.trn'
            (Get-BizTalkBackupFile $folder -Database $database.Substring(0, 10).ToLower().Insert(10, '*')).Database | Should -Contain $database
            Get-BizTalkBackupFile $folder -Database NoSuchDatabase | Should -BeNullOrEmpty
        }
    }

    Context 'says what it does not know' {
        It 'in properties that are null, with the reason, and in the table' {
            $path = Join-Path (New-Folder) 'cut.bak'
            $bytes = [System.IO.File]::ReadAllBytes($log.FullName)
            [System.IO.File]::WriteAllBytes($path, $bytes[0..([int]($bytes.Length / 2))])
            $backup = Get-BizTalkBackupFile $path
            $backup.State | Should -Be 'Incomplete'
            $backup.FinishLocal | Should -BeNullOrEmpty
            $backup.Unknown['FinishLocal'] | Should -Not -BeNullOrEmpty
            $backup.Findings.Level | Should -Contain 'Error'
            $backup | Out-String -Width 160 | Should -Match 'unknown\s+Incomplete'
        }

        It 'of a mark that only the name claims' {
            $claimed = 'BTS_2001_02_03_04_05_06_789'
            $path = Join-Path (New-Folder) ($log.Name -replace 'BTS_\d{4}.*$', "$claimed.bak")
            $bytes = [System.IO.File]::ReadAllBytes($log.FullName)
            [System.IO.File]::WriteAllBytes($path, $bytes[0..([int]($bytes.Length / 2))])
            $backup = Get-BizTalkBackupFile $path -IncludeMark
            $mark = $backup.Marks | Where-Object Name -EQ $claimed
            $mark.Evidence | Should -Be 'Unconfirmed'
            $mark.Note | Should -Match 'STOPATMARK'
            "$mark" | Should -Be "$claimed (unconfirmed)"
        }

        It 'of a file whose name is not that of its content' {
            $path = Join-Path (New-Folder) ($log.Name -replace '_Log_', '_Full_')
            Copy-Item -LiteralPath $log.FullName -Destination $path
            $backup = Get-BizTalkBackupFile $path
            $backup.Type | Should -Be 'Log'
            @($backup.Findings | Where-Object Level -EQ 'Warning').Count | Should -Be 1
        }
    }

    Context 'refuses and goes on' {
        It '<Id>: <Case>' -ForEach @(
            @{ Case = 'a text'; Id = 'BackupFormatUnknown'; Category = 'InvalidData'; Make = { param($p) Set-Content -LiteralPath $p -Value ('These are notes. ' * 10) } }
            @{ Case = 'zero bytes'; Id = 'BackupFileEmpty'; Category = 'InvalidData'; Make = { param($p) $null = New-Item -ItemType File -Path $p } }
            @{ Case = 'encrypted'; Id = 'BackupFormatUnreadable'; Category = 'InvalidData'; Make = { param($p) [System.IO.File]::WriteAllBytes($p, [byte[]](77, 83, 83, 81, 76, 66, 65, 75, 2, 0, 0, 0, 3, 0, 0, 0) + [byte[]]@(119) * 4096) } }
            @{ Case = 'cut in its first block'; Id = 'BackupFileTruncated'; Category = 'InvalidData'; Make = { param($p) [System.IO.File]::WriteAllBytes($p, [System.IO.File]::ReadAllBytes($log.FullName)[0..1023]) } }
            @{ Case = 'nothing there'; Id = 'BackupFileNotFound'; Category = 'ObjectNotFound'; Make = { } }
            @{ Case = 'held by another'; Id = 'BackupFileInUse'; Category = 'ResourceBusy'; Make = { param($p) Copy-Item -LiteralPath $log.FullName -Destination $p; [System.IO.File]::Open($p, 'Open', 'ReadWrite', 'None') } }
        ) {
            $path = Join-Path (New-Folder) 'bad.bak'
            $held = & $Make $path
            try {
                $backups = Get-BizTalkBackupFile $path, $log.FullName -ErrorVariable errors -ErrorAction SilentlyContinue
            }
            finally {
                if ($held) { $held.Dispose() }
            }

            $backups.FullName | Should -Be $log.FullName
            $errors.Count | Should -Be 1
            Assert-RecoveryError $errors[0] $Id $Category
            $errors[0].TargetObject | Should -Be $path
        }

        It '<Id>: the path <Case>' -ForEach @(
            @{ Case = 'of 4,000 characters'; Id = 'BackupPathInvalid'; Category = 'InvalidArgument'; Path = { Join-Path $TestDrive ('x' * 4000) } }
            @{ Case = 'of the environment'; Id = 'BackupPathInvalid'; Category = 'InvalidArgument'; Path = { 'Env:PATH' } }
            @{ Case = 'of a drive that is not there'; Id = 'BackupPathInvalid'; Category = 'InvalidArgument'; Path = { 'NoSuchDrive:\a.bak' } }
            @{ Case = 'of a folder without backups'; Id = 'NoBackupsFound'; Category = 'ObjectNotFound'; Path = { New-Folder } }
            @{ Case = 'with a wildcard that fits nothing'; Id = 'NoBackupsFound'; Category = 'ObjectNotFound'; Path = { Join-Path (New-Folder) *.bak } }
            @{ Case = 'below a file'; Id = 'BackupFileNotFound'; Category = 'ObjectNotFound'; Path = { Join-Path $log.FullName 'a.bak' } }
        ) {
            $bad = & $Path
            $backups = Get-BizTalkBackupFile $bad, $log.FullName -ErrorVariable errors -ErrorAction SilentlyContinue
            $backups.FullName | Should -Be $log.FullName
            $errors.Count | Should -Be 1
            Assert-RecoveryError $errors[0] $Id $Category
        }

        It 'links in circles, pipes and devices, without waiting' -Skip:$IsWindows {
            $own = New-Folder
            & ln -s (Join-Path $own 'b.bak') (Join-Path $own 'a.bak')
            & ln -s (Join-Path $own 'a.bak') (Join-Path $own 'b.bak')
            & mkfifo (Join-Path $own 'c.bak')
            & ln -s (Join-Path $own 'c.bak') (Join-Path $own 'd.bak')
            & ln -s $own (Join-Path $own 'round')
            & ln -s /dev/zero (Join-Path $own 'e.bak')
            Copy-Item -LiteralPath $log.FullName -Destination (Join-Path $own 'f.bak')
            $backups = Get-BizTalkBackupFile $own, /dev/zero -Recurse -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue
            $backups.Name | Should -Be 'f.bak'
            $errors.FullyQualifiedErrorId -replace ',.*' | Should -Be 'BackupPathInvalid', 'BackupPathInvalid', 'BackupFileEmpty', 'BackupPathInvalid', 'BackupPathInvalid', 'BackupFileEmpty'
            $warnings.Count | Should -Be 1
        }

        It 'what it may not read' -Skip:(-not $IsLinux) {
            $own = New-Folder
            Copy-Item -LiteralPath $log.FullName -Destination (Join-Path $own 'closed.bak')
            Copy-Item -LiteralPath $log.FullName -Destination (Join-Path $own 'open.bak')
            $null = New-Item -ItemType Directory -Path (Join-Path $own 'closed')
            & chmod 755 $own
            & chmod 644 (Join-Path $own 'open.bak')
            & chmod 000 (Join-Path $own 'closed.bak') (Join-Path $own 'closed')
            $script = Join-Path $own 'read.ps1'
            Set-Content -LiteralPath $script -Value {
                Import-Module $args[0]
                (Get-BizTalkBackupFile $args[1] -Recurse -ErrorVariable errors -ErrorAction SilentlyContinue).Name
                $errors | ForEach-Object { "$($_.FullyQualifiedErrorId -replace ',.*') $($_.CategoryInfo.Category) $(Split-Path -Leaf $_.TargetObject)" }
            }.ToString()
            & chmod -R a+rX $TestDrive 2>$null
            & chmod 000 (Join-Path $own 'closed.bak') (Join-Path $own 'closed')
            $shell = [System.Environment]::ProcessPath
            $said = if ((& id -u) -eq '0') {
                # Root may read everything, so somebody else looks.
                & setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=$own XDG_CACHE_HOME=$own $shell -NoProfile -NonInteractive -File $script $ModulePath $own
            }
            else {
                & $shell -NoProfile -NonInteractive -File $script $ModulePath $own
            }

            & chmod 700 (Join-Path $own 'closed')
            $said | Should -Be 'open.bak', 'BackupFileAccessDenied PermissionDenied closed', 'BackupFileAccessDenied PermissionDenied closed.bak'
        }

        It 'with an error that ends the script when asked to' {
            $raised = Get-RaisedError { Get-BizTalkBackupFile (Join-Path $TestDrive 'gone.bak') -ErrorAction Stop }
            Assert-RecoveryError $raised BackupFileNotFound ObjectNotFound
        }
    }

    Context 'stops' {
        BeforeAll {
            $many = New-Folder
            $source = [System.IO.File]::ReadAllBytes($log.FullName)
            foreach ($i in 1..1500) {
                [System.IO.File]::WriteAllBytes((Join-Path $many ('{0:0000}.bak' -f $i)), $source)
            }
        }

        It 'when the pipeline has enough' {
            (Get-BizTalkBackupFile $many -IncludeMark | Select-Object -First 1).Name | Should -Be '0001.bak'
        }

        It 'when the operator interrupts it' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddCommand('Import-Module').AddArgument($ModulePath).Invoke()
                $shell.Commands.Clear()
                $null = $shell.AddCommand('Get-BizTalkBackupFile').AddParameter('Path', $many).AddParameter('IncludeMark').AddParameter('ThrottleLimit', 1)
                $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
                $none.Complete()
                $run = $shell.BeginInvoke($none, $output)
                while ($output.Count -eq 0 -and -not $run.IsCompleted) { [System.Threading.Thread]::Sleep(1) }
                $shell.Stop()
                $shell.InvocationStateInfo.State | Should -Be 'Stopped'
                $output.Count | Should -BeLessThan 1500
                $shell.Streams.Error.Count | Should -Be 0
            }
            finally {
                $shell.Dispose()
            }
        }
    }

    Context 'with real backups' -ForEach $sampleFolders {
        It 'reads all of them, whatever their version' {
            $backups = @(Get-ChildItem -LiteralPath $Samples -Recurse -Include *.bak, *.trn | Get-BizTalkBackupFile -IncludeMark -ErrorVariable errors)
            $errors | Should -BeNullOrEmpty
            ($backups.FullName | Select-Object -Unique).Count | Should -Be 38
            $backups.State | Select-Object -Unique | Should -Be 'Complete'
            $backups.Support | Select-Object -Unique | Should -Be 'Verified'
            $backups.Database | Should -Not -Contain $null
        }

        It 'finds both known marks' {
            $marks = Get-BizTalkBackupFile (Join-Path $Samples 'stopat') -IncludeMark | ForEach-Object { foreach ($mark in $_.Marks) { "$($_.Name) $($mark.Name) $($mark.Lsn) $($mark.Support)" } }
            $marks | Should -Be 'StopAt_21.trn dbatoolstest 19000000020400003 Verified', 'StopAt_23.trn dbatoolstest 19000000023500003 Verified'
        }

        It 'says that a medium has a password' {
            (Get-BizTalkBackupFile (Join-Path $Samples 'mediapassword-2008r2')).IsPasswordProtected | Should -BeTrue
        }
    }
}
