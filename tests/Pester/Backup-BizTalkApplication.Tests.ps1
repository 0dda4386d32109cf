Describe 'Backup-BizTalkApplication' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
    }

    It 'keeps packages, bindings, resources, assemblies and parties, and names what no file holds' {
        $backup = Backup-BizTalkApplication (Join-Path $TestDrive kept) -ComputerName $computer -ExtraFile 'C:\Nowhere' @access
        $backup.Manifest.Facts['applications'] | Should -Be 'BizTalk Application 1,Common,Orders'
        foreach ($ending in '*.msi', '*.bindings.xml', '*.resources.xml') {
            @($backup.Manifest.Files.Name -like "*/app[0-9]$ending").Count | Should -Be 3
        }

        @($backup.Manifest.Files.Name -like '*/gac/*.dll').Count | Should -Be 2
        $backup.Manifest.Files.Name | Should -Contain ($backup.Manifest.Files.Name -like '*/parties.xml')
        $backup.Manifest.LeftOut | Where-Object { $_ -like '*OrdersToWarehouse*Password*' } | Should -Not -BeNullOrEmpty
        $backup.Manifest.LeftOut | Where-Object { $_ -like '*C:\Nowhere*' } | Should -Not -BeNullOrEmpty
    }

    It 'keeps nothing with -WhatIf' {
        Backup-BizTalkApplication (Join-Path $TestDrive none) -ComputerName $computer -WhatIf @access | Should -BeNullOrEmpty
        Join-Path $TestDrive none | Should -Not -Exist
    }

    It 'refuses a database that is no Management database, and keeps nothing' {
        $error1 = Get-RaisedError { Backup-BizTalkApplication (Join-Path $TestDrive none) -ComputerName $computer -ManagementDatabase SSODB -ErrorAction Stop @access }
        $error1.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Join-Path $TestDrive none/LABBTS1/computer.biztalkdr.json | Should -Not -Exist
    }
}
