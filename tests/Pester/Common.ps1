# What the test files share: the module from out/BizTalkDR, three labs for the whole run, and how to look at errors.
# Dot-source it in BeforeAll. The labs are started when a test first asks for one; Invoke-Tests.ps1 stops them.

$ModulePath = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'BizTalkDR'))
$RepositoryPath = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..'))
Import-Module $ModulePath

if (-not (Test-Path Variable:global:BizTalkDRPractice)) {
    $global:BizTalkDRPractice = @{}
}

# The source: two instances with the sample group. The destination: two empty instances. The replicas: two more, for groups that one instance takes whole.
function Get-PracticeLab {
    param([ValidateSet('Source', 'Destination', 'Replicas')] [string] $Name = 'Source')

    if (-not $global:BizTalkDRPractice.ContainsKey($Name)) {
        $global:BizTalkDRPractice[$Name] = switch ($Name) {
            'Source' { Start-BizTalkLab }
            'Destination' { Start-BizTalkLab -Empty -ServerName DRSQL1, DRSQL2 }
            'Replicas' { Start-BizTalkLab -Empty -ServerName AGSQL1, AGSQL2 }
        }
    }

    $global:BizTalkDRPractice[$Name]
}

function Stop-PracticeLab {
    foreach ($lab in @($global:BizTalkDRPractice.Values | Where-Object { $_ -isnot [string] })) {
        $lab | Stop-BizTalkLab -RemoveFolder
    }

    $global:BizTalkDRPractice.Clear()
}

# Parameters of a connection to a lab, for splatting.
function Get-Login {
    param($Lab)

    @{ SqlCredential = $Lab.SqlCredential; TrustServerCertificate = $true }
}

# How the parts of a lab's computers reach its group, for splatting.
function Get-GroupAccess {
    param($Lab)

    @{ SqlInstance = $Lab.SqlInstance; SqlCredential = $Lab.SqlCredential; TrustServerCertificate = $true }
}

# The folder of a lab's computer, by its name.
function Get-LabComputer {
    param($Lab, [string] $Name)

    $Lab.Computer | Where-Object { (Split-Path -Leaf $_) -eq $Name }
}

# The folder of the source with one full and two log sets, made once.
function Get-PracticeBackup {
    $lab = Get-PracticeLab
    if (-not $global:BizTalkDRPractice.ContainsKey('Backup')) {
        $login = Get-Login $lab
        $null = Backup-BizTalkGroup $lab.SqlInstance $lab.BackupFolder -Type FullAndLog @login
        $null = Backup-BizTalkGroup $lab.SqlInstance $lab.BackupFolder @login
        $global:BizTalkDRPractice['Backup'] = $lab.BackupFolder
    }

    $global:BizTalkDRPractice['Backup']
}

# A copy of that folder to damage.
function Copy-PracticeBackup {
    param([string] $Path)

    $null = New-Item -ItemType Directory -Path $Path
    Copy-Item -Path (Join-Path (Get-PracticeBackup) '*') -Destination $Path
    $Path
}

# Password of the master secret's backup in the tests.
function Get-SecretPassword {
    param([string] $Text = 'Correct-Horse-7')

    ConvertTo-SecureString -String $Text -AsPlainText -Force
}

# A folder elsewhere with the master secret of the practice lab's first computer, its master secret server.
function Get-PracticeSecret {
    $lab = Get-PracticeLab
    if (-not $global:BizTalkDRPractice.ContainsKey('Secret')) {
        $path = Join-Path $lab.Path 'escrow'
        $null = Backup-BizTalkMasterSecret $path (Get-SecretPassword) -ComputerName $lab.Computer[0] -Reminder 'the horse'
        $global:BizTalkDRPractice['Secret'] = $path
    }

    $global:BizTalkDRPractice['Secret']
}

# The error that ends a script block.
function Get-RaisedError {
    param([scriptblock] $ScriptBlock)

    try {
        $null = & $ScriptBlock
    }
    catch {
        return $_
    }

    throw "Nothing was refused: $ScriptBlock"
}

# An error of the catalogue: by its id and category, with its object and a next step, and described in docs/errors.md.
function Assert-RecoveryError {
    param($Record, [string] $Id, [string] $Category)

    $Record.FullyQualifiedErrorId | Should -BeLike "$Id,BizTalkDR.Module.Commands.*"
    $Record.CategoryInfo.Category | Should -Be $Category
    $Record.TargetObject | Should -Not -BeNullOrEmpty
    $Record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    $Record.ErrorDetails.Message | Should -Not -BeNullOrEmpty
    Join-Path $RepositoryPath 'docs/errors.md' | Should -FileContentMatch "^## $Id$"
}

# Asks an instance with the SqlClient the module brought along. Only after a cmdlet has talked to a server.
function Invoke-LabQuery {
    param($Lab, [int] $Instance = 0, [string] $Query, [string] $Database = 'master')

    $client = [System.AppDomain]::CurrentDomain.GetAssemblies() |
        Where-Object { $_.GetName().Name -eq 'Microsoft.Data.SqlClient' -and [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name -eq 'BizTalkDR' }
    $credential = [System.Activator]::CreateInstance($client.GetType('Microsoft.Data.SqlClient.SqlCredential'), @($Lab.SqlCredential.UserName, $Lab.SqlCredential.Password))
    $text = "Data Source=$($Lab.SqlInstance[$Instance]);Initial Catalog=$Database;TrustServerCertificate=true;Pooling=false"
    $connection = [System.Activator]::CreateInstance($client.GetType('Microsoft.Data.SqlClient.SqlConnection'), @($text, $credential))
    try {
        $connection.Open()
        $command = $connection.CreateCommand()
        $command.CommandText = $Query
        $reader = $command.ExecuteReader()
        while ($reader.Read()) {
            $reader.GetValue(0)
        }
    }
    finally {
        $connection.Dispose()
    }
}

# User databases of both instances, as text to compare.
function Get-LabDatabase {
    param($Lab)

    foreach ($i in 0, 1) {
        foreach ($name in Invoke-LabQuery $Lab $i 'SELECT name FROM sys.databases WHERE database_id > 4 ORDER BY name') {
            "$($Lab.ServerName[$i]).$name"
        }
    }
}

# Runs a script in a PowerShell of its own and gives back what it writes. Arguments arrive as $args.
function Invoke-FreshPowerShell {
    param([scriptblock] $ScriptBlock, [string[]] $ArgumentList = @())

    $file = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [System.IO.Path]::GetRandomFileName() + '.ps1')
    try {
        Set-Content -LiteralPath $file -Value $ScriptBlock.ToString()
        $output = & ([System.Environment]::ProcessPath) -NoProfile -NonInteractive -File $file @ArgumentList 2>&1
        if ($LASTEXITCODE -ne 0) {
            throw "The other PowerShell ended with ${LASTEXITCODE}: $($output | Out-String)"
        }

        $output
    }
    finally {
        Remove-Item -LiteralPath $file
    }
}
