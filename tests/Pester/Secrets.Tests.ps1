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

        # Values for every parameter that must be there or takes a secret; switches stay off.
        function Get-Arguments {
            param($Command, [string] $Computer)

            $arguments = @{ ComputerName = $Computer; Verbose = $true; Debug = $true; ErrorAction = 'Continue' }
            foreach ($parameter in $Command.Parameters.Values) {
                $secret = ConvertTo-SecureString -String $canary -AsPlainText -Force
                switch ($parameter.ParameterType) {
                    ([securestring]) { $arguments[$parameter.Name] = $secret }
                    ([pscredential]) { $arguments[$parameter.Name] = [pscredential]::new('LAB\Somebody', $secret) }
                    ([pscredential[]]) { $arguments[$parameter.Name] = @([pscredential]::new('LAB\Somebody', $secret)) }
                }
            }

            if ($Command.Parameters.ContainsKey('Path')) {
                $arguments['Path'] = if ($Command.Verb -eq 'Backup') { Join-Path $TestDrive 'kept' } else { $kept }
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

    It 'looked at the command lines of tools that ran' {
        $lines = $lab.Computer | ForEach-Object { Get-Content -LiteralPath (Join-Path $_ 'command-lines.log') }
        $lines | Where-Object { $_ -match 'ssoconfig -(backup|restore)Secret' } | Should -Not -BeNullOrEmpty
    }

    AfterAll {
        # The role may have moved with the secret: it goes back to where the other tests look for it.
        $null = Move-BizTalkMasterSecretServer $kept (Get-SecretPassword) -ComputerName $lab.Computer[0] -CompletedStep MasterSecret/others -Confirm:$false
    }
}
