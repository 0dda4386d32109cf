Describe 'The package' {
    BeforeAll {
        . "$PSScriptRoot/Common.ps1"
        $cmdlets = (Import-PowerShellDataFile -LiteralPath (Join-Path $ModulePath 'BizTalkDR.psd1')).CmdletsToExport | Sort-Object
    }

    Context 'in a fresh PowerShell' {
        BeforeAll {
            $lab = Get-PracticeLab
            $fresh = Invoke-FreshPowerShell -ArgumentList $ModulePath, $lab.SqlInstance[0] {
                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                Import-Module $args[0]
                $elapsed = $watch.ElapsedMilliseconds
                function Get-Loaded {
                    foreach ($assembly in [System.AppDomain]::CurrentDomain.GetAssemblies()) {
                        $name = $assembly.GetName().Name
                        if ($name -like 'BizTalkDR*' -or $name -like 'Microsoft.SqlServer.*' -or $name -eq 'Microsoft.Data.SqlClient') {
                            "$([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($assembly).Name)/$name"
                        }
                    }
                }

                $afterImport = Get-Loaded
                $first = (Get-Command -Module BizTalkDR).Name | Sort-Object
                Import-Module $args[0] -Force
                $forced = (Get-Command -Module BizTalkDR).Name | Sort-Object
                Remove-Module BizTalkDR
                $removed = @(Get-Command -Module BizTalkDR).Count
                Import-Module $args[0]
                $again = (Get-Command -Module BizTalkDR).Name | Sort-Object
                $raised = try { Get-BizTalkGroup $args[1] -SqlCredential ([pscredential]::new('sa', [securestring]::new())) } catch { $_.FullyQualifiedErrorId }
                @{
                    Elapsed = $elapsed; AfterImport = $afterImport; First = $first; Forced = $forced; Removed = $removed; Again = $again; Raised = $raised
                    AfterCall = Get-Loaded; Types = (Get-Command -Module BizTalkDR).CommandType | ForEach-Object { "$_" } | Sort-Object -Unique
                    Sources = (Get-Command -Module BizTalkDR).Source | Sort-Object -Unique
                } | ConvertTo-Json
            } | Out-String | ConvertFrom-Json
            Write-Host "Import-Module took $($fresh.Elapsed) ms."
        }

        It 'exports what the manifest says' {
            $fresh.First | Should -Be $cmdlets
            $fresh.Types | Should -Be 'Cmdlet'
            $fresh.Sources | Should -Be 'BizTalkDR'
        }

        It 'can be imported again, by force and after its removal' {
            $fresh.Forced | Should -Be $cmdlets
            $fresh.Removed | Should -Be 0
            $fresh.Again | Should -Be $cmdlets
            $fresh.Raised | Should -BeLike 'CertificateNotTrusted,*'
        }

        It 'loads neither SMO nor SqlClient by import alone' {
            $fresh.AfterImport | Where-Object { $_ -like '*/Microsoft.*' } | Should -BeNullOrEmpty
        }

        It 'has nothing but the loader in the default load context' {
            $fresh.AfterCall | Where-Object { $_ -like 'Default/*' } | Should -Be 'Default/BizTalkDR.Loader'
            $fresh.AfterCall | Should -Contain 'BizTalkDR/Microsoft.Data.SqlClient'
            $fresh.AfterCall | Should -Contain 'BizTalkDR/BizTalkDR.Module'
        }
    }

    Context 'beside another SqlClient' {
        BeforeAll {
            $lab = Get-PracticeLab
            $folder = Get-PracticeBackup
            $system = if ($IsWindows) { 'win' } else { 'unix' }
            $copy = Join-Path $TestDrive 'Microsoft.Data.SqlClient.dll'
            Copy-Item -LiteralPath (Join-Path $ModulePath "bin/net8.0/runtimes/$system/lib/net8.0/Microsoft.Data.SqlClient.dll") -Destination $copy
            $beside = Invoke-FreshPowerShell -ArgumentList $ModulePath, $copy, $lab.Path, $folder {
                $theirs = [System.Reflection.Assembly]::LoadFrom($args[1])
                $null = [Microsoft.Data.SqlClient.SqlConnectionStringBuilder]::new('Data Source=theirs')
                Import-Module $args[0]
                $connection = Get-Content -LiteralPath (Join-Path $args[2] 'connection.json') -Raw | ConvertFrom-Json
                $login = @{
                    SqlCredential = [pscredential]::new($connection.login, (ConvertTo-SecureString $connection.password -AsPlainText -Force))
                    TrustServerCertificate = $true
                }
                $group = Get-BizTalkGroup ($connection.instances | ForEach-Object address) @login
                # The first word with SMO: headers are read through it.
                $sets = Get-BizTalkBackup ($connection.instances | ForEach-Object address) $args[3] @login
                $loaded = foreach ($assembly in [System.AppDomain]::CurrentDomain.GetAssemblies()) {
                    if ($assembly.GetName().Name -match '^Microsoft\.(SqlServer\.|Data\.SqlClient)') {
                        "$([System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($assembly).Name)/$($assembly.GetName().Name)"
                    }
                }
                @{
                    Members = $group.Members.Count; Sets = @($sets).Count; Loaded = $loaded
                    TheirContext = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($theirs).Name
                    TheirType = [Microsoft.Data.SqlClient.SqlConnection].Assembly.Location
                } | ConvertTo-Json
            } | Out-String | ConvertFrom-Json
        }

        It 'works' {
            $beside.Members | Should -Be 8
            $beside.Sets | Should -BeGreaterOrEqual 3
        }

        It 'keeps its own SqlClient and SMO in its own load context' {
            $beside.Loaded | Should -Contain 'BizTalkDR/Microsoft.Data.SqlClient'
            $beside.Loaded | Should -Contain 'BizTalkDR/Microsoft.SqlServer.Smo'
            $beside.Loaded | Where-Object { $_ -like 'Default/*' } | Should -Be 'Default/Microsoft.Data.SqlClient'
        }

        It 'leaves the other one as it was' {
            $beside.TheirContext | Should -Be 'Default'
            $beside.TheirType | Should -Be $copy
        }
    }

    It 'works from a folder with blanks and letters beyond ASCII' {
        $elsewhere = Join-Path $TestDrive 'Módulos de Grün/BizTalkDR'
        $null = New-Item -ItemType Directory -Path $elsewhere
        Get-ChildItem -LiteralPath $ModulePath -Exclude lab | Copy-Item -Destination $elsewhere -Recurse
        $said = Invoke-FreshPowerShell -ArgumentList $elsewhere, (Get-PracticeLab).SqlInstance[0] {
            Import-Module $args[0]
            try { Get-BizTalkGroup $args[1] -SqlCredential ([pscredential]::new('sa', [securestring]::new())) } catch { $_.FullyQualifiedErrorId }
            try { Start-BizTalkLab -Empty } catch { $_.FullyQualifiedErrorId }
        }
        $said[0] | Should -BeLike 'CertificateNotTrusted,*'
        $said[1] | Should -BeLike 'LabStartFailed,*'
    }

    It 'has help for <_>' -ForEach @((Import-PowerShellDataFile -LiteralPath "$PSScriptRoot/../../out/BizTalkDR/BizTalkDR.psd1").CmdletsToExport) {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match '^\s*[A-Z]\w+-BizTalk'
        @($help.description).Count | Should -BeGreaterThan 0
        $help.examples.example | Should -Not -BeNullOrEmpty
        foreach ($example in $help.examples.example) {
            $null = [scriptblock]::Create($example.code)
            $example.remarks | Out-String | Should -Match '\w'
        }

        $command = Get-Command $_
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        $own = $command.Parameters.Values | Where-Object { $_.Name -notin $common }
        @($help.parameters.parameter.name) | Sort-Object | Should -Be ($own.Name | Sort-Object)
        foreach ($parameter in $help.parameters.parameter) {
            $parameter.description | Out-String | Should -Match '\w'
        }

        @($help.syntax.syntaxItem).Count | Should -Be $command.ParameterSets.Count
    }

    It 'has defaults that the help tells truly' {
        foreach ($name in $cmdlets) {
            foreach ($parameter in (Get-Help $name -Full).parameters.parameter | Where-Object { $_.defaultValue -and $_.defaultValue -ne 'None' }) {
                $instance = [System.Activator]::CreateInstance((Get-Command $name).ImplementingType)
                $value = $instance.($parameter.name)
                if ($null -ne $value) {
                    "$name $($parameter.name) $value" | Should -Be "$name $($parameter.name) $($parameter.defaultValue)"
                }
            }
        }
    }

    Context 'shows what it returns' {
        BeforeAll {
            $lab = Get-PracticeLab
            $login = Get-Login $lab
            $folder = Get-PracticeBackup
        }

        It 'a group, with members that have a table of their own' {
            $group = Get-BizTalkGroup $lab.SqlInstance @login
            $group | Out-String | Should -Match 'Management\s+: BizTalkMgmtDb on LABSQL1'
            $group.Members | Out-String -Width 120 | Should -Match 'Role\s+Database\s+Server'
            $group.Members | Out-String -Width 120 | Should -Match 'Tracking\s+BizTalkDTADb\s+LABSQL2'
        }

        It 'backup sets' {
            $text = Get-BizTalkBackup $lab.SqlInstance $folder @login | Out-String -Width 120
            $text | Should -Match 'Kind\s+Complete Found Missing Damaged Unfinished Mark or stamp'
            $text | Should -Match 'Log\s+True\s+8\s+0\s+0\s+0 BTS_\d{4}'
        }

        It 'results of tests, by the names of files' {
            $text = Test-BizTalkBackup $folder $lab.SqlInstance @login | Out-String -Width 160
            $text | Should -Match 'Outcome\s+Check\s+Subject\s+Reason'
            $text | Should -Match 'Passed\s+Media\s+LABSQL1_BizTalkMgmtDb_Full_BTS_'
        }

        It 'a lab' {
            $lab | Out-String | Should -Match 'Environment\s+: SIMULATED'
        }
    }
}
