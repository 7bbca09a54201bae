"""The Python that the documents show, run in a folder with what they talk about."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

GIVEN = {
    "README": """
import numpy as np
x, y = np.load("x.npy"), np.empty((1, 10), np.float32)
""",
    "usage": """
import numpy as np
import mini_infer
x = np.load("x.npy")
mini_infer.build("net.onnx").save("net.engine")
""",
    "quantization": """
import numpy as np
digits = [digit.reshape(1, 1, 28, 28) / np.float32(255) for digit in np.load("digits.npz")["images"]]
""",
    "sizes": """
import numpy as np
ids, mask = np.load("short.npz").values()
prompt = np.zeros((1, 3), np.int64)
""",
}
"""Stem of a document → what its text says that there is, before its first block."""


def python_of(path):
    """The blocks of a document one after the other; empty where there are none."""
    return "\n".join(BLOCK.findall(path.read_text(encoding="utf-8")))


def run_python(path, folder):
    """Run the blocks in a program of their own; returns what it printed. They warn of nothing, but for torch's own."""
    code = GIVEN.get(path.name.partition(".")[0], "") + python_of(path)
    torch = "ignore:You are using the legacy TorchScript-based ONNX export:DeprecationWarning"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    program = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-W", torch, "-c", code]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
