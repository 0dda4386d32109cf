#Requires -Version 5.1
<#
.SYNOPSIS
    Builds, tests or packages BizTalkDR.
.DESCRIPTION
    Build leaves an importable module in out/BizTalkDR. Test runs the .NET tests and Pester against that module.
    Package writes out/BizTalkDR.<version>.zip. `dotnet build` and `dotnet test` do the first two without PowerShell.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$solution = Join-Path $PSScriptRoot 'BizTalkDR.sln'
$module = Join-Path (Join-Path $PSScriptRoot 'out') 'BizTalkDR'

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') ended with $LASTEXITCODE."
    }
}

if ($Task -contains 'Build' -or $Task -contains 'Package') {
    Invoke-Dotnet build $solution -c $Configuration
}

if ($Task -contains 'Test') {
    Invoke-Dotnet test $solution -c $Configuration
    & (Join-Path $PSScriptRoot 'tests/Pester/Invoke-Tests.ps1')
    if ($LASTEXITCODE -ne 0) {
        throw 'Pester tests failed.'
    }
}

if ($Task -contains 'Package') {
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path $module 'BizTalkDR.psd1')).ModuleVersion
    $zip = Join-Path (Split-Path $module) "BizTalkDR.$version.zip"
    Compress-Archive -Path $module -DestinationPath $zip -Force
    Get-Item -LiteralPath $zip
}
