# The story the product is for, as an operator types it: one It after the other, each on what the one before has left.
Describe 'A group is backed up, lost and brought back' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $source = Get-PracticeLab
        $login = Get-Login $source
        $folder = Join-Path $source.Path 'story'
        $null = New-Item -ItemType Directory -Path $folder
        $password = $source.SqlCredential.GetNetworkCredential().Password
        $story = @{ Streams = [System.Collections.Generic.List[object]]::new() }

        # Everything a cmdlet writes, whatever the stream; the objects are given back.
        function Watch-Stream {
            param([scriptblock] $ScriptBlock)

            $all = & $ScriptBlock *>&1
            $story.Streams.AddRange(@($all))
            $all | Where-Object { $_ -isnot [System.Management.Automation.InformationalRecord] -and $_ -isnot [System.Management.Automation.InformationRecord] }
        }
    }

    AfterAll {
        if ($story.Standby) {
            $story.Standby | Stop-BizTalkLab -RemoveFolder
        }
    }

    It 'shows the group' {
        $group = Watch-Stream { Get-BizTalkGroup $source.SqlInstance @login -Verbose -Debug }
        $group.Members.Count | Should -Be 8
    }

    It 'takes a full and a log backup' {
        $sets = Watch-Stream { Backup-BizTalkGroup $source.SqlInstance $folder -Type FullAndLog @login -Verbose -Debug }
        $sets.Kind | Should -Be 'Full', 'Log'
    }

    It 'takes more logs, with business between them' {
        foreach ($i in 1, 2) {
            Invoke-LabQuery $source 1 "CREATE TABLE dbo.Story$i (Id int NOT NULL PRIMARY KEY); INSERT INTO dbo.Story$i (Id) VALUES ($i);" OrdersDb
            $story.Mark = (Watch-Stream { Backup-BizTalkGroup $source.SqlInstance $folder @login -Verbose -Debug }).Mark
        }

        Invoke-LabQuery $source 1 'CREATE TABLE dbo.TooLate (Id int NOT NULL);' OrdersDb
        @(Get-ChildItem -LiteralPath $folder -Exclude *.biztalkdr.json).Count | Should -Be 32
        @(Get-ChildItem -LiteralPath $folder -Filter *.biztalkdr.json).Count | Should -Be 4
    }

    It 'lists them from the history and from the folder alike' {
        $history = Watch-Stream { Get-BizTalkBackup $source.SqlInstance @login -Verbose -Debug } | Where-Object { $_.Files[0].Path.StartsWith($folder) }
        $files = Watch-Stream { Get-BizTalkBackup $source.SqlInstance $folder @login -Verbose -Debug }
        $files.Count | Should -Be 4
        $files[0].Mark | Should -Be $story.Mark
        $history | ForEach-Object { "$_" } | Should -Be ($files | ForEach-Object { "$_" })
    }

    It 'tests them' {
        (Watch-Stream { Test-BizTalkBackup $folder $source.SqlInstance @login -Verbose -Debug }).Outcome | Select-Object -Unique | Should -Be 'Passed'
        Watch-Stream { Test-BizTalkBackup $folder $source.SqlInstance -Quiet @login } | Should -BeTrue
    }

    It 'starts two other instances, with other names and nothing on them' {
        $story.Standby = Watch-Stream { Start-BizTalkLab -Empty -ServerName STANDBY1, STANDBY2 -Verbose -Debug }
        $story.Login = Get-Login $story.Standby
        $story.Standby.ServerName | Should -Be 'STANDBY1', 'STANDBY2'
        Get-LabDatabase $story.Standby | Should -BeNullOrEmpty
    }

    It 'shows the plan and does nothing' {
        $login = $story.Login
        Watch-Stream { Restore-BizTalkDatabases $folder $story.Standby.SqlInstance -WhatIf @login -Verbose -Debug -WarningAction Continue } | Should -BeNullOrEmpty
        Get-LabDatabase $story.Standby | Should -BeNullOrEmpty
    }

    It 'restores the group there to its newest mark' {
        $login = $story.Login
        $story.Result = Watch-Stream { Restore-BizTalkDatabases $folder $story.Standby.SqlInstance -Confirm:$false @login -Verbose -Debug -WarningAction Continue }
        $story.Result.IsSuccess | Should -BeTrue
        $story.Result.Mark | Should -Be $story.Mark
        Test-Path -LiteralPath $story.Result.JournalPath | Should -BeTrue
    }

    It 'has the rows from before the mark and none from after it' {
        Invoke-LabQuery $story.Standby 1 'SELECT Id FROM dbo.Story1 UNION ALL SELECT Id FROM dbo.Story2' OrdersDb | Should -Be 1, 2
        Invoke-LabQuery $story.Standby 1 "SELECT COUNT(*) FROM sys.tables WHERE name = 'TooLate'" OrdersDb | Should -Be 0
    }

    It 'shows the group from the restored Management database' {
        $login = $story.Login
        $group = Watch-Stream { Get-BizTalkGroup $story.Standby.SqlInstance @login -Verbose -Debug }
        $group.ManagementServer | Should -Be 'STANDBY1'
        $group.Members.Database | Sort-Object | Should -Be ($story.Result.Members.Name | Sort-Object)
    }

    It 'never showed a password in any stream, object or journal' {
        $secrets = $password, $story.Standby.SqlCredential.GetNetworkCredential().Password
        $text = ($story.Streams | Out-String -Width 4096) + ($story.Streams | ForEach-Object { "$_" } | Out-String -Width 4096)
        $text += $story.Result | ConvertTo-Json -Depth 8
        $text += Get-Content -LiteralPath $story.Result.JournalPath -Raw
        $text.Length | Should -BeGreaterThan 1000
        $story.Streams | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Should -Not -BeNullOrEmpty
        foreach ($secret in $secrets) {
            $text.Contains($secret) | Should -BeFalse
        }

        Remove-Item -LiteralPath $story.Result.JournalPath
    }
}
