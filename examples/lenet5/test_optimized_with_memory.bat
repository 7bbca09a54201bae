@echo off
rem The six steps of `mini-infer demo` by single commands, on Windows:
rem     test_optimized_with_memory.bat [FOLDER]
rem PYTHON names the interpreter that has mini-infer (python); TORCH=1 makes PyTorch's outputs anew.
setlocal
if not defined PYTHON set PYTHON=python
set FOLDER=%~1
if not defined FOLDER set FOLDER=mini-infer-demo
set MODEL=%~dp0lenet5.onnx
for /f "delims=" %%a in ('""%PYTHON%" -c "from mini_infer.demo import assets; print(assets.FOLDER)""') do set ASSETS=%%a
if not defined ASSETS exit /b 1
set DIGITS=%ASSETS%\digits.npz
set REFERENCE=%ASSETS%\reference.npz
if not exist "%FOLDER%" mkdir "%FOLDER%" || exit /b 1

echo [1/6] PyTorch's reference outputs
if not defined TORCH goto reference_is_there
set REFERENCE=%FOLDER%\reference.npz
"%PYTHON%" "%~dp0reference.py" "%MODEL%" "%DIGITS%" -o "%REFERENCE%" || goto fail
:reference_is_there

echo [2/6] run with memory planning
"%PYTHON%" -m mini_infer run "%MODEL%" --input "%DIGITS%:images" --scale 1/255 --labels "%DIGITS%:labels" ^
    --output "%FOLDER%\optimized_memory_outputs.json" --save-outputs "%FOLDER%\with_planning.npz" || goto fail

echo [3/6] run without memory planning
"%PYTHON%" -m mini_infer run "%MODEL%" --input "%DIGITS%:images" --scale 1/255 --labels "%DIGITS%:labels" --no-memory-planning ^
    --output "%FOLDER%\optimized_no_memory_outputs.json" --save-outputs "%FOLDER%\without_planning.npz" || goto fail

echo [4/6] compare with PyTorch, and with planning against without
"%PYTHON%" -m mini_infer verify "%MODEL%" --input "%DIGITS%:images" --scale 1/255 --expected "%REFERENCE%" --atol 1e-5 --rtol 0 ^
    --json --output "%FOLDER%\optimized_comparison_report.json" || goto fail
fc /b "%FOLDER%\with_planning.npz" "%FOLDER%\without_planning.npz" >nul || goto different

echo [5/6] compare memory
"%PYTHON%" -m mini_infer compare "%MODEL%" --json --output "%FOLDER%\memory_report.json" || goto fail
"%PYTHON%" -m mini_infer compare "%MODEL%" || goto fail
"%PYTHON%" -m mini_infer plan "%MODEL%" --no-rewrite --strategy coloring || goto fail

echo [6/6] the reports are in %FOLDER%
echo [PASS]
exit /b 0

:different
echo [FAIL]
exit /b 6

:fail
set STATUS=%ERRORLEVEL%
echo [FAIL]
exit /b %STATUS%
