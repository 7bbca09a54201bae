#!/bin/sh
# The six steps of `mini-infer demo` by single commands, on Linux and macOS:
#     sh test_optimized_with_memory.sh [FOLDER]
# PYTHON names the interpreter that has mini-infer (python3); TORCH=1 makes PyTorch's outputs anew.
set -u
python=${PYTHON:-python3}
folder=${1:-mini-infer-demo}
here=$(dirname "$0")
model=$here/lenet5.onnx
assets=$("$python" -c "from mini_infer.demo import assets; print(assets.FOLDER)") || exit
digits=$assets/digits.npz
reference=$assets/reference.npz
mkdir -p "$folder" || exit

mini_infer() {
    "$python" -m mini_infer "$@" || stop $?
}

stop() {
    echo "[FAIL]"
    exit "$1"
}

echo "[1/6] PyTorch's reference outputs"
if [ "${TORCH:-}" ]; then
    reference=$folder/reference.npz
    "$python" "$here/reference.py" "$model" "$digits" -o "$reference" || stop $?
fi

echo "[2/6] run with memory planning"
mini_infer run "$model" --input "$digits:images" --scale 1/255 --labels "$digits:labels" \
    --output "$folder/optimized_memory_outputs.json" --save-outputs "$folder/with_planning.npz"

echo "[3/6] run without memory planning"
mini_infer run "$model" --input "$digits:images" --scale 1/255 --labels "$digits:labels" --no-memory-planning \
    --output "$folder/optimized_no_memory_outputs.json" --save-outputs "$folder/without_planning.npz"

echo "[4/6] compare with PyTorch, and with planning against without"
mini_infer verify "$model" --input "$digits:images" --scale 1/255 --expected "$reference" --atol 1e-5 --rtol 0 \
    --json --output "$folder/optimized_comparison_report.json"
cmp "$folder/with_planning.npz" "$folder/without_planning.npz" || stop 6

echo "[5/6] compare memory"
mini_infer compare "$model" --json --output "$folder/memory_report.json"
mini_infer compare "$model"
mini_infer plan "$model" --no-rewrite --strategy coloring

echo "[6/6] the reports are in $folder"
echo "[PASS]"
