Describe 'Backup-BizTalkGroup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        # The first words to a group that was never backed up; later files of the run find its backups there.
        $tooEarly = if (-not $global:BizTalkDRPractice.ContainsKey('Backup')) { Get-RaisedError { Backup-BizTalkGroup $lab.SqlInstance $lab.BackupFolder @login } }
        $left = @(Get-ChildItem -LiteralPath $lab.BackupFolder).Count
        $folder = Get-PracticeBackup

        function Get-State {
            "$(@(Get-ChildItem -LiteralPath $folder).Count) files, $(@(Get-BizTalkBackup $lab.SqlInstance @login).Count) sets"
        }
    }

    It 'gives back the sets it wrote, each confirmed' {
        $sets = Backup-BizTalkGroup $lab.SqlInstance $folder -Type FullAndLog @login
        $sets | ForEach-Object { $_.GetType().FullName } | Select-Object -Unique | Should -Be 'BizTalkDR.Catalogue.BackupSet'
        $sets.Kind | Should -Be 'Full', 'Log'
        $sets.IsComplete | Should -Be $true, $true
        $sets[0].Mark | Should -BeNullOrEmpty
        $sets[1].Mark | Should -Match '^BTS_\d{4}(_\d\d){5}_\d{3}$'
        $sets | ForEach-Object { $_.Files.Count } | Should -Be 8, 8
        $sets.Files | ForEach-Object { Test-Path -LiteralPath $_.Path } | Select-Object -Unique | Should -BeTrue
        $sets.Files.Server | Sort-Object -Unique | Should -Be 'LABSQL1', 'LABSQL2'
    }

    It 'writes one log set by default, with a mark of the name asked for' {
        $set = Backup-BizTalkGroup $lab.SqlInstance $folder -MarkName DEPLOY @login
        $set.Kind | Should -Be 'Log'
        $set.Mark | Should -BeLike 'DEPLOY_*'
    }

    It 'takes its parameters from the pipeline' {
        ($lab | Backup-BizTalkGroup @login).Kind | Should -Be 'Log'
    }

    It 'checks everything and changes nothing with -WhatIf' {
        $before = Get-State
        Backup-BizTalkGroup $lab.SqlInstance $folder -Type Full -WhatIf @login | Should -BeNullOrEmpty
        Get-State | Should -Be $before
        $raised = Get-RaisedError { Backup-BizTalkGroup $lab.SqlInstance $folder -ManagementDatabase SSODB -WhatIf @login }
        Assert-RecoveryError $raised NotAManagementDatabase ObjectNotFound
    }

    It 'refuses <Case> before anything is done' -ForEach @(
        @{ Case = 'a folder longer than 128 characters'; Given = @{ Destination = '/' + ('d' * 128) }; Id = 'DestinationTooLong'; Category = 'InvalidArgument' }
        @{ Case = 'a folder that is no full path'; Given = @{ Destination = 'backups' }; Id = 'DestinationInvalid'; Category = 'InvalidArgument' }
        @{ Case = 'a folder nobody has configured'; Given = @{ Destination = '<destination path>' }; Id = 'DestinationInvalid'; Category = 'InvalidArgument' }
        @{ Case = 'a mark name longer than 8 characters'; Given = @{ MarkName = 'NINECHARS' }; Id = 'MarkNameTooLong'; Category = 'InvalidArgument' }
        @{ Case = 'a mark name with an underscore'; Given = @{ MarkName = 'A_B' }; Id = 'MarkNameInvalid'; Category = 'InvalidArgument' }
        @{ Case = 'a mark name with a quotation mark'; Given = @{ MarkName = "A'B" }; Id = 'MarkNameInvalid'; Category = 'InvalidArgument' }
        @{ Case = 'a mark name with a letter beyond ASCII'; Given = @{ MarkName = 'Grün' }; Id = 'MarkNameInvalid'; Category = 'InvalidArgument' }
        @{ Case = 'an empty mark name'; Given = @{ MarkName = '' }; Id = 'MarkNameInvalid'; Category = 'InvalidArgument' }
    ) {
        $before = Get-State
        $parameters = @{ SqlInstance = $lab.SqlInstance; Destination = $folder; Type = 'Full' } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        $raised = Get-RaisedError { Backup-BizTalkGroup @parameters }
        $raised.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $raised.CategoryInfo.Category | Should -Be $Category
        $raised.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-State | Should -Be $before
    }

    It 'refuses these before it connects to anything' {
        $raised = Get-RaisedError { Backup-BizTalkGroup '127.0.0.1,1' $folder -MarkName NINECHARS @login }
        Assert-RecoveryError $raised MarkNameTooLong InvalidArgument
    }

    It 'refuses to prove by <Case> that nothing is at work' -ForEach @(
        @{ Case = 'a log set'; Given = @{ Type = 'Log' } }
        @{ Case = 'a container'; Given = @{ Type = 'Full'; Destination = 'https://account.blob.core.windows.net/backups' } }
    ) {
        $parameters = @{ SqlInstance = '127.0.0.1,1'; Destination = $folder; RequireQuiesced = $true } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkGroup @parameters }) QuiescenceNotPossible InvalidArgument
    }

    It 'takes a full that proves that nothing was at work, and only says so with -WhatIf' {
        $before = Get-State
        $rest = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'rest')).FullName
        Backup-BizTalkGroup $lab.SqlInstance $rest -Type Full -RequireQuiesced -WhatIf @login | Should -BeNullOrEmpty
        Get-State | Should -Be $before
        $said, $sets = (Backup-BizTalkGroup $lab.SqlInstance $rest -Type Full -RequireQuiesced @login -Verbose 4>&1).Where({ $_ -is [System.Management.Automation.VerboseRecord] }, 'Split')
        ($said | Out-String) | Should -BeLike '*is a quiesced recovery point*'
        $set = $sets[0]
        (Get-Content -Raw -LiteralPath $set.ManifestPath | ConvertFrom-Json).manifest.set.quiescence.members.Count | Should -Be 8
        $point = Get-BizTalkRecoveryPoint $rest
        "$($point.Kind) $($point.Mark)" | Should -Be "Quiesced $($set.Point)"
    }

    It 'takes the longest names that fit' {
        $long = Join-Path $TestDrive ('d' * (128 - $TestDrive.ToString().Length - 1))
        $null = New-Item -ItemType Directory -Path $long
        $long.Length | Should -Be 128
        $set = Backup-BizTalkGroup $lab.SqlInstance $long -MarkName EIGHTCHR -Type FullAndLog @login
        $set[1].Mark | Should -BeLike 'EIGHTCHR_*'
        @(Get-ChildItem -LiteralPath $long -Exclude *.biztalkdr.json).Count | Should -Be 16
        @(Get-ChildItem -LiteralPath $long -Filter *.biztalkdr.json).Count | Should -Be 2
    }

    It 'refuses a folder that the servers do not see' {
        $raised = Get-RaisedError { Backup-BizTalkGroup $lab.SqlInstance '/no/such/folder' -Type Full @login }
        Assert-RecoveryError $raised FolderNotVisibleToServer OpenError
    }

    It 'refuses a log backup of a group that has no full yet' {
        Assert-RecoveryError $tooEarly FullBackupMissing InvalidOperation
        $left | Should -Be 0
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'NotAManagementDatabase'; Category = 'ObjectNotFound'; Given = @{ ManagementDatabase = 'OrdersDb' } }
        @{ Id = 'LoginFailed'; Category = 'AuthenticationError'; Given = @{ SqlCredential = [pscredential]::new('sa', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)) } }
        @{ Id = 'CertificateNotTrusted'; Category = 'SecurityError'; Given = @{ TrustServerCertificate = $false } }
    ) {
        $parameters = @{ SqlInstance = $lab.SqlInstance; Destination = $folder } + $login
        foreach ($key in $Given.Keys) { $parameters[$key] = $Given[$key] }
        Assert-RecoveryError (Get-RaisedError { Backup-BizTalkGroup @parameters }) $Id $Category
    }
}
