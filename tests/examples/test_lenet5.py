"""The example's files do what its README says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mini_infer.demo import assets

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "lenet5"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}


def run(folder, *words):
    return subprocess.run(
        list(map(str, words)), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def script(folder, name, *words):
    return run(folder, sys.executable, EXAMPLE / name, *words)


def commands(suffix):
    """Each call of mini-infer in a walk script: the command, and its options with their literal values."""
    text = (EXAMPLE / f"test_optimized_with_memory.{suffix}").read_text(encoding="utf-8")
    lines = re.sub(r"[\\`^]\n\s*", "", text).splitlines()
    calls = [re.search(r"\bmini_infer (?:run|verify|compare|plan)\b.*", line) for line in lines]
    return [
        re.findall(r"mini_infer \w+|--[a-z-]+|(?<= )(?:\d\S*|coloring)", call[0]) for call in calls if call is not None
    ]


def test_the_three_walks_are_the_same_commands():
    assert len(commands("sh")) == 6
    assert commands("sh") == commands("ps1") == commands("bat")


def test_readme_names_every_file():
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in EXAMPLE.iterdir() if path.is_file()} - {"README.md", "README.zh-CN.md", "mnist.py"}
    assert {name for name in files if name not in readme and Path(name).suffix not in {".ps1", ".bat"}} == set()


def test_digits_are_the_first_ten_of_each_class(tmp_path):
    digits = assets.load_digits()
    images = np.concatenate([digits.images, digits.images[::-1]])
    labels = np.concatenate([digits.labels, digits.labels[::-1]])
    np.savez(tmp_path / "test.npz", x=images, y=labels)
    done = script(tmp_path, "digits.py", "test.npz", "-o", "digits.npz")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "digits.npz").stat().st_size > 10_000
    made = assets.load_digits(tmp_path / "digits.npz")
    np.testing.assert_array_equal(made.images, digits.images)
    np.testing.assert_array_equal(made.labels, digits.labels)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((2, 28, 28), np.uint8)}, "expected the arrays images and labels"),
        ({"x": np.zeros((2, 28, 28)), "y": np.zeros(2)}, "expected uint8 images of 2x28x28, got float64"),
    ],
)
def test_files_that_are_not_mnist(tmp_path, arrays, message):
    np.savez(tmp_path / "test.npz", **arrays)
    done = script(tmp_path, "digits.py", "test.npz")
    assert done.returncode == 1
    assert message in done.stderr


@pytest.mark.slow
def test_train_export_and_reference_on_a_few_digits(tmp_path):
    pytest.importorskip("torch")
    digits = assets.load_digits()
    np.savez(tmp_path / "train.npz", images=digits.images, labels=digits.labels)
    trained = script(tmp_path, "train.py", "train.npz", assets.DIGITS, "--epochs", "1")
    assert trained.returncode == 1, trained.stderr  # two steps do not reach 98.5 %
    assert "of 100 test digits" in trained.stdout
    first = script(tmp_path, "export.py", "lenet5.pt")
    second = script(tmp_path, "export.py", "lenet5.pt", "-o", "again.onnx")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (tmp_path / "lenet5.onnx").read_bytes() == (tmp_path / "again.onnx").read_bytes()
    made = script(tmp_path, "reference.py", "lenet5.onnx", assets.DIGITS)
    assert made.returncode == 0, made.stderr
    assert assets.load_reference(tmp_path / "reference.npz").logits.shape == (100, 10)
    right = int((assets.load_reference(tmp_path / "reference.npz").logits.argmax(axis=1) == digits.labels).sum())
    assert f"{right} of 100 digits right" in made.stdout


@pytest.mark.slow
def test_the_carried_reference_is_what_the_script_makes(tmp_path):
    torch = pytest.importorskip("torch")
    made = script(tmp_path, "reference.py", EXAMPLE / "lenet5.onnx", assets.DIGITS)
    assert made.returncode == 0, made.stderr
    remade = assets.load_reference(tmp_path / "reference.npz")
    assert remade.torch == str(torch.__version__)
    np.testing.assert_allclose(remade.logits, assets.load_reference().logits, rtol=0, atol=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_walk_by_single_commands(tmp_path):
    done = run(tmp_path, "/bin/sh", EXAMPLE / "test_optimized_with_memory.sh", "a folder")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("[PASS]\n")
    reports = {path.name for path in (tmp_path / "a folder").glob("*.json")}
    assert reports == {
        "optimized_memory_outputs.json",
        "optimized_no_memory_outputs.json",
        "optimized_comparison_report.json",
        "memory_report.json",
    }


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_walk_stops_at_the_first_failure(tmp_path):
    walk = shutil.copy(EXAMPLE / "test_optimized_with_memory.sh", tmp_path)
    (tmp_path / "lenet5.onnx").write_bytes(b"not a model")
    done = run(tmp_path, "/bin/sh", walk)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-2:] == ["[2/6] run with memory planning", "[FAIL]"]


def readme_commands():
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            words, id=" ".join(words), marks=[pytest.mark.slow] if words[1:] != ["plan", "lenet5.onnx"] else []
        )
        for words in readme_commands()
        if words[0] == "mini-infer"
    ],
)
def test_readme_commands_run(words, tmp_path):
    shutil.copy(EXAMPLE / "lenet5.onnx", tmp_path)
    done = run(tmp_path, sys.executable, "-m", "mini_infer", *words[1:])
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_names_scripts_that_exist():
    scripts = [words[1] for words in readme_commands() if words[0] in {"python", "sh"}]
    assert len(scripts) == 5
    assert all((EXAMPLE / name).is_file() for name in scripts)
