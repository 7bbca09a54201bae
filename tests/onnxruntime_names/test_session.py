"""The interface of onnxruntime, against onnxruntime."""

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer.onnxruntime as ort
from mini_infer.errors import InputError, MiniInferError
from mini_infer.onnxruntime import peer, session

real = pytest.importorskip("onnxruntime")


def make(path, *, shape=(1, 3), op="Relu", domain=""):
    """`y = op(x @ w)` and its argmax, with metadata."""
    weights = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["a"]),
            helper.make_node(op, ["a"], ["y"], domain=domain),
            helper.make_node("ArgMax", ["y"], ["n"], axis=1),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [shape[0], 4]),
            helper.make_tensor_value_info("n", TensorProto.INT64, [shape[0], 1]),
        ],
        [numpy_helper.from_array(weights, "w")],
    )
    opsets = [helper.make_opsetid("", 18), *([helper.make_opsetid(domain, 1)] if domain else [])]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="tests")
    helper.set_model_props(model, {"labels": "a,b"})
    onnx.save(model, path)
    return path


@pytest.fixture(autouse=True)
def _says_anew():
    peer.say.cache_clear()


@pytest.fixture
def said(caplog):
    return lambda: [record.getMessage() for record in caplog.records if record.name == "mini_infer.onnxruntime"]


def draw(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def same(given, expected):
    assert len(given) == len(expected)
    for one, other in zip(given, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("as_bytes", [False, True])
def test_the_answers_and_what_a_model_says_of_itself(tmp_path, as_bytes, said):
    path = make(tmp_path / "net.onnx")
    ours = ort.InferenceSession(path.read_bytes() if as_bytes else str(path), providers=["CPUExecutionProvider"])
    theirs = real.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = draw(1, 3)
    same(ours.run(None, {"x": x}), theirs.run(None, {"x": x}))
    same(ours.run(["n"], {"x": x}), theirs.run(["n"], {"x": x}))
    for which in ("get_inputs", "get_outputs"):
        for one, other in zip(getattr(ours, which)(), getattr(theirs, which)(), strict=True):
            assert (one.name, one.type, one.shape) == (other.name, other.type, other.shape)
    mine, known = ours.get_modelmeta(), theirs.get_modelmeta()
    for name in ("custom_metadata_map", "producer_name", "graph_name", "version", "domain", "description"):
        assert getattr(mine, name) == getattr(known, name)
    assert ours.get_providers() == ["CPUExecutionProvider"]
    assert said() == []


def test_open_shapes(tmp_path, said, monkeypatch):
    monkeypatch.setattr(session, "SHAPES", 3)
    path = make(tmp_path / "net.onnx", shape=("N", 3))
    ours, theirs = ort.InferenceSession(path), real.InferenceSession(path)
    assert ours.get_inputs()[0].shape == ["N", 3]
    for rows in (1, 2, 5, 2):
        x = draw(rows, 3)
        same(ours.run(None, {"x": x}), theirs.run(None, {"x": x}))
    assert said() == []
    same(ours.run(None, {"x": draw(7, 3)}), theirs.run(None, {"x": draw(7, 3)}))
    assert said() == ["net.onnx runs by onnxruntime: its inputs came in more than 3 sets of shapes"]


def test_arrays_that_are_not_contiguous_and_lists(tmp_path):
    ours = ort.InferenceSession(make(tmp_path / "net.onnx", shape=(3, 3)))
    x = draw(3, 3)
    expected = ours.run(None, {"x": np.ascontiguousarray(x.T)})
    same(ours.run(None, {"x": x.T}), expected)
    same(ours.run(None, {"x": x.T.tolist()}), expected)


def test_wrong_inputs(tmp_path):
    ours = ort.InferenceSession(make(tmp_path / "net.onnx"))
    with pytest.raises(ValueError, match=r"Required inputs \(\['x'\]\) are missing from input feed \(\['q'\]\)"):
        ours.run(None, {"q": draw(1, 3)})
    with pytest.raises(ValueError, match="there is no input 'q'; there are x"):
        ours.run(None, {"x": draw(1, 3), "q": draw(1, 3)})
    with pytest.raises(ValueError, match="there is no output 'q'; there are y, n"):
        ours.run(["q"], {"x": draw(1, 3)})
    with pytest.raises(InputError):
        ours.run(None, {"x": draw(1, 3).astype(np.float64)})


def test_what_cannot_be_compiled_is_onnxruntimes(tmp_path, said, monkeypatch):
    def refuse(*_, **__):
        raise MiniInferError("no such operator")

    monkeypatch.setattr(session, "load_or_compile", refuse)
    path = make(tmp_path / "net.onnx")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    ours = ort.InferenceSession(path, options)
    same(ours.run(None, {"x": draw(1, 3)}, ort.RunOptions()), real.InferenceSession(path).run(None, {"x": draw(1, 3)}))
    assert ours.get_inputs()[0].name == "x"
    assert said() == ["net.onnx runs by onnxruntime: no such operator"]
    assert ours._peer.get_session_options().intra_op_num_threads == 1


def test_what_is_no_model_is_an_error_of_onnxruntimes(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"no model")
    with pytest.raises(Exception, match="net"):
        ort.InferenceSession(tmp_path / "net.onnx")


def test_without_onnxruntime(tmp_path, monkeypatch):
    monkeypatch.setattr(peer, "library", lambda: None)
    ours = ort.InferenceSession(make(tmp_path / "net.onnx"))
    assert ours.run(None, {"x": draw(1, 3)})[0].shape == (1, 4)
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(MiniInferError):
        ort.InferenceSession(tmp_path / "bad.onnx")
    with pytest.raises(AttributeError, match="and onnxruntime is not installed"):
        _ = ort.OrtValue


def test_everything_else_is_onnxruntimes(tmp_path, said):
    assert ort.OrtValue is real.OrtValue
    assert ort.__version__ == real.__version__
    ours = ort.InferenceSession(make(tmp_path / "net.onnx"))
    binding = ours.io_binding()
    assert type(binding).__name__ == "IOBinding"
    assert said() == ["net.onnx runs by onnxruntime: it is asked for io_binding"]
    with pytest.raises(AttributeError):
        _ = ours._nothing
    with pytest.raises(AttributeError):
        _ = ort.SessionOptions().nothing


def test_options_that_are_called_are_onnxruntimes(tmp_path, said):
    options = ort.SessionOptions()
    options.add_session_config_entry("session.disable_prepacking", "1")
    ours = ort.InferenceSession(make(tmp_path / "net.onnx"), options)
    assert ours.run(None, {"x": draw(1, 3)})[0].shape == (1, 4)
    assert said() == ["net.onnx runs by onnxruntime: its options call add_session_config_entry"]


def test_threads_run_one_session(tmp_path):
    ours = ort.InferenceSession(make(tmp_path / "net.onnx"))
    inputs = [draw(1, 3) + index for index in range(16)]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda x: ours.run(None, {"x": x})[0], inputs))
    for x, y in zip(inputs, given, strict=True):
        same([y], ours.run(["y"], {"x": x}))


