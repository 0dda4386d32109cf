Describe 'Get-BizTalkGroup' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $login = Get-Login $lab
    }

    It 'finds the group with its eight members, their roles and their instances' {
        $group = Get-BizTalkGroup -SqlInstance $lab.SqlInstance @login
        $group.GetType().FullName | Should -Be 'BizTalkDR.Groups.BizTalkGroup'
        $group.ManagementServer | Should -Be 'LABSQL1'
        $group.Findings | Should -BeNullOrEmpty
        $group.Members | ForEach-Object { "$($_.Role) $_" } | Should -Be @(
            'Management BizTalkMgmtDb on LABSQL1', 'MessageBox BizTalkMsgBoxDb on LABSQL1', 'MessageBox BizTalkMsgBoxDb2 on LABSQL2', 'Tracking BizTalkDTADb on LABSQL2'
            'Sso SSODB on LABSQL1', 'RuleEngine BizTalkRuleEngineDb on LABSQL1', 'BamPrimaryImport BAMPrimaryImport on LABSQL2', 'Custom OrdersDb on LABSQL2')
        $group.Members | Where-Object IsMasterMessageBox | ForEach-Object Database | Should -Be 'BizTalkMsgBoxDb'
    }

    It 'takes the instance from the pipeline, as a name' {
        ($lab.SqlInstance[0] | Get-BizTalkGroup @login).ManagementDatabase | Should -Be 'BizTalkMgmtDb'
    }

    It 'takes the instance and the database from the pipeline, by the names of properties' {
        ($lab | Get-BizTalkGroup @login).ManagementServer | Should -Be 'LABSQL1'
    }

    It 'keeps a host and its port together when PowerShell takes them apart' {
        $port = [int]$lab.SqlInstance[0].Split(',')[1]
        (Get-BizTalkGroup 127.0.0.1,$port @login).ManagementServer | Should -Be 'LABSQL1'
    }

    It 'refuses what is no name of an instance' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkGroup -SqlInstance ' ' @login }) InvalidName InvalidArgument
    }

    It 'refuses a wrong password' {
        $wrong = [pscredential]::new('sa', (ConvertTo-SecureString 'not-the-password-1' -AsPlainText -Force))
        $raised = Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -SqlCredential $wrong -TrustServerCertificate }
        Assert-RecoveryError $raised LoginFailed AuthenticationError
        $raised | Out-String | Should -Not -Match 'not-the-password-1'
    }

    It 'refuses a login nobody knows' {
        $wrong = [pscredential]::new('nobody', $lab.SqlCredential.Password)
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -SqlCredential $wrong -TrustServerCertificate }) LoginFailed AuthenticationError
    }

    It 'refuses a certificate nobody vouches for' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -SqlCredential $lab.SqlCredential }) CertificateNotTrusted SecurityError
    }

    It 'refuses a database that is <Case>' -ForEach @(
        @{ Case = 'not there'; Database = 'NoSuchDb' }
        @{ Case = 'no Management database'; Database = 'SSODB' }
        @{ Case = 'the master database'; Database = 'master' }
        @{ Case = 'named like an attack'; Database = "x'] DROP DATABASE [SSODB" }
    ) {
        $raised = Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -ManagementDatabase $Database @login }
        Assert-RecoveryError $raised NotAManagementDatabase ObjectNotFound
        $raised.TargetObject | Should -Be $Database
        Get-LabDatabase $lab | Should -Contain 'LABSQL1.SSODB'
    }

    It 'refuses a name no database can have' {
        Assert-RecoveryError (Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -ManagementDatabase ('x' * 129) @login }) InvalidName InvalidArgument
    }

    It 'ends the statement, whatever -ErrorAction says' {
        $raised = Get-RaisedError { Get-BizTalkGroup $lab.SqlInstance -ManagementDatabase NoSuchDb @login -ErrorAction SilentlyContinue }
        Assert-RecoveryError $raised NotAManagementDatabase ObjectNotFound
    }
}
