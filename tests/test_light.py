"""The base install: running an engine, checking plans and planning by rules need numpy alone, and little of us."""

import subprocess
import sys
import textwrap

import numpy as np
import onnx
import pytest
from onnx import helper

import mini_infer as mi
from mini_infer.toolchain import find

BLOCKED = ("onnx", "numba", "llvmlite", "ml_dtypes", "onnxruntime", "ziglang", "torch", "scipy")

BLOCKER = f"""
import importlib.abc, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {BLOCKED!r} else found(name, package)
"""


def alone(code, *words, cache, folder=None):
    """Run Python where nothing is installed but numpy and the project, and no program is on the path."""
    import os

    kept = {key: value for key, value in os.environ.items() if key.startswith(("PYTHON", "SYSTEMROOT", "HOME"))}
    environment = {**kept, "PATH": "", "MINI_INFER_CACHE": str(cache)}
    return subprocess.run(
        [sys.executable, "-c", BLOCKER + textwrap.dedent(code), *map(str, words)],
        env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


MAIN = "import mini_infer.cli; sys.exit(mini_infer.cli.main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A small model, and its engine with code beside it."""
    folder = tmp_path_factory.mktemp("network")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 4])],
        [onnx.numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(3, 4) - 6, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.save(model, folder / "net.onnx")
    np.save(folder / "x.npy", np.ones((2, 3), np.float32))
    mi.compile(model).save(folder / "net.engine", with_code=find() is not None)
    return folder


@pytest.mark.skipif(find() is None, reason="there is no C compiler")
def test_an_engine_runs_natively_with_numpy_alone(network, tmp_path):
    done = alone(
        """
        import mini_infer as mi, numpy as np
        engine = mi.load(sys.argv[1], trust_code=True)
        y = engine.create_context().run(np.ones((2, 3), np.float32))["y"]
        print(engine.library is not None, y.tolist())
        heavy = ("mini_infer.codegen", "mini_infer.memory", "onnx")
        print([name for name in sys.modules if name.startswith(heavy)])
        """,
        network / "net.engine",
        cache=tmp_path,
    )
    assert done.stderr == ""
    ran, imported = done.stdout.splitlines()
    assert ran == "True [[0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 3.0]]"
    assert imported == "[]"


@pytest.mark.skipif(find() is None, reason="there is no C compiler")
def test_so_does_the_command(network, tmp_path):
    words = [
        "run",
        network / "net.engine",
        "--input",
        f"x={network / 'x.npy'}",
        "--trust-code",
        "-o",
        tmp_path / "y.json",
    ]
    done = alone(MAIN, *words, cache=tmp_path / "cache")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 samples, 2 of 2 steps native" in done.stdout or "1 of 1 steps native" in done.stdout


def test_without_code_the_way_out_is_said(network, tmp_path):
    words = ["run", network / "net.engine", "--input", f"x={network / 'x.npy'}"]
    done = alone(MAIN, *words, cache=tmp_path)
    assert done.returncode == 2
    *warnings, error = done.stderr.splitlines()
    assert error == (
        "mini-infer: error: running steps that have no native code needs onnx, which is not installed: "
        'pip install "mini-infer-engine[compile]"'
    )
    assert any("no C compiler found" in line for line in warnings)


@pytest.mark.parametrize("word", ["plan", "compile", "doctor", "run"])
def test_commands_that_need_more_say_what(network, tmp_path, word):
    done = alone(MAIN, word, "net.onnx", cache=tmp_path, folder=network)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("mini-infer: error: this command needs ")
    assert line.endswith('pip install "mini-infer-engine[compile]"')


def test_python_is_told_the_same(tmp_path):
    done = alone(
        """
        import mini_infer as mi
        try:
            mi.compile(b"")
        except ImportError as error:
            print(type(error).__name__, error)
        """,
        cache=tmp_path,
    )
    assert done.stdout.startswith("MissingPackageError mini_infer.compile needs ")


LIVES = [(i * 7 % 23, i * 7 % 23 + 1 + i * 5 % 11, 100 + i * 37 % 211) for i in range(60)]
PROBLEM = "id,lower,upper,size\n" + "".join(f"b{i},{','.join(map(str, life))}\n" for i, life in enumerate(LIVES))


def test_the_planner_plans_by_rules_and_says_so(tmp_path):
    (tmp_path / "buffers.csv").write_text(PROBLEM)
    done = alone(MAIN, "solve", "buffers.csv", "-o", "plan.csv", cache=tmp_path, folder=tmp_path)
    assert done.returncode == 0
    (warning,) = done.stderr.splitlines()
    assert warning == (
        "mini-infer: warning: numba is not installed, so plans are by rules alone, and may be larger: "
        'pip install "mini-infer-engine[compile]"'
    )
    checked = alone(MAIN, "check", "plan.csv", cache=tmp_path, folder=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("strategy", ["skyline", "local-search", "exact"])
def test_a_search_that_was_asked_for_is_refused(tmp_path, strategy):
    (tmp_path / "buffers.csv").write_text(PROBLEM)
    done = alone(MAIN, "solve", "buffers.csv", "--strategy", strategy, cache=tmp_path, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == (
        f"mini-infer: error: the strategy '{strategy}' needs numba, which is not installed: "
        'pip install "mini-infer-engine[compile]"'
    )


@pytest.mark.parametrize("strategy", ["naive", "coloring", "first-fit", "best-fit", "greedy-by-size"])
def test_rules_need_nothing(tmp_path, strategy):
    (tmp_path / "buffers.csv").write_text(PROBLEM)
    done = alone(MAIN, "solve", "buffers.csv", "--strategy", strategy, cache=tmp_path, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
