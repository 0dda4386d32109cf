Describe 'Export-BizTalkSqlObject' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $access = Get-GroupAccess $lab
        $computer = Get-LabComputer $lab LABBTS1
        $password = ConvertTo-SecureString 'cAnary-Sql-1' -AsPlainText -Force
    }

    It 'keeps the jobs and linked servers of the group, and the password nowhere' {
        $text = Export-BizTalkSqlObject (Join-Path $TestDrive kept) -ComputerName $computer -CertificatePassword $password @access -Verbose 4>&1 6>&1 3>&1 | Tee-Object -Variable result | Out-String
        $backup = $result | Where-Object { $_.GetType().Name -eq 'PartBackup' }
        $backup.Part | Should -Be SqlObject
        $inventory = Get-Content -Raw (Join-Path $TestDrive kept "LABBTS1/$($backup.Manifest.Files.Name | Where-Object { $_ -like '*.json' })") | ConvertFrom-Json
        @($inventory.instances).Count | Should -Be 2
        $inventory.instances.objects | Where-Object kind -EQ Job | ForEach-Object name | Should -Contain 'Backup BizTalk Server (BizTalkMgmtDb)'
        $inventory.instances.objects | Where-Object kind -EQ LinkedServer | Should -Not -BeNullOrEmpty
        $text | Should -Not -Match 'cAnary'
        @(Test-BizTalkConfiguration (Join-Path $TestDrive kept) -Part SqlObject -ComputerName $computer -CertificatePassword $password @access | Where-Object Outcome -NE Passed) | Should -BeNullOrEmpty
    }

    It 'keeps nothing with -WhatIf' {
        Export-BizTalkSqlObject (Join-Path $TestDrive none) -ComputerName $computer -WhatIf @access | Should -BeNullOrEmpty
        Join-Path $TestDrive none | Should -Not -Exist
    }

    It 'refuses a recipient that is no certificate' {
        Assert-RecoveryError (Get-RaisedError { Export-BizTalkSqlObject (Join-Path $TestDrive none) -ComputerName $computer -RecipientCertificate "$TestDrive/nowhere.cer" @access }) CertificateFileInvalid InvalidData
    }
}
