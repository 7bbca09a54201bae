"""Rules of the house that an import table cannot say."""

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_is_light():
    heavy = run("import sys, mini_infer; print(sorted({'numpy', 'onnx', 'numba', 'torch'} & set(sys.modules)))")
    assert heavy.strip() == "[]"


def test_the_planner_needs_neither_onnx_nor_numba():
    heavy = run(
        "import sys, mini_infer.memory as m;"
        "m.solve(m.Problem((m.Buffer('a', 8, 0, 2), m.Buffer('b', 8, 1, 3))));"
        "print(sorted({'numpy', 'onnx', 'numba'} & set(sys.modules)))"
    )
    assert heavy.strip() == "[]"
