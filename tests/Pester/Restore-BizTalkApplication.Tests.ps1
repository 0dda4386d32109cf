Describe 'Restore-BizTalkApplication' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $source = Get-LabComputer $lab LABBTS1
        $computer = Get-LabComputer $lab LABBTS2
        $kept = Join-Path $TestDrive kept
        $null = Backup-BizTalkApplication $kept -ComputerName $source @access
        $cache = Join-Path $computer files/C/Windows/Microsoft.NET
        Remove-Item $cache -Recurse
    }

    It 'refuses a map with a value that stands nowhere, before anything is changed' {
        $map = Join-Path $TestDrive map.json
        Set-Content $map '{ "schemaVersion": 1, "values": [ { "from": "mistyped.lab", "to": "x" } ] }'
        Assert-RecoveryError (Get-RaisedError { Restore-BizTalkApplication $kept -ComputerName $computer -SourceComputer LABBTS1 -BindingsMap $map -Confirm:$false @access }) BindingsMapInvalid InvalidArgument
        $cache | Should -Not -Exist
    }

    It 'installs nothing with -WhatIf' {
        Restore-BizTalkApplication $kept -ComputerName $computer -SourceComputer LABBTS1 -WhatIf @access | Should -BeNullOrEmpty
        $cache | Should -Not -Exist
    }

    It 'brings back what the hosts of a computer load, and leaves the group alone' {
        $steps = Restore-BizTalkApplication $kept -ComputerName $computer -SourceComputer LABBTS1 -Confirm:$false @access
        $steps.Step.Id | Should -Not -BeLike 'import/*'
        ($steps | Where-Object { $_.Step.Id -like 'bindings/*' }).State | Select-Object -Unique | Should -Be NotNeeded
        ($steps | Where-Object { $_.Step.Id -eq 'assemblies-check' }).State | Should -Be Done
        @(Get-ChildItem $cache -Recurse -Filter *.dll).Count | Should -Be 2
    }
}
