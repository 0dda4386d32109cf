Describe 'Test-BizTalkBackup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab Destination
        $login = Get-Login $lab
        $folder = Get-PracticeBackup
    }

    It 'passes every check of a whole folder' {
        $results = Test-BizTalkBackup $folder $lab.SqlInstance @login
        $results | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Backup.BackupTestResult'
        $results.Outcome | Select-Object -Unique | Should -Be 'Passed'
        $results.Check | ForEach-Object { "$_" } | Sort-Object -Unique | Should -Be 'Chain', 'Mark', 'Media', 'SetComplete'
        @($results | Where-Object Check -EQ 'Media').Count | Should -Be @(Get-ChildItem -LiteralPath $folder -Filter *.bak).Count
    }

    It 'gives one Boolean with -Quiet' {
        $quiet = Test-BizTalkBackup $folder $lab.SqlInstance -Quiet @login
        $quiet | Should -BeOfType [bool]
        $quiet | Should -BeTrue
    }

    It 'tests only what one mark needs' {
        $mark = (Get-BizTalkBackup $lab.SqlInstance $folder @login | Where-Object Kind -EQ 'Log' | Select-Object -Last 1).Mark
        $results = Test-BizTalkBackup $folder $lab.SqlInstance -Mark $mark @login
        @($results | Where-Object Check -EQ 'Mark').Count | Should -Be 8
        @($results | Where-Object Check -EQ 'Media').Count | Should -BeLessThan @(Get-ChildItem -LiteralPath $folder -Filter *.bak).Count
    }

    It 'fails a folder with <Case>' -ForEach @(
        @{ Case = 'a file missing'; Damage = { param($file) Remove-Item -LiteralPath $file } }
        @{ Case = 'a file cut short'; Damage = { param($file) $stream = [System.IO.File]::OpenWrite($file); $stream.SetLength([int]($stream.Length / 2)); $stream.Dispose() } }
        @{ Case = 'a file that is something else'; Damage = { param($file) Set-Content -LiteralPath $file -Value 'something else' } }
    ) {
        $copy = Copy-PracticeBackup (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))
        $set = Get-BizTalkBackup $lab.SqlInstance $copy @login | Select-Object -First 1
        & $Damage $set.Files[3].Path
        $results = Test-BizTalkBackup $copy $lab.SqlInstance @login
        $results.Outcome | Should -Contain 'Failed'
        $results | Where-Object Outcome -EQ 'Failed' | ForEach-Object Reason | Should -Not -Contain ''
        Test-BizTalkBackup $copy $lab.SqlInstance -Quiet @login | Should -BeFalse
    }

    It 'refuses a mark nobody has set' {
        $raised = Get-RaisedError { Test-BizTalkBackup $folder $lab.SqlInstance -Mark 'BTS_2001_01_01_00_00_00_000' @login }
        Assert-RecoveryError $raised LogMarkNotFound ObjectNotFound
        $raised.TargetObject | Should -Be 'BTS_2001_01_01_00_00_00_000'
    }

    It 'refuses a folder the server cannot see' {
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup '/no/such/folder' $lab.SqlInstance @login }) FolderNotVisibleToServer OpenError
    }

    It 'refuses an empty folder' {
        $empty = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')).FullName
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup $empty $lab.SqlInstance -Quiet @login }) FolderEmpty ObjectNotFound
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'LoginFailed'; Category = 'AuthenticationError'; Given = @{ SqlCredential = [pscredential]::new('sa', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)) } }
        @{ Id = 'CertificateNotTrusted'; Category = 'SecurityError'; Given = @{ TrustServerCertificate = $false } }
    ) {
        $parameters = @{ Path = $folder; SqlInstance = $lab.SqlInstance } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { Test-BizTalkBackup @parameters }) $Id $Category
    }
}
