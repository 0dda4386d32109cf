Describe 'Get-BizTalkBackup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
    }

    It 'lists the history, newest first' {
        $sets = @(Get-BizTalkBackup $lab.SqlInstance @login)
        $sets.Count | Should -BeGreaterOrEqual 3
        $sets | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Catalogue.BackupSet'
        $sets.Stamp | Should -Be ($sets.Stamp | Sort-Object -Descending)
        $sets.SetId | Should -Not -Contain $null
        $sets | ForEach-Object { $_.Files.Count } | Select-Object -Unique | Should -Be 8
    }

    It 'reads the same sets from the files of a folder, with any instance that sees it and no group' {
        $destination = Get-PracticeLab Destination
        $there = Get-Login $destination
        $files = Get-BizTalkBackup $destination.SqlInstance $folder @there
        $history = Get-BizTalkBackup $lab.SqlInstance @login | Where-Object { $_.Files[0].Path.StartsWith($folder) }
        $files | ForEach-Object { "$_" } | Should -Be ($history | ForEach-Object { "$_" })
        $files.IsComplete | Should -Not -Contain $false
        $files[0].Files[0].Header | Should -Not -BeNullOrEmpty
    }

    It 'shows a set that lacks a file as incomplete' {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive 'partial')
        $newest = Get-BizTalkBackup $lab.SqlInstance $copy @login | Select-Object -First 1
        Remove-Item -LiteralPath $newest.Files[0].Path
        $again = Get-BizTalkBackup $lab.SqlInstance $copy @login | Select-Object -First 1
        $again.Stamp | Should -Be $newest.Stamp
        $again.IsComplete | Should -BeFalse
        $again.Files.Count | Should -Be 7
        $again.Findings | Should -Not -BeNullOrEmpty
    }

    It 'refuses a folder the server cannot see' {
        $raised = Get-RaisedError { Get-BizTalkBackup $lab.SqlInstance '/no/such/folder' @login }
        Assert-RecoveryError $raised FolderNotVisibleToServer OpenError
        $raised.TargetObject | Should -Be '/no/such/folder'
    }

    It 'refuses an empty folder' {
        $empty = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')).FullName
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkBackup $lab.SqlInstance $empty @login }) FolderEmpty ObjectNotFound
    }

    It 'refuses a folder that holds other files: <Name>' -ForEach @(@{ Name = 'notes.txt' }, @{ Name = 'notes.bak' }) {
        $other = (New-Item -ItemType Directory -Path (Join-Path $TestDrive "other-$Name")).FullName
        Set-Content -LiteralPath (Join-Path $other $Name) -Value 'These are notes.'
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkBackup $lab.SqlInstance $other @login }) NoBackupsFound ObjectNotFound
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'NotAManagementDatabase'; Category = 'ObjectNotFound'; Given = @{ ManagementDatabase = 'OrdersDb' } }
        @{ Id = 'LoginFailed'; Category = 'AuthenticationError'; Given = @{ SqlCredential = [pscredential]::new('sa', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)) } }
        @{ Id = 'CertificateNotTrusted'; Category = 'SecurityError'; Given = @{ TrustServerCertificate = $false } }
    ) {
        $parameters = @{ SqlInstance = $lab.SqlInstance } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkBackup @parameters }) $Id $Category
    }
}