PROGRAM = """
import sys
import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

session = onnxruntime.InferenceSession("net.onnx")
print(session.run(["y"], {"x": np.ones((1, 3), np.float32)})[0].tolist(), sys.argv[1:])
print(onnxruntime.__name__, hasattr(state, "Fail"), __name__, sorted({"onnx", "numba", "llvmlite"} & set(sys.modules)))
sys.exit(3)
"""


def test_a_program_runs_unchanged(tmp_path, monkeypatch):
    path = make(tmp_path / "net.onnx")
    (tmp_path / "app.py").write_text(textwrap.dedent(PROGRAM))
    monkeypatch.setenv("PYTHONPATH", str(Path(ort.__file__).parents[2]))
    expected = real.InferenceSession(path).run(["y"], {"x": np.ones((1, 3), np.float32)})[0]
    for _ in range(2):  # the second from the cache
        done = subprocess.run(
            [sys.executable, "-m", "mini_infer", "python", "app.py", "--flag", "-q"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (3, "")
        answer, rest = done.stdout.splitlines()
        values, words = answer.split("]] ")
        np.testing.assert_allclose(np.array(eval(values + "]]")), expected, rtol=1e-5)  # noqa: S307 - printed above
        assert words == "['--flag', '-q']"
        assert rest == "mini_infer.onnxruntime True __main__ []"
