"""What the documents show works: every `mini-infer` command in a console block is run, in order, in its own folder.

Lines below a command are its output, in order; three dots stand for the rest of a line, or alone for any lines. A
comment `# exit code N` says how the command ends. Python blocks of the quickstart are run too.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from sized_models import decoder, detector, embedding

from mini_infer.cli import COMMANDS, main
from mini_infer.demo import assets

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md",
    "README.zh-CN.md",
    "docs/quickstart.md",
    "docs/usage.md",
    "docs/gallery.md",
    "docs/planner.md",
    "docs/sizes.md",
    "docs/quantization.md",
    "docs/export.md",
    "docs/integrations.md",
)
LONG = ("README.zh-CN.md", "docs/usage.md", "docs/sizes.md", "docs/quantization.md")
"""Those whose commands take seconds; the Chinese README has the English one's."""
NEEDS = {"plan-tflite": "tflite_micro"}
"""Command → the package without which it is not run here."""

ELSEWHERE = ("serve", "python")
"""Commands that end by a signal, or run a program of their own: their own tests run them."""

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(document):
    """Each command of mini-infer with the lines shown below it."""
    found = []
    for block in BLOCK.findall((ROOT / document).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            if command.startswith("mini-infer "):
                found.append((command, shown.splitlines()))
    return found


def present():
    return [document for document in DOCUMENTS if (ROOT / document).exists() and commands(document)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What the documents talk about: LeNet-5 and its digits, a small network with an input for it, and models with open
    dimensions with inputs of different sizes.
    """
    shutil.copy(assets.MODEL, tmp_path / "lenet5.onnx")
    shutil.copy(assets.DIGITS, tmp_path / "digits.npz")
    shutil.copy(assets.REFERENCE, tmp_path / "reference.npz")
    (tmp_path / "buffers.csv").write_text("id,lower,upper,size\na,0,2,100\nb,1,3,50\nc,2,4,100\n")
    generator = np.random.default_rng(0)
    weights = {"w1": (8, 3, 3, 3), "w2": (8, 8, 3, 3), "w3": (10, 8)}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w1"], ["a"], "conv1", pads=[1, 1, 1, 1]),
            helper.make_node("Relu", ["a"], ["b"], "relu1"),
            helper.make_node("Conv", ["b", "w2"], ["c"], "conv2", pads=[1, 1, 1, 1]),
            helper.make_node("Add", ["b", "c"], ["d"], "residual"),
            helper.make_node("GlobalAveragePool", ["d"], ["e"], "pool"),
            helper.make_node("Flatten", ["e"], ["f"], "flatten"),
            helper.make_node("Gemm", ["f", "w3"], ["y"], "classify", transB=1),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        [
            onnx.numpy_helper.from_array(generator.standard_normal(shape).astype(np.float32) / 8, name)
            for name, shape in weights.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "net.onnx")
    onnx.save(embedding(), tmp_path / "embed.onnx")
    onnx.save(detector(), tmp_path / "det.onnx")
    onnx.save(decoder(), tmp_path / "decoder.onnx")
    for name, length in (("short", 7), ("long", 200)):
        ids = generator.integers(0, 100, (1, length))
        np.savez(tmp_path / f"{name}.npz", input_ids=ids, attention_mask=np.ones_like(ids))
    for name, shape in (("small", (1, 3, 64, 64)), ("wide", (1, 3, 96, 320))):
        np.save(tmp_path / f"{name}.npy", generator.standard_normal(shape).astype(np.float32))
    np.save(tmp_path / "x.npy", generator.standard_normal((1, 3, 32, 32)).astype(np.float32))
    (tmp_path / "buffers.csv").write_text("id,lower,upper,size\na,0,2,100\nb,1,3,50\nc,2,4,100\n")
    if find_spec("tflite_micro"):
        from tflite_models import diamonds
        from tflite_models import save as save_tflite

        save_tflite(diamonds(), tmp_path / "net.tflite")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "document", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in present()]
)
def test_every_command_does_what_is_shown(document, folder, capsys):
    assert folder.is_dir()
    for command, shown in commands(document):
        if command.split()[1] in ELSEWHERE:
            continue
        if (needed := NEEDS.get(command.split()[1])) and find_spec(needed) is None:
            continue
        expected = re.search(r"# exit code (\d+)", command)
        status = main(shlex.split(command, comments=True)[1:])
        said = capsys.readouterr()
        assert status == int(expected[1] if expected else 0), f"{command}\n{said.err}"
        matches(command, shown, (said.out + said.err).splitlines())


def matches(command, shown, printed):
    """Check that the lines shown were printed, in order, with others only where dots stand."""
    if not shown:
        return
    lines = ("(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown)
    pattern = "".join(lines)
    text = "".join(line.rstrip() + "\n" for line in printed)
    assert re.fullmatch(pattern + "\n*", text), f"{command}\nshown:\n" + "\n".join(shown) + f"\nprinted:\n{text}"


@pytest.mark.slow
def test_the_quickstarts_python(folder):
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/quickstart.md").read_text(), re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "4480 4480 True\n7\n"
    assert (folder / "lenet5.engine").exists()


def test_usage_has_every_command():
    used = {command.split()[1] for command, _ in commands("docs/usage.md")}
    assert used >= set(COMMANDS) - {"demo", *ELSEWHERE}
