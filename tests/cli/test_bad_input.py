"""Whatever is wrong: one line that names it, the right exit code, and nothing half-written."""

import sys
from pathlib import Path

import numpy as np
import pytest
from cli_checks import save
from onnx import TensorProto, helper

from mini_infer.errors import CapacityError, EngineError, InputError, MismatchError, UnsupportedError, UsageError

ONE = np.ones((1, 1, 28, 28), np.float32)


@pytest.fixture
def refused(command, tmp_path):
    """Run a command that must fail with an error's exit code, one line, and no file made; returns the line."""

    def run(error, *words):
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        answer = command(*words)
        assert answer.status == error.exit_code, answer.errors
        assert answer.out == ""
        (line,) = answer.errors
        assert line.startswith("mini-infer: error: ")
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
        return line

    return run


@pytest.mark.parametrize("name", ["plan", "compile", "verify", "compare", "bench", "inspect", "doctor", "run"])
def test_a_missing_file(refused, tmp_path, name):
    assert "nowhere.onnx: cannot be read: No such file" in refused(InputError, name, tmp_path / "nowhere.onnx")


@pytest.mark.parametrize("name", ["plan", "run", "inspect"])
def test_a_missing_engine(refused, tmp_path, name):
    assert "nowhere.engine: cannot be read: No such file" in refused(InputError, name, tmp_path / "nowhere.engine")


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x08\x0a", bytes(500), b"\xff" * 500])
def test_no_model(refused, tmp_path, content):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert "net.onnx" in refused(InputError, "compile", path, "-o", tmp_path / "net.engine")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_model(refused, lenet, tmp_path, part):
    path = tmp_path / "net.onnx"
    content = Path(lenet.model).read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    refused(InputError, "plan", path, "-o", tmp_path / "plan.txt")


def test_unknown_operators_are_all_listed(refused, tmp_path):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "y")]
    nodes = [
        helper.make_node("Frobnicate", ["x"], ["a"], "first", domain="com.example"),
        helper.make_node("Twiddle", ["a"], ["y"], "second"),
    ]
    model = save(helper.make_graph(nodes, "g", values[:1], values[1:]), tmp_path / "unknown.onnx")
    line = refused(UnsupportedError, "compile", model, "-o", tmp_path / "net.engine")
    for part in ("'first'", "Frobnicate", "'second'", "Twiddle"):
        assert part in line


def test_a_node_that_makes_no_sense(refused, tmp_path):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x", "x"], ["y"], "odd")], "g", values[:1], values[1:])
    refused(InputError, "plan", save(graph, tmp_path / "wrong.onnx"))


def test_open_dimensions_show_the_flag(refused, tiny):
    assert "open dimensions: N; give them: --dim N=1" in refused(InputError, "plan", tiny)


def test_shapes_for_an_input_that_is_not_there(refused, tiny):
    assert "'c'" in refused(InputError, "plan", tiny, "--shapes=c:1x3")


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("pixels", ONE, "no input is called 'pixels'; the model's inputs are input"),
        ("input", ONE[:, :, :20], "has shape 1x1x20x28, expected 1x1x28x28"),
        ("input", ONE.astype(np.float64), "holds float64, expected float32"),
    ],
)
def test_inputs_that_do_not_fit(refused, arrays, lenet, tmp_path, name, array, said):
    given = arrays(**{name: array})
    assert said in refused(InputError, "run", lenet.model, *given, "--compiler=none", "-o", tmp_path / "out.json")


def test_inputs_that_are_missing(refused, lenet):
    line = refused(InputError, "verify", lenet.model, "--compiler=none", "--expected=x.npz", "--input=a=x.npy")
    assert "no input is called 'a'" in line


def test_memory_that_does_not_suffice(refused, lenet, tmp_path):
    refused(CapacityError, "compile", lenet.model, "--memory-limit=1K", "-o", tmp_path / "net.engine")


def test_a_folder_that_is_not_there(refused, lenet, tmp_path):
    line = refused(InputError, "compile", lenet.model, "--compiler=none", "-o", tmp_path / "no" / "net.engine")
    assert "cannot be written" in line


def test_outputs_that_differ(command, lenet, tmp_path):
    np.save(tmp_path / "wrong.npy", np.zeros((100, 10), np.float32))
    answer = command("verify", lenet.model, *lenet.digits, f"--expected={tmp_path / 'wrong.npy'}", "--compiler=none")
    assert (answer.status, answer.errors) == (MismatchError.exit_code, [])


def test_an_engine_with_one_byte_changed(refused, command, tiny, tmp_path):
    engine = tmp_path / "net.engine"
    command("compile", tiny, "--shapes=a:1x3", "--shapes=b:1x3", "--compiler=none", "-o", engine)
    content = engine.read_bytes()
    for position in np.linspace(0, len(content) - 1, 25).astype(int).tolist():
        engine.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        assert "net.engine" in refused(EngineError, "plan", engine)
    for size in (0, 7, 60, len(content) - 1):
        engine.write_bytes(content[:size])
        refused(EngineError, "run", engine)


@pytest.mark.slow
def test_the_process_says_it_the_same_way(process, tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"no model")
    done = process("plan", tmp_path / "net.onnx")
    assert (done.returncode, done.stdout) == (InputError.exit_code, "")
    assert len(done.stderr.splitlines()) == 1
    done = process("plan")
    assert done.returncode == UsageError.exit_code
    assert len(done.stderr.splitlines()) == 1


def test_quantizing_without_onnxruntime(refused, lenet, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    line = refused(UsageError, "quantize", lenet.model, "-o", tmp_path / "made.onnx", "--dynamic")
    assert line.endswith("quantizing needs onnxruntime, which is not installed: pip install onnxruntime sympy")


def test_models_for_a_newer_onnx(refused, tmp_path):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9999)])
    (tmp_path / "new.onnx").write_bytes(model.SerializeToString())
    assert "opset 9999" in refused(UnsupportedError, "plan", tmp_path / "new.onnx")
