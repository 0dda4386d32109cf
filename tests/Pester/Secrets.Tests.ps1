# A secret that is passed to a cmdlet for a computer must be nowhere afterwards: in no stream, no file, no command line. Every cmdlet with -ComputerName is
# found by itself, and so is every parameter that takes a secret: a new cmdlet is in here without a word.
Describe 'Secrets of the computers'' cmdlets' {
    BeforeDiscovery {
        Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'BizTalkDR'))
        $cmdlets = @(Get-Command -Module BizTalkDR | Where-Object { $_.Parameters.ContainsKey('ComputerName') } | ForEach-Object Name)
    }

    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $access = Get-GroupAccess $lab
        $null = $lab.Computer | Backup-BizTalkConfiguration $kept -Part Configuration, Machine, SqlObject @access
        $canary = 'cAnary-' + [guid]::NewGuid().ToString('N')
        $forms = $canary, [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($canary)), [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($canary)) |
            ForEach-Object { [Text.Encoding]::Latin1.GetString([Text.Encoding]::UTF8.GetBytes($_)); [Text.Encoding]::Latin1.GetString([Text.Encoding]::Unicode.GetBytes($_)) }

        function Find-Canary {
            param([string[]] $Path)

            Get-ChildItem -LiteralPath $Path -Recurse -File -Force -ErrorAction Ignore | Where-Object {
                $text = [IO.File]::ReadAllText($_.FullName, [Text.Encoding]::Latin1)
                $forms | Where-Object { $text.Contains($_) }
            }
        }

        # What a cmdlet may leave something in: the computers, their backups, journals.
        $places = @($lab.Computer) + $kept + "$TestDrive" + (Join-Path ([Environment]::GetFolderPath('LocalApplicationData')) 'BizTalkDR')

        # Each tool is started through a file that first writes down what the system shows to everybody of its process: its arguments, and its environment.
        $seen = Join-Path $TestDrive 'processes'
        $null = New-Item -ItemType Directory -Path $seen
        $tools = @(if ($IsLinux) { Get-ChildItem -Path ($lab.Computer | ForEach-Object { Join-Path $_ 'tools' }) -File })
        foreach ($tool in $tools) {
            $real = "$($tool.FullName).real"
            Move-Item -LiteralPath $tool.FullName -Destination $real
            Set-Content -LiteralPath $tool.FullName -NoNewline -Value "#!/bin/sh`ncat /proc/`$`$/cmdline /proc/`$`$/environ > '$seen'/$($tool.Name).`$`$`nexec '$real' `"`$@`"`n"
            chmod 700 $tool.FullName
        }

        # Values for every parameter that must be there or takes a secret; switches stay off.
        function Get-Arguments {
            param($Command, [string] $Computer)

            $arguments = @{ ComputerName = $Computer; Verbose = $true; Debug = $true; ErrorAction = 'Continue' }
            foreach ($parameter in $Command.Parameters.Values) {
                $secret = ConvertTo-SecureString -String $canary -AsPlainText -Force
                switch ($parameter.ParameterType) {
                    ([securestring]) { $arguments[$parameter.Name] = $secret }
                    ([pscredential]) { $arguments[$parameter.Name] = [pscredential]::new('LAB\Somebody', $secret) }
                    ([pscredential[]]) { $arguments[$parameter.Name] = @('SsoService', 'BizTalkHost', 'RuleEngine', 'BamPortal' | ForEach-Object { [pscredential]::new("LAB\$_", $secret) }) }
                }
            }

            if ($Command.Parameters.ContainsKey('Path')) {
                $arguments['Path'] = if ($Command.Verb -in 'Backup', 'Export') { Join-Path $TestDrive 'kept' } else { $kept }
            }

            if ($Command.Parameters.ContainsKey('SqlInstance')) {
                foreach ($one in (Get-GroupAccess $lab).GetEnumerator()) { $arguments[$one.Key] = $one.Value }
            }

            if ($Command.Parameters.ContainsKey('SourceComputer')) { $arguments['SourceComputer'] = 'LABBTS1' }
            if ($Command.Parameters.ContainsKey('Confirm')) { $arguments['Confirm'] = $false }
            $arguments
        }
    }

    It 'finds a secret where there is one' {
        $file = Join-Path $TestDrive 'leak.bin'
        [IO.File]::WriteAllBytes($file, [byte[]](0, 255) + [Text.Encoding]::Unicode.GetBytes("x$canary"))
        @(Find-Canary "$TestDrive").Count | Should -Be 1
        Remove-Item -LiteralPath $file
    }

    It '<_> leaves its secrets nowhere' -ForEach $cmdlets {
        $command = Get-Command $_
        foreach ($computer in $lab.Computer) {
            $arguments = Get-Arguments $command $computer
            $Error.Clear()
            $said = try { & $command @arguments *>&1 | Format-List * -Force | Out-String } catch { $_ | Format-List * -Force | Out-String }
            $said + ($Error | ForEach-Object { "$_ $($_.Exception) $($_.ErrorDetails)" } | Out-String) | Should -Not -BeLike "*$canary*"
        }

        Find-Canary $places | Should -BeNullOrEmpty
    }

    It 'secrets that go through a session to <_> are nowhere' -ForEach 'Backup-BizTalkMasterSecret', 'Restore-BizTalkMasterSecret', 'Backup-BizTalkConfiguration' {
        $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
        try {
            $runspace.Open()
            $session = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'Process', $null)
            Invoke-Command -Session $session { param($module) Import-Module $module } -ArgumentList $ModulePath
            $command = Get-Command $_
            $arguments = Get-Arguments $command $lab.Computer[0]
            $Error.Clear()
            $said = try { & $command @arguments -Session $session *>&1 | Format-List * -Force | Out-String } catch { $_ | Format-List * -Force | Out-String }
            $said | Should -Not -BeNullOrEmpty
            $said + ($Error | ForEach-Object { "$_ $($_.Exception) $($_.ErrorDetails)" } | Out-String) | Should -Not -BeLike "*$canary*"
        }
        finally {
            $runspace.Dispose()
        }

        Find-Canary $places | Should -BeNullOrEmpty
    }

    It 'passwords of service accounts are nowhere, also when Configuration.exe refuses one' {
        $accounts = 'SsoService', 'BizTalkHost', 'RuleEngine', 'BamPortal' | ForEach-Object { [pscredential]::new("LAB\$_", (ConvertTo-SecureString -String $canary -AsPlainText -Force)) }
        $refused = Get-RaisedError { Restore-BizTalkConfiguration $kept -Part Configuration -ComputerName $lab.Computer[0] -ServiceCredential $accounts -Confirm:$false @access }
        Assert-RecoveryError $refused AccountPasswordWrong AuthenticationError
        "$refused $($refused.Exception) $($refused.ErrorDetails)" | Should -Not -BeLike "*$canary*"
        Find-Canary $places | Should -BeNullOrEmpty
    }

    It 'looked at the command lines of tools that ran' {
        $lines = $lab.Computer | ForEach-Object { Get-Content -LiteralPath (Join-Path $_ 'command-lines.log') }
        $lines | Where-Object { $_ -match 'ssoconfig -(backup|restore)Secret' } | Should -Not -BeNullOrEmpty
        $lines | Where-Object { $_ -match 'Configuration /S .+ /L ' } | Should -Not -BeNullOrEmpty
    }

    It 'looked at the processes of these tools as the system shows them' -Skip:(-not $IsLinux) {
        $processes = Get-ChildItem -LiteralPath $seen -File | ForEach-Object { [IO.File]::ReadAllText($_.FullName, [Text.Encoding]::Latin1) }
        $processes | Where-Object { $_ -match 'ssoconfig\0-backupSecret' -and $_ -match 'BIZTALKDR_COMPUTER=' } | Should -Not -BeNullOrEmpty
        $processes | Where-Object { $_ -match 'Configuration\0/S' } | Should -Not -BeNullOrEmpty
        $processes | Where-Object { $text = $_; $forms | Where-Object { $text.Contains($_) } } | Should -BeNullOrEmpty
    }

    AfterAll {
        foreach ($tool in $tools) {
            Move-Item -LiteralPath "$($tool.FullName).real" -Destination $tool.FullName -Force
        }

        # The role may have moved with the secret: it goes back to where the other tests look for it.
        $null = Move-BizTalkMasterSecretServer $kept (Get-SecretPassword) -ComputerName $lab.Computer[0] -CompletedStep MasterSecret/others -Confirm:$false
    }
}
