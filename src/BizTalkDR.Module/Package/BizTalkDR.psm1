# Loads the cmdlets: in PowerShell 7 through the loader, which gives them and their dependencies (SMO, SqlClient) a
# load context of their own; in Windows PowerShell 5.1, which has no load contexts, plainly.

$importModule = Get-Command -Name Import-Module -Module Microsoft.PowerShell.Core

if ($PSVersionTable.PSEdition -eq 'Core') {
    $folder = [System.IO.Path]::Combine($PSScriptRoot, 'bin', 'net8.0')
    if (-not ('BizTalkDR.Loader.ModuleLoader' -as [type])) {
        Add-Type -LiteralPath ([System.IO.Path]::Combine($folder, 'BizTalkDR.Loader.dll'))
    }

    $inner = & $importModule -Assembly ([BizTalkDR.Loader.ModuleLoader]::Load($folder)) -Force -PassThru
}
else {
    $folder = [System.IO.Path]::Combine($PSScriptRoot, 'bin', 'net472')
    if (-not (Test-Path -LiteralPath $folder)) {
        throw 'This copy of BizTalkDR was built without its part for Windows PowerShell 5.1. Use PowerShell 7.4 or later, or a complete build.'
    }

    $inner = & $importModule -Name ([System.IO.Path]::Combine($folder, 'BizTalkDR.Module.dll')) -Force -PassThru
}

# PowerShell does not hand on the cmdlets of an assembly that is imported a second time (Import-Module -Force).
# https://github.com/PowerShell/PowerShell/issues/20710
$addExportedCmdlet = [System.Management.Automation.PSModuleInfo].GetMethod(
    'AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
    [void]$addExportedCmdlet.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
}
