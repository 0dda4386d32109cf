BeforeDiscovery {
    # Real backups are not part of the repository; without them their tests do not exist.
    $samples = if ($env:BIZTALKDR_SAMPLES) { $env:BIZTALKDR_SAMPLES } else { [System.IO.Path]::Combine($PSScriptRoot, '..', '..', '..', 'shared', 'bak-samples') }
    $sampleFolders = @(if (Test-Path -LiteralPath $samples) { @{ Samples = (Resolve-Path -LiteralPath $samples).ProviderPath } })
}

Describe 'Test-BizTalkBackup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Destination
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
    }

    It 'passes every check of a whole folder' {
        $results = Test-BizTalkBackup $folder $lab.SqlInstance @login
        $results | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Backup.BackupTestResult'
        $results.Outcome | Select-Object -Unique | Should -Be 'Passed'
        $results.Check | ForEach-Object { "$_" } | Sort-Object -Unique | Should -Be 'Chain', 'Mark', 'Media', 'SetComplete'
        @($results | Where-Object Check -EQ 'Media').Count | Should -Be @(Get-ChildItem -LiteralPath $folder -Filter *.bak).Count
    }

    It 'gives one Boolean with -Quiet' {
        $quiet = Test-BizTalkBackup $folder $lab.SqlInstance -Quiet @login
        $quiet | Should -BeOfType [bool]
        $quiet | Should -BeTrue
    }

    It 'tests only what one mark needs' {
        $mark = (Get-BizTalkBackup $lab.SqlInstance $folder @login | Where-Object Kind -EQ 'Log' | Select-Object -Last 1).Mark
        $results = Test-BizTalkBackup $folder $lab.SqlInstance -Mark $mark @login
        @($results | Where-Object Check -EQ 'Mark').Count | Should -Be 8
        @($results | Where-Object Check -EQ 'Media').Count | Should -BeLessThan @(Get-ChildItem -LiteralPath $folder -Filter *.bak).Count
    }

    It 'fails a folder with <Case>' -ForEach @(
        @{ Case = 'a file missing'; Damage = { param($file) Remove-Item -LiteralPath $file } }
        @{ Case = 'a file cut short'; Damage = { param($file) $stream = [System.IO.File]::OpenWrite($file); $stream.SetLength([int]($stream.Length / 2)); $stream.Dispose() } }
        @{ Case = 'a file that is something else'; Damage = { param($file) Set-Content -LiteralPath $file -Value 'something else' } }
    ) {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))
        $set = Get-BizTalkBackup $lab.SqlInstance $copy @login | Select-Object -First 1
        & $Damage $set.Files[3].Path
        $results = Test-BizTalkBackup $copy $lab.SqlInstance @login
        $results.Outcome | Should -Contain 'Failed'
        $results | Where-Object Outcome -EQ 'Failed' | ForEach-Object Reason | Should -Not -Contain ''
        Test-BizTalkBackup $copy $lab.SqlInstance -Quiet @login | Should -BeFalse
    }

    It 'refuses a mark nobody has set' {
        $raised = Get-RaisedError { Test-BizTalkBackup $folder $lab.SqlInstance -Mark 'BTS_2001_01_01_00_00_00_000' @login }
        Assert-RecoveryError $raised LogMarkNotFound ObjectNotFound
        $raised.TargetObject | Should -Be 'BTS_2001_01_01_00_00_00_000'
    }

    It 'refuses a folder the server cannot see' {
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup '/no/such/folder' $lab.SqlInstance @login }) FolderNotVisibleToServer OpenError
    }

    It 'refuses an empty folder' {
        $empty = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')).FullName
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup $empty $lab.SqlInstance -Quiet @login }) FolderEmpty ObjectNotFound
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'LoginFailed'; Category = 'AuthenticationError'; Given = @{ SqlCredential = [pscredential]::new('sa', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)) } }
        @{ Id = 'CertificateNotTrusted'; Category = 'SecurityError'; Given = @{ TrustServerCertificate = $false } }
    ) {
        $parameters = @{ Path = $folder; SqlInstance = $lab.SqlInstance } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup @parameters }) $Id $Category
    }

    Context 'without a server' {
        BeforeAll {
            $files = @(Get-ChildItem -LiteralPath $folder -Filter *.bak | Sort-Object Name)
            $full = $files | Where-Object Name -Like '*_Full_*' | Select-Object -First 1

            # A copy of one file in a folder of its own, to damage.
            function Copy-One {
                param([string] $Name = 'copy.bak')
                $own = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
                Copy-Item -LiteralPath $full.FullName -Destination (Join-Path $own $Name)
                Join-Path $own $Name
            }
        }

        It 'gives a result for each file, and a summary at the end' {
            $results = @(Test-BizTalkBackup $folder -Level Structure)
            $results.Count | Should -Be ($files.Count + 1)
            $results[0..($files.Count - 1)].Name | Should -Be $files.Name
            $results[0].GetType().FullName | Should -Be 'BizTalkDR.Files.FileTestResult'
            $results[-1].GetType().FullName | Should -Be 'BizTalkDR.Files.FileTestSummary'
            $results.Outcome | Select-Object -Unique | Should -Be 'Passed'
            $results[-1].Files | Should -Be $files.Count
            foreach ($check in $results[0].Checks) {
                "$($check.Outcome)" | Should -BeIn 'Passed', 'Failed', 'NotChecked'
                $check.Reason | Should -Not -BeNullOrEmpty
            }
        }

        It 'finds no failure in the content of what the lab wrote' {
            (Test-BizTalkBackup $folder)[-1].Failed | Should -Be 0
        }

        It 'gives one Boolean with -Quiet, true only when all that was asked could be checked' {
            Test-BizTalkBackup $folder -Level Structure -Quiet | Should -BeOfType [bool]
            Test-BizTalkBackup $folder -Level Structure -Quiet | Should -BeTrue
            Test-BizTalkBackup $full.FullName -Level Hash -Quiet | Should -BeFalse
            (Test-BizTalkBackup $full.FullName -Level Content, Hash)[-1].Level | Should -Be 'Structure, Content, Hash'
            Test-BizTalkBackup (Join-Path $TestDrive 'gone.bak') -Quiet | Should -BeFalse
            Test-BizTalkBackup (Join-Path $TestDrive '*.nothing') -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        }

        It 'fails a file with <Case>' -ForEach @(
            @{ Case = 'its end cut off'; Check = 'Completeness'; Damage = { param($file) $stream = [System.IO.File]::OpenWrite($file); $stream.SetLength([long]($stream.Length / 2)); $stream.Dispose() } }
            @{ Case = 'something else in it'; Check = 'Readable'; Damage = { param($file) Set-Content -LiteralPath $file -Value ('notes ' * 50) } }
            @{ Case = 'nothing in it'; Check = 'Readable'; Damage = { param($file) [System.IO.File]::WriteAllBytes($file, [byte[]]@()) } }
            @{ Case = 'its first block damaged'; Check = 'Structure'; Damage = { param($file) $stream = [System.IO.File]::OpenWrite($file); $stream.Position = 20; $stream.WriteByte(170); $stream.Dispose() } }
        ) {
            $path = Copy-One
            & $Damage $path
            $result = Test-BizTalkBackup $path | Select-Object -First 1
            $result.Outcome | Should -Be 'Failed'
            ($result.Checks | Where-Object Outcome -EQ 'Failed').Check | Should -Contain $Check
            Test-BizTalkBackup $path -Quiet | Should -BeFalse
        }

        It 'does not call a file bad that another holds' {
            $path = Copy-One
            $held = [System.IO.File]::Open($path, 'Open', 'ReadWrite', 'None')
            try {
                $results = Test-BizTalkBackup $path
            }
            finally {
                $held.Dispose()
            }

            $results[0].Outcome | Should -Be 'NotChecked'
            $results[-1].Outcome | Should -Be 'NotChecked'
        }

        It 'compares with a manifest of <Form>' -ForEach @(
            @{ Form = 'sha256sum'; Write = { param($path, $list) Set-Content -LiteralPath $list -Value "$((Get-FileHash -LiteralPath $path).Hash.ToLower())  $(Split-Path -Leaf $path)" } }
            @{ Form = 'Get-FileHash'; Write = { param($path, $list) Get-FileHash -LiteralPath $path | Export-Csv -LiteralPath $list } }
        ) {
            $path = Copy-One
            $list = Join-Path (Split-Path $path) 'list'
            & $Write $path $list
            (Test-BizTalkBackup $path -Level Hash -Manifest $list -Quiet) | Should -BeTrue
            $stream = [System.IO.File]::OpenWrite($path); $stream.Position = $stream.Length - 1; $stream.WriteByte(170); $stream.Dispose()
            $result = Test-BizTalkBackup $path -Level Hash -Manifest $list | Select-Object -First 1
            ($result.Checks | Where-Object Check -EQ 'Hash').Outcome | Should -Be 'Failed'
            Remove-Item -LiteralPath $path
            Test-BizTalkBackup (Split-Path $path) -Manifest $list -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        }

        It 'refuses a manifest that is none' {
            $list = Join-Path $TestDrive 'list.txt'
            Set-Content -LiteralPath $list -Value 'not a hash'
            $raised = Get-RaisedError { Test-BizTalkBackup $full.FullName -Manifest $list }
            Assert-RecoveryError $raised ManifestInvalid InvalidArgument
            Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup $full.FullName -Manifest (Join-Path $TestDrive 'gone.txt') -Quiet }) ManifestInvalid InvalidArgument
        }

        It 'takes files from <Case>' -ForEach @(
            @{ Case = 'Get-ChildItem'; Test = { Get-ChildItem -LiteralPath $folder -Filter *.bak | Test-BizTalkBackup -Level Structure } }
            @{ Case = 'Get-BizTalkBackupFile'; Test = { Get-BizTalkBackupFile $folder | Test-BizTalkBackup -Level Structure } }
            @{ Case = 'a wildcard'; Test = { Test-BizTalkBackup (Join-Path $folder *.bak) -Level Structure -ThrottleLimit 3 } }
        ) {
            (& $Test)[-1].Passed | Should -Be $files.Count
        }

        It 'says at which byte it is, and takes its progress away at the end' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddCommand('Import-Module').AddArgument($ModulePath).Invoke()
                $shell.Commands.Clear()
                $null = $shell.AddCommand('Test-BizTalkBackup').AddParameter('Path', $folder).AddParameter('Quiet').Invoke()
                $progress = @($shell.Streams.Progress)
                $progress[-1].RecordType | Should -Be 'Completed'
                ($progress | Where-Object RecordType -EQ Processing)[-1].StatusDescription | Should -Match "^$($files.Count) of $($files.Count) files, .* MB$"
                $progress.PercentComplete | Where-Object { $_ -gt 100 } | Should -BeNullOrEmpty
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'puts stripes together across files' -ForEach $sampleFolders {
            $striped = Join-Path $Samples 'striped3-2008r2'
            $results = Test-BizTalkBackup $striped -Level Structure
            ($results | ForEach-Object Checks | Where-Object Check -EQ 'Stripes').Outcome | Select-Object -Unique | Should -Be 'Passed'
            $lonely = Test-BizTalkBackup (Join-Path $striped 'multiFilesBackup2.bak') -Level Structure | Select-Object -First 1
            $lonely.Reason | Should -Match '1, 3'
            $mixed = Test-BizTalkBackup (Join-Path $striped 'multiFilesBackup[12].bak'), (Join-Path $striped 'differentialMultiFilesBackup3.bak') -Level Structure
            ($mixed | ForEach-Object Checks | Where-Object Check -EQ 'Stripes').Outcome | Select-Object -Unique | Should -Be 'Failed'
        }

        It 'does not fill the screen with a path of thousands of characters' {
            $results = @(Test-BizTalkBackup (Join-Path $TestDrive ('x' * 4000 + '.bak')))
            $results[0].Outcome | Should -Be 'Failed'
            $results[-1].Failures[0].Length | Should -BeLessThan 1000
            ($results | Out-String -Width 160).Length | Should -BeLessThan 4000
        }

        It 'has views that tell at a glance' {
            $text = Test-BizTalkBackup $folder -Level Structure | Out-String -Width 160
            $text | Should -Match 'Outcome\s+MB Name\s+Reason'
            $text | Should -Match 'Passed\s+\d+\.\d LABSQL\d_'
            $text | Should -Match 'Files\s+: \d+, .* passed' -Because 'the summary has its own view also behind the files'
            Test-BizTalkBackup $folder -Level Structure | Select-Object -Last 1 | Out-String | Should -Match 'Files\s+: \d+, .* passed'
        }
    }
}
