# Runs the Pester suite against out/BizTalkDR and prints one line "Pester: N passed, N failed".
[CmdletBinding()]
param([string] $Path = $PSScriptRoot)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.RenderMode = 'Plaintext'
try {
    $result = Invoke-Pester -Configuration $configuration
}
finally {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Stop-PracticeLab
}

$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
if ($result.SkippedCount -gt 0) {
    Write-Host "Pester: $($result.SkippedCount) skipped"
    $failed += $result.SkippedCount
}

Write-Host "Pester: $($result.PassedCount) passed, $failed failed"
exit [int]($failed -gt 0 -or $result.PassedCount -eq 0)
