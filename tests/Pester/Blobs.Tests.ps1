# The cmdlets against Azurite, Microsoft's emulator of blob storage. .ci/run installs it; on a machine without Node.js these tests are left out, and say so.
BeforeDiscovery {
    $program = [System.IO.Path]::Combine($PSScriptRoot, '..', 'BizTalkDR.Lab.Tests', 'Foreign', 'node', 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js')
    $hasAzurite = (Get-Command node -CommandType Application -ErrorAction Ignore) -and (Test-Path -LiteralPath $program)
    if (-not $hasAzurite) {
        Write-Host 'Pester: Blobs.Tests.ps1 is left out: no Node.js on PATH, or Azurite is not installed (npm ci in tests/BizTalkDR.Lab.Tests/Foreign/node)'
    }
}

if ($hasAzurite) {
    Describe 'Cmdlets against a container of Azurite' {
        BeforeAll {
            . "$PSScriptRoot/Common.ps1"
            $folder = Get-PracticeBackup
            $lab = Get-PracticeLab Replicas
            $login = Get-Login $lab
            $key = [System.Security.Cryptography.RandomNumberGenerator]::GetBytes(64)
            $program = [System.IO.Path]::Combine($RepositoryPath, 'tests', 'BizTalkDR.Lab.Tests', 'Foreign', 'node', 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js')
            $start = [System.Diagnostics.ProcessStartInfo]::new('node')
            $program, '--blobHost', '127.0.0.1', '--blobPort', '0', '--inMemoryPersistence', '--silent' | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.Environment['AZURITE_ACCOUNTS'] = 'lab:' + [Convert]::ToBase64String($key)
            $start.RedirectStandardOutput = $true
            $start.WorkingDirectory = "$TestDrive"
            $azurite = [System.Diagnostics.Process]::Start($start)
            do { $line = $azurite.StandardOutput.ReadLine() } until ($null -eq $line -or $line -match 'successfully listens on (\S+)')
            $line | Should -Match 'successfully listens on'
            $account = $Matches[1] + '/lab'

            # "Create an account SAS", before version 2020-12-06.
            function Get-Signature {
                param([string] $Permission, [string] $Expiry = '2099-01-01T00:00:00Z')

                $text = "lab`n$Permission`nb`nsco`n`n$Expiry`n`n`n2019-12-12`n"
                $hash = [System.Security.Cryptography.HMACSHA256]::HashData($key, [System.Text.Encoding]::UTF8.GetBytes($text))
                "sv=2019-12-12&ss=b&srt=sco&sp=$Permission&se=$([uri]::EscapeDataString($Expiry))&sig=$([uri]::EscapeDataString([Convert]::ToBase64String($hash)))"
            }

            function Set-Blob {
                param([string] $Url, [byte[]] $Content = @())

                $null = Invoke-WebRequest -Method Put -Uri ($Url + $(if ($Url.Contains('?')) { '&' } else { '?' }) + (Get-Signature 'rwdlac')) -Headers @{ 'x-ms-version' = '2020-10-02'; 'x-ms-blob-type' = 'BlockBlob' } -Body $Content -ContentType 'application/octet-stream' -NoProxy
            }

            $container = "$account/backups"
            Set-Blob "${container}?restype=container"
            foreach ($file in Get-ChildItem -LiteralPath $folder -File) { Set-Blob "$container/week/$([uri]::EscapeDataString($file.Name))" ([System.IO.File]::ReadAllBytes($file.FullName)) }
            $url = "$container/week"
            $signature = Get-Signature 'rl'
            $secret = @{ SasToken = ConvertTo-SecureString -String $signature -AsPlainText -Force }
            $said = [System.Collections.Generic.List[string]]::new()

            # Everything a command says, in every stream, is kept for the last test; its output comes back.
            function Watch-Command {
                param([scriptblock] $ScriptBlock)

                $all = & $ScriptBlock *>&1
                $said.Add(($all | Format-List * -Force | Out-String))
                $all | Where-Object { $_ -isnot [System.Management.Automation.InformationalRecord] -and $_ -isnot [System.Management.Automation.InformationRecord] }
            }
        }

        It 'Get-BizTalkBackupFile reads blobs as it reads their files' {
            $here = @(Get-BizTalkBackupFile $folder -IncludeMark)
            $there = @(Watch-Command { Get-BizTalkBackupFile $url -IncludeMark -Verbose @secret })
            $facts = { param($f) "$($f.Name) $($f.Position) $($f.Database) $($f.Type) $($f.State) $($f.FirstLsn) $($f.LastLsn) $($f.BackupSetGuid) $($f.FileSizeBytes) $($f.Marks.Name)" }
            $there | ForEach-Object { & $facts $_ } | Should -Be ($here | ForEach-Object { & $facts $_ })
            $there.Folder | Sort-Object -Unique | Should -Be $url
            $one = Watch-Command { Get-BizTalkBackupFile $there[0].FullName @secret }
            & $facts $one | Should -Be (& $facts (Get-BizTalkBackupFile $here[0].FullName))
            @(Get-BizTalkBackupFile $container -Recurse -Include '*_Log_*.bak' @secret).Count | Should -Be @($here | Where-Object Type -EQ 'Log').Count
        }

        It 'Test-BizTalkBackup tests blobs to their end, and against hashes' {
            $list = Join-Path $TestDrive 'SHA256SUMS'
            Get-ChildItem -LiteralPath $folder -File -Filter '*.bak' | Get-FileHash | ForEach-Object { "$($_.Hash)  $(Split-Path -Leaf $_.Path)" } | Set-Content -LiteralPath $list
            $here = @(Test-BizTalkBackup $folder -Level Structure, Content, Hash)
            $there = @(Watch-Command { Test-BizTalkBackup $url -Level Structure, Content, Hash -Manifest $list @secret })
            $there.Count | Should -Be $here.Count
            $there[-1].GetType().Name | Should -Be 'FileTestSummary'
            foreach ($i in 0..($here.Count - 2)) {
                $there[$i].Name | Should -Be $here[$i].Name
                $there[$i].Sha256 | Should -Be $here[$i].Sha256
                $there[$i].Checks | Where-Object Check -EQ Hash | ForEach-Object Outcome | Should -Be 'Passed'
                $there[$i].Checks | Where-Object Check -NotIn Hash, Unchanged | ForEach-Object { "$_" } | Should -Be ($here[$i].Checks | Where-Object Check -NotIn Hash, Unchanged | ForEach-Object { "$_" })
            }

            (Get-BizTalkBackupFile $url @secret | Select-Object -First 1 | Test-BizTalkBackup -Level Structure @secret)[0].Outcome | Should -Be 'Passed'
            $bytes = [System.IO.File]::ReadAllBytes($here[0].FullName)
            Set-Blob "$container/cut/cut.bak" $bytes[0..([int]($bytes.Length / 2))]
            (Watch-Command { Test-BizTalkBackup "$container/cut" @secret })[0].Outcome | Should -Be 'Failed'
            Test-BizTalkBackup "$container/cut" -Quiet @secret | Should -BeFalse
        }

        It 'refuses <Case>, and does not repeat the signature' -ForEach @(
            @{ Case = 'a URL with a query'; Given = { "${url}?$signature" }; Id = 'BackupPathInvalid' }
            @{ Case = 'a wildcard in a URL'; Given = { "$url/*.bak" }; Id = 'BackupPathInvalid' }
            @{ Case = 'a URL without encryption'; Given = { 'http://account.blob.core.windows.net/backups' }; Id = 'BackupPathInvalid' }
            @{ Case = 'a container that is not there'; Given = { "$account/elsewhere" }; Id = 'BlobNotFound' }
            @{ Case = 'a blob that is not there'; Given = { "$url/none.bak" }; Id = 'BlobNotFound' }
            @{ Case = 'a folder of other blobs'; Given = { Set-Blob "$container/notes/read.me" ([byte[]](1, 2)); "$container/notes" }; Id = 'NoBackupsFound' }
            @{ Case = 'a signature that ended'; Given = { $url }; Id = 'BlobSignatureExpired'; Token = { Get-Signature 'rl' '2020-01-01T00:00:00Z' } }
            @{ Case = 'a damaged signature'; Given = { $url }; Id = 'BlobAccessDenied'; Token = { $signature.Replace('sig=', 'sig=AAAA') } }
        ) {
            $path = & $Given
            $token = if ($Token) { @{ SasToken = ConvertTo-SecureString -String (& $Token) -AsPlainText -Force } } else { $secret }
            $raised = Get-RaisedError { Get-BizTalkBackupFile $path -ErrorAction Stop @token }
            $raised.FullyQualifiedErrorId | Should -BeLike "$Id,*"
            $raised.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            "$raised $($raised.TargetObject) $($raised.Exception) $($raised.ErrorDetails)" | Should -Not -Match 'sig='
            $results = @(Test-BizTalkBackup $path -ErrorAction SilentlyContinue -ErrorVariable refused @token)
            $results[-1].Outcome | Should -Not -Be 'Passed'
            "$($results | Out-String) $($refused | ForEach-Object { "$_ $($_.Exception)" })" | Should -Not -Match 'sig='
        }

        It 'takes a list of hashes from a file alone, and says so before anything is read' {
            $raised = Get-RaisedError { Test-BizTalkBackup $url -Manifest "$url/SHA256SUMS?$signature" @secret }
            Assert-RecoveryError $raised ManifestInvalid InvalidArgument
            "$raised $($raised.TargetObject) $($raised.Exception)" | Should -Not -Match 'sig='
        }

        It 'plans and restores from a container, and the signature is nowhere' {
            $journal = Join-Path $TestDrive 'blobs.jsonl'
            $plan = Join-Path $TestDrive 'blobs.json'
            $to = @{ InstanceMap = @{ LABSQL1 = 'AGSQL1'; LABSQL2 = 'AGSQL1' }; Force = $true; WarningAction = 'SilentlyContinue' } + $login + $secret
            Assert-RecoveryError (Get-RaisedError { New-BizTalkRestorePlan $url $lab.SqlInstance[0] @to }) CredentialMissing SecurityError
            Invoke-LabQuery $lab 0 "CREATE CREDENTIAL [$container] WITH IDENTITY = 'SHARED ACCESS SIGNATURE', SECRET = '$signature'; SELECT 1" | Should -Be 1

            $sets = @(Watch-Command { Get-BizTalkBackup $lab.SqlInstance[0] $url -Verbose @login @secret })
            $point = @(Watch-Command { Get-BizTalkRecoveryPoint $url -Verbose @secret })[0]
            $point.Mark | Should -Be $sets[0].Mark
            (Watch-Command { New-BizTalkRestorePlan $url $lab.SqlInstance[0] -OutFile $plan -Verbose @to }).Mark | Should -Be $point.Mark
            (Watch-Command { Test-BizTalkRestorePlan $plan -Verbose @login @secret }).Outcome | Should -Not -Contain 'Failed'
            (Watch-Command { Test-BizTalkBackup $url $lab.SqlInstance[0] -Mark $point.Mark @login @secret }).Outcome | Sort-Object -Unique | Should -Be 'Passed'
            $null = Watch-Command { Restore-BizTalkDatabases $url $lab.SqlInstance[0] -AsScript (Join-Path $TestDrive 'scripts') -Confirm:$false @to }
            $before = @(Get-LabDatabase $lab)
            $null = Watch-Command { Restore-BizTalkDatabases $url $lab.SqlInstance[0] -WhatIf @to }
            @(Get-LabDatabase $lab) | Should -Be $before
            $result = Watch-Command { $DebugPreference = 'Continue'; Restore-BizTalkDatabases -Plan $plan -JournalPath $journal -Verbose -Confirm:$false @login @secret }
            $result.IsSuccess | Should -BeTrue
            $result.Mark | Should -Be $point.Mark

            $raw = [uri]::UnescapeDataString($signature.Substring($signature.IndexOf('sig=') + 4))
            $forms = $raw, [uri]::EscapeDataString($raw)
            $said.Count | Should -BeGreaterThan 10
            $files = @(Get-ChildItem -LiteralPath $TestDrive -Recurse -File) + @(Get-ChildItem -LiteralPath (Join-Path ([Environment]::GetFolderPath('LocalApplicationData')) 'BizTalkDR') -Recurse -File -ErrorAction Ignore)
            $files.Name | Should -Contain 'blobs.jsonl'
            $texts = @($said) + @($files | ForEach-Object { [System.IO.File]::ReadAllText($_.FullName, [System.Text.Encoding]::Latin1) }) + @($Error | ForEach-Object { "$_ $($_.Exception) $($_.ErrorDetails)" })
            foreach ($form in $forms) { @($texts | Where-Object { $_.Contains($form) }).Count | Should -Be 0 }
        }

        AfterAll {
            if ($azurite) {
                $azurite.Kill()
                $azurite.WaitForExit()
                $azurite.Dispose()
            }

            Invoke-LabQuery $lab 0 "IF EXISTS (SELECT * FROM sys.credentials WHERE name = N'$container') DROP CREDENTIAL [$container]; SELECT 1"
        }
    }
}
