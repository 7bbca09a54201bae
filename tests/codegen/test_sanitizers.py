"""The tests of single nodes once more, their C built with the address and undefined-behavior sanitizers.

Those that are not slow: `scripts/check --sanitize` is for all of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from driver import SANITIZE

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import find, sanitizer_environment

HERE = Path(__file__).parent
NAMES = """
    affine attention bounded conv copy einsum elementwise gemm grid_sample indexing linear_attention loss
    normalization packed_product pool quantized recurrent reduce resize roi_align selection strassen tiled_attention
    winograd
""".split()


@pytest.mark.slow
@pytest.mark.skipif(SANITIZE in os.environ, reason="this is the run with sanitizers")
@pytest.mark.parametrize("name", NAMES)
def test_no_kernel_leaves_its_tensors_or_overflows(name):
    try:
        environment = sanitizer_environment(find("gcc"))
    except ToolchainError as error:
        pytest.skip(str(error))
    words = ["-q", "-x", "-n", "0", "-m", "not slow", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *words, str(HERE / f"test_{name}.py")]
    answer = subprocess.run(
        command, env={**os.environ, **environment, SANITIZE: "1"}, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-4000:]
