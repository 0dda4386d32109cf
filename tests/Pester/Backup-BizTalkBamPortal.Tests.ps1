Describe 'Backup-BizTalkBamPortal' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
    }

    It 'keeps the portal and BAM''s configuration, and no password' {
        $computer = Get-LabComputer $lab LABBTS1
        $backup = Backup-BizTalkBamPortal (Join-Path $TestDrive kept) -ComputerName $computer @access
        $backup.Manifest.Facts['poolAccount'] | Should -Be 'LAB\BamPortal'
        @($backup.Manifest.Files.Name -like '*.config').Count | Should -Be 3
        $backup.Manifest.LeftOut | Should -BeLike '*LAB\BamPortal*'
        $password = (Get-Content (Join-Path $computer iis.json) | ConvertFrom-Json).Pools[0].Attributes.'processModel.password'
        $password | Should -Not -BeNullOrEmpty
        Get-ChildItem (Join-Path $TestDrive kept) -Recurse -File | Select-String -SimpleMatch $password | Should -BeNullOrEmpty
    }

    It 'says why a computer has none' {
        $none = Backup-BizTalkBamPortal (Join-Path $TestDrive none) -ComputerName (Get-LabComputer $lab LABBTS2) @access
        $none.Skipped | Should -BeLike '*BAMAppPool*'
        $none | Format-Table | Out-String -Width 300 | Should -Match 'BamPortal\s+Skipped\s+0\s'
    }

    It 'keeps nothing with -WhatIf' {
        Backup-BizTalkBamPortal (Join-Path $TestDrive whatif) -ComputerName (Get-LabComputer $lab LABBTS1) -WhatIf @access | Should -BeNullOrEmpty
        Join-Path $TestDrive whatif | Should -Not -Exist
    }
}
