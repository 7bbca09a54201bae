# The six steps of `mini-infer demo` by single commands, in PowerShell:
#     .\test_optimized_with_memory.ps1 [FOLDER] [-Torch]
# $env:PYTHON names the interpreter that has mini-infer (python); -Torch makes PyTorch's outputs anew.
param([string]$Folder = "mini-infer-demo", [switch]$Torch)
$python = if ($env:PYTHON) { $env:PYTHON } else { "python" }
$model = Join-Path $PSScriptRoot "lenet5.onnx"

function Stop-Walk([int]$Code) {
    Write-Output "[FAIL]"
    exit $Code
}

function mini_infer {
    & $python -m mini_infer @args
    if ($LASTEXITCODE -ne 0) { Stop-Walk $LASTEXITCODE }
}

$assets = & $python -c "from mini_infer.demo import assets; print(assets.FOLDER)"
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
$digits = Join-Path $assets "digits.npz"
$reference = Join-Path $assets "reference.npz"
New-Item -ItemType Directory -Force -Path $Folder | Out-Null

Write-Output "[1/6] PyTorch's reference outputs"
if ($Torch) {
    $reference = Join-Path $Folder "reference.npz"
    & $python (Join-Path $PSScriptRoot "reference.py") $model $digits -o $reference
    if ($LASTEXITCODE -ne 0) { Stop-Walk $LASTEXITCODE }
}

Write-Output "[2/6] run with memory planning"
mini_infer run $model --input "${digits}:images" --scale 1/255 --labels "${digits}:labels" `
    --output "$Folder/optimized_memory_outputs.json" --save-outputs "$Folder/with_planning.npz"

Write-Output "[3/6] run without memory planning"
mini_infer run $model --input "${digits}:images" --scale 1/255 --labels "${digits}:labels" --no-memory-planning `
    --output "$Folder/optimized_no_memory_outputs.json" --save-outputs "$Folder/without_planning.npz"

Write-Output "[4/6] compare with PyTorch, and with planning against without"
mini_infer verify $model --input "${digits}:images" --scale 1/255 --expected $reference --atol 1e-5 --rtol 0 `
    --json --output "$Folder/optimized_comparison_report.json"
$with = (Get-FileHash "$Folder/with_planning.npz").Hash
if ($with -ne (Get-FileHash "$Folder/without_planning.npz").Hash) { Stop-Walk 6 }

Write-Output "[5/6] compare memory"
mini_infer compare $model --json --output "$Folder/memory_report.json"
mini_infer compare $model
mini_infer plan $model --no-rewrite --strategy coloring

Write-Output "[6/6] the reports are in $Folder"
Write-Output "[PASS]"
