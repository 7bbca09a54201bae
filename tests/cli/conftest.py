import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from cli_checks import conforms, save
from onnx import TensorProto, helper
from tied import tied

import mini_infer
from mini_infer.cli import main
from mini_infer.demo import assets


@pytest.fixture
def lenet(tmp_path):
    """LeNet-5 and its digits, in a folder of their own."""
    model = tmp_path / "lenet5.onnx"
    shutil.copy(assets.MODEL, model)
    return SimpleNamespace(
        model=str(model),
        digits=[f"--input={assets.DIGITS}:images", "--scale=1/255"],
        labels=f"{assets.DIGITS}:labels",
        logits=str(assets.REFERENCE),
        folder=tmp_path,
    )


@pytest.fixture
def tiny(tmp_path):
    """`y = relu(a + b)`, `z = softmax(y)`, with open batch: two inputs, two outputs."""
    shape = ["N", 3]
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["a", "b"], ["sum"], "add"),
            helper.make_node("Relu", ["sum"], ["y"], "relu"),
            helper.make_node("Softmax", ["y"], ["z"], "softmax"),
        ],
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("a", "b")],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("y", "z")],
    )
    return save(graph, tmp_path / "tiny.onnx")


@pytest.fixture
def tied_model(tmp_path):
    """A quantized model."""
    onnx.save(tied(), tmp_path / "ties.onnx")
    return str(tmp_path / "ties.onnx")


@pytest.fixture
def arrays(tmp_path):
    """Save arrays as .npy files; returns their `--input` arguments."""

    def save_all(**named):
        arguments = []
        for name, array in named.items():
            np.save(tmp_path / f"{name}.npy", array)
            arguments.append(f"--input={name}={tmp_path / name}.npy")
        return arguments

    return save_all


@pytest.fixture
def command(capsys):
    """Run a command in this process: exit code, standard output, lines on standard error."""

    def run(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, errors=err.splitlines())

    return run


@pytest.fixture
def environment():
    """Of processes that find the package."""
    return {**os.environ, "PYTHONPATH": str(Path(mini_infer.__file__).parents[1])}


@pytest.fixture
def process(environment):
    """Run a command in a process of its own, with further environment variables."""

    def run(*words, stdout=subprocess.PIPE, **variables):
        return subprocess.run(
            [sys.executable, "-m", "mini_infer", *map(str, words)],
            env={**environment, **variables},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def record(command):
    """Run a command with `--json`: its answer, checked against the published schema."""

    def run(*words, status=0):
        answer = command(*words, "--json")
        assert (answer.status, answer.errors) == (status, [])
        content = json.loads(answer.out)
        conforms(content)
        return content

    return run
