Describe 'Start-BizTalkLab' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $path = Join-Path $TestDrive 'a lab'
        $lab = Start-BizTalkLab $path -Empty -ServerName 'PLAY1', 'PLAY2\BTS' -Verbose -Debug -InformationVariable information 4>&1 5>&1
        $said = $lab | Where-Object { $_ -is [System.Management.Automation.InformationalRecord] }
        $lab = $lab | Where-Object { $_ -isnot [System.Management.Automation.InformationalRecord] }
        $password = $lab.SqlCredential.GetNetworkCredential().Password
    }

    AfterAll {
        if (Get-Process -Id $lab.ProcessId -ErrorAction Ignore) {
            $lab | Stop-BizTalkLab
        }
    }

    It 'gives back one object with everything the other cmdlets need' {
        @($lab).Count | Should -Be 1
        $lab.GetType().FullName | Should -Be 'BizTalkDR.Module.Lab.BizTalkLab'
        $lab.ServerName | Should -Be 'PLAY1', 'PLAY2\BTS'
        $lab.SqlInstance | Should -HaveCount 2
        $lab.SqlInstance | ForEach-Object { $_ | Should -Match '^127\.0\.0\.1,\d+$' }
        $lab.ManagementDatabase | Should -Be 'BizTalkMgmtDb'
        $lab.Path | Should -Be $path
        Test-Path -LiteralPath $lab.BackupFolder -PathType Container | Should -BeTrue
        (Get-Process -Id $lab.ProcessId).HasExited | Should -BeFalse
    }

    It 'answers to its login' {
        $login = Get-Login $lab
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance @login }) NotAManagementDatabase ObjectNotFound
        Get-LabDatabase $lab | Should -BeNullOrEmpty
        Invoke-LabQuery $lab 1 'SELECT CAST(SERVERPROPERTY(''ServerName'') AS nvarchar(128))' | Should -Be 'PLAY2\BTS'
    }

    It 'says that it is a simulator, and never its password' {
        $said | Out-String | Should -Match 'SIMULATED'
        $said | Out-String | Should -Not -Match ([regex]::Escape($password))
        $lab | Format-List | Out-String | Should -Match 'SIMULATED'
        $lab | Format-List * | Out-String | Should -Not -Match ([regex]::Escape($password))
    }

    It 'keeps its password in one file of its owner' -Skip:$IsWindows {
        $holders = Get-ChildItem -LiteralPath $path -File -Recurse | Where-Object { $_.Extension -in '.json', '.log', '.txt', '.cer' -and (Get-Content -LiteralPath $_.FullName -Raw) -match [regex]::Escape($password) }
        $holders.Name | Should -Be 'connection.json'
        $holders.UnixMode | Should -Be '-rw-------'
    }

    It 'puts no secret on a command line' -Skip:(-not $IsLinux) {
        $lines = Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$' | ForEach-Object { [System.IO.File]::ReadAllText("/proc/$($_.Name)/cmdline") } 2>$null
        $lines | Where-Object { $_ -match 'BizTalkDR\.Lab\.dll' } | Should -Not -BeNullOrEmpty
        $lines | Where-Object { $_ -match [regex]::Escape($password) } | Should -BeNullOrEmpty
    }

    It 'does not end when the operator interrupts a command' -Skip:$IsWindows {
        & /bin/kill -INT $lab.ProcessId
        Invoke-LabQuery $lab 0 'SELECT 1' | Should -Be 1
        (Get-Process -Id $lab.ProcessId).HasExited | Should -BeFalse
    }

    It 'starts nothing with -WhatIf' {
        $nowhere = Join-Path $TestDrive 'nowhere'
        Start-BizTalkLab $nowhere -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $nowhere | Should -BeFalse
    }

    It 'refuses a lab that runs already' {
        Assert-RecoveryError (Get-RaisedError { Start-BizTalkLab $path }) LabStartFailed ResourceUnavailable
    }

    It 'refuses a folder with something else in it, and leaves that alone' {
        $mine = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'mine')).FullName
        Set-Content -LiteralPath (Join-Path $mine 'thesis.txt') -Value 'mine'
        $raised = Get-RaisedError { Start-BizTalkLab $mine }
        Assert-RecoveryError $raised LabStartFailed ResourceUnavailable
        $raised.TargetObject | Should -Be $mine
        (Get-ChildItem -LiteralPath $mine).Name | Should -Be 'thesis.txt'
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a name no instance can have'; Names = 'A;B', 'C' }
        @{ Case = 'the same name twice'; Names = 'SAME', 'same' }
    ) {
        Assert-RecoveryError (Get-RaisedError { Start-BizTalkLab (Join-Path $TestDrive ([guid]::NewGuid())) -Empty -ServerName $Names }) LabStartFailed ResourceUnavailable
    }

    It 'wants two names' {
        (Get-RaisedError { Start-BizTalkLab -Empty -ServerName ONE -WhatIf }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
    }

    It 'says when there is no .NET runtime' {
        $said = Invoke-FreshPowerShell -ArgumentList $ModulePath {
            Import-Module $args[0]
            $env:PATH = ''
            try { Start-BizTalkLab -Empty } catch { "$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category)" }
        }
        $said | Should -Be 'LabRuntimeMissing,BizTalkDR.Module.Commands.StartBizTalkLabCommand ObjectNotFound'
    }

    It 'ends with the PowerShell that started it' {
        $other = Join-Path $TestDrive 'other'
        $id = [int](Invoke-FreshPowerShell -ArgumentList $ModulePath, $other {
            Import-Module $args[0]
            (Start-BizTalkLab $args[1] -Empty).ProcessId
        })
        Wait-Process -Id $id -Timeout 30 -ErrorAction Ignore
        Get-Process -Id $id -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'opens a lab again as it was' {
        $lab | Stop-BizTalkLab
        $again = Start-BizTalkLab $path
        try {
            $again.ServerName | Should -Be 'PLAY1', 'PLAY2\BTS'
            $again.SqlCredential.GetNetworkCredential().Password | Should -BeExactly $password
            Invoke-LabQuery $again 0 'SELECT 1' | Should -Be 1
        }
        finally {
            $again | Stop-BizTalkLab
        }
    }
}
