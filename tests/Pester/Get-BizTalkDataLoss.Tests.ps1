Describe 'Get-BizTalkDataLoss' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
        $null = Get-PracticeBackup
        $newest = (Get-BizTalkBackup $lab.SqlInstance @login | Where-Object Mark | Sort-Object { $_.Mark } | Select-Object -Last 1).Mark
        $server = (Get-BizTalkGroup $lab.SqlInstance @login).Members.Where{ "$($_.Role)" -eq 'Tracking' }.Server
        $at = [array]::IndexOf([string[]] $lab.ServerName, $server)
        $instance = $lab.SqlInstance[$at]
        $id = [guid]::NewGuid()
        $null = Invoke-LabQuery $lab $at "EXEC dbo.LabTrack '$id'; SELECT 1" BizTalkDTADb
    }

    AfterAll { $null = Invoke-LabQuery $lab $at "DELETE FROM dbo.dta_ServiceInstances WHERE uidServiceInstanceId = '$id'; SELECT 1" BizTalkDTADb }

    It 'lists what started after the mark, and what to do about it' {
        $lost = Get-BizTalkDataLoss $instance $newest @login -WarningVariable said -WarningAction SilentlyContinue
        $lost.InstanceId | Should -Be $id
        $lost.Change | Should -Be 'Started'
        $lost.Service | Should -Be 'Orders.Fulfilment'
        $lost.NextStep | Should -Match 'send its first message again'
        "$said" | Should -Match 'is not listed'
    }

    It 'takes the mark from the pipeline, or a time' {
        ([pscustomobject]@{ Mark = $newest } | Get-BizTalkDataLoss $instance @login -WarningAction SilentlyContinue).InstanceId | Should -Be $id
        (Get-BizTalkDataLoss $instance -After ([datetime]::Now.AddMinutes(-30)) @login -WarningAction SilentlyContinue).InstanceId | Should -Contain $id
    }

    It 'says when it ended too' {
        $null = Invoke-LabQuery $lab $at "EXEC dbo.LabTrack '$id'; SELECT 1" BizTalkDTADb
        (Get-BizTalkDataLoss $instance $newest @login -WarningAction SilentlyContinue).Change | Should -Be 'StartedAndCompleted'
    }

    It 'shows change, service, start, end, state and instance' {
        $text = Get-BizTalkDataLoss $instance $newest @login -WarningAction SilentlyContinue | Out-String -Width 200
        $text | Should -Match 'Change\s+Service\s+Started \(UTC\)\s+Ended \(UTC\)\s+State\s+Instance'
    }

    It 'refuses by name what cannot answer' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $instance $newest -Database NoSuchDatabase @login }) DatabaseNotFound ObjectNotFound
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $lab.SqlInstance[0] $newest -Database BizTalkMgmtDb @login }) TrackingNotReadable ObjectNotFound
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $instance 'yesterday' @login }) InvalidName InvalidArgument
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $instance 'BTS_2001_01_01_00_00_00_000' @login }) LogMarkNotFound ObjectNotFound
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $instance 'BTS_2099_01_01_00_00_00_000' @login }) TrackingNotAhead InvalidData
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkDataLoss $instance -After ([datetime]::Now.AddDays(1)) @login }) TrackingNotAhead InvalidData
    }
}
