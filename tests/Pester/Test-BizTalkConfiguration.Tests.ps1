Describe 'Test-BizTalkConfiguration' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $lab = Get-PracticeLab
        $kept = Get-PracticeSecret
        $path = Join-Path $TestDrive 'kept'
    }

    It 'tests the parts that are asked for' {
        $checks = Test-BizTalkConfiguration $kept -ComputerName $lab.Computer[0] -Part MasterSecret
        $checks | Where-Object Outcome -ne Passed | Should -BeNullOrEmpty
        $checks[0].PSObject.TypeNames[0] | Should -Be 'BizTalkDR.Configuration.PartCheck'
        Test-BizTalkConfiguration $kept -ComputerName $lab.Computer[0] -Part MasterSecret -Quiet | Should -BeTrue
    }

    It 'is not quiet about what is missing' {
        Test-BizTalkConfiguration $path -ComputerName $lab.Computer[0] -Quiet | Should -BeFalse
    }
}
