# SqlClient tries a server that does not answer again until the connection's 15 seconds are over, so all are tried at once.
Describe 'A server that cannot be reached' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $password = ConvertTo-SecureString 'no matter' -AsPlainText -Force
        $login = @{ SqlCredential = [pscredential]::new('sa', $password); TrustServerCertificate = $true }
        $cases = @(
            @{ Command = 'Get-BizTalkGroup'; Given = @{ SqlInstance = '127.0.0.1,1' } }
            @{ Command = 'Get-BizTalkGroup'; Given = @{ SqlInstance = 'no-such-server.invalid' } }
            @{ Command = 'Get-BizTalkGroup'; Given = @{ SqlInstance = '127.0.0.1\NOSUCH' } }
            @{ Command = 'Get-BizTalkBackup'; Given = @{ SqlInstance = '127.0.0.1,1' } }
            @{ Command = 'Get-BizTalkBackup'; Given = @{ SqlInstance = '127.0.0.1,1'; Path = '/backups' } }
            @{ Command = 'Backup-BizTalkGroup'; Given = @{ SqlInstance = '127.0.0.1,1'; Destination = '/backups' } }
            @{ Command = 'Test-BizTalkBackup'; Given = @{ SqlInstance = '127.0.0.1,1'; Path = '/backups' } }
            @{ Command = 'Restore-BizTalkDatabases'; Given = @{ Destination = '127.0.0.1,1'; Path = '/backups'; Confirm = $false } }
        )
        $raised = $cases | ForEach-Object -ThrottleLimit 8 -Parallel {
            Import-Module $using:ModulePath
            $given = $_.Given + $using:login
            $case = $_
            $record = try { & $case.Command @given } catch { $_ }
            @{ Command = $case.Command; Name = $case.Given.SqlInstance ?? $case.Given.Destination; Record = $record }
        }
    }

    It 'is an error of its own in every cmdlet, with the name and the next step' {
        $raised.Count | Should -Be 8
        foreach ($case in $raised) {
            Assert-RecoveryError $case.Record InstanceUnreachable ConnectionError
            $case.Record.TargetObject | Should -Be $case.Name
        }
    }
}
