# By PowerShell remoting: a child process that speaks the protocol over its standard streams stands for the other computer.
Describe 'Session' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $path = Join-Path $TestDrive 'kept'
        $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
        $runspace.Open()
        $session = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'Process', $null)
        $computer = Get-LabComputer $lab LABBTS1

        function Assert-Refused {
            param([scriptblock] $ScriptBlock, [string] $Text)

            $refused = Get-RaisedError $ScriptBlock
            $refused.FullyQualifiedErrorId | Should -BeLike 'ComputerUnreachable*'
            $refused.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            "$refused" | Should -BeLike $Text
        }
    }

    AfterAll {
        $runspace.Dispose()
    }

    It 'is refused where the module is not there, and where it is of another version' {
        Assert-Refused { Test-BizTalkConfiguration $path -Session $session -ErrorAction Stop } '*does not have the module*'
        Invoke-Command -Session $session { New-Module -Name Other { function Test-BizTalkConfiguration { 'nothing' } } | Import-Module }
        Assert-Refused { Test-BizTalkConfiguration $path -Session $session -ErrorAction Stop } '*was asked for*'
        Invoke-Command -Session $session { param($module) Remove-Module Other; Import-Module $module } -ArgumentList $ModulePath
    }

    It 'runs there, takes passwords with it and gives back what was written' {
        $backup = Backup-BizTalkConfiguration $path -Part MasterSecret, Machine -ComputerName $computer -SecretPassword (Get-SecretPassword) -Session $session
        $backup.Part | Should -Be Machine, MasterSecret
        $backup.PSComputerName | Select-Object -Unique | Should -Be localhost
        Join-Path $path 'LABBTS1/computer.biztalkdr.json' | Should -Exist
        $check = @($computer | Test-BizTalkConfiguration $path -Part MasterSecret, Machine -Session $session)
        $check.Outcome | Select-Object -Unique | Should -Be Passed
        Test-BizTalkConfiguration $path -Part MasterSecret, Machine -ComputerName $computer -Session $session -Quiet | Should -BeTrue
    }

    It 'brings back there' {
        $steps = Restore-BizTalkConfiguration $path -Part Machine -ComputerName $computer -Session $session -Confirm:$false
        $steps.State | Select-Object -Unique | Should -Be NotNeeded, Done
    }

    It 'gives errors of the catalogue back' {
        $null = Backup-BizTalkConfiguration $path -Part MasterSecret -ComputerName $computer -Session $session -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed | Where-Object FullyQualifiedErrorId -Like 'SecretPasswordMissing,BizTalkDR.Module.Commands.*').Count | Should -Be 1
    }

    It 'writes nothing there with -WhatIf' {
        $none = Join-Path $TestDrive 'none'
        Backup-BizTalkConfiguration $none -ComputerName $computer -SecretPassword (Get-SecretPassword) -Session $session -WhatIf | Should -BeNullOrEmpty
        $none | Should -Not -Exist
    }
}
