Describe 'Stop-BizTalkLab' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $path = Join-Path $TestDrive 'lab'
        $lab = Start-BizTalkLab $path -Empty
        $instances = if ($IsLinux) { Get-Process dotnet | Where-Object { $_.Parent.Id -eq $lab.ProcessId } } else { @() }
    }

    It 'stops nothing with -WhatIf' {
        Stop-BizTalkLab $lab -RemoveFolder -WhatIf | Should -BeNullOrEmpty
        (Get-Process -Id $lab.ProcessId).HasExited | Should -BeFalse
        Test-Path -LiteralPath $path | Should -BeTrue
    }

    It 'ends the lab and its instances, and keeps the folder' {
        $lab | Stop-BizTalkLab | Should -BeNullOrEmpty
        Get-Process -Id $lab.ProcessId -ErrorAction Ignore | Should -BeNullOrEmpty
        $instances | Where-Object { -not $_.HasExited } | Should -BeNullOrEmpty
        Test-Path -LiteralPath (Join-Path $path 'lab.json') | Should -BeTrue
    }

    It 'refuses a lab that was stopped before' {
        Assert-RecoveryError (Get-RaisedError { Stop-BizTalkLab $lab }) LabNotRunning ObjectNotFound
    }

    It 'deletes the folder when told to' {
        $again = Start-BizTalkLab $path
        $again | Stop-BizTalkLab -RemoveFolder
        Test-Path -LiteralPath $path | Should -BeFalse
    }

    It 'takes nothing but a lab' {
        (Get-RaisedError { Stop-BizTalkLab 'lab' }).FullyQualifiedErrorId | Should -BeLike 'CannotConvertArgumentNoMessage,*'
        (Get-RaisedError { Stop-BizTalkLab $null }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*,*'
    }
}
