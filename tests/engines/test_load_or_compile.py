"""Engines compiled once, in a process of their own: found again where nothing has changed, and not otherwise."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import mini_infer as mi
from mini_infer import engines, locks
from mini_infer.engines import child, key
from mini_infer.errors import CapacityError, ModelError, UsageError
from mini_infer.keywords import chosen
from mini_infer.runtime import store


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def compiled(monkeypatch):
    """What was compiled in a child, in order."""
    jobs, real = [], child.compile_to

    def compile_to(path, model, options):
        jobs.append(model)
        return real(path, model, options)

    monkeypatch.setattr(child, "compile_to", compile_to)
    return jobs


def network(scale=1.0):
    weights = np.arange(12, dtype=np.float32).reshape(3, 4) * np.float32(scale)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 4])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


@pytest.fixture
def path(tmp_path):
    onnx.save(network(), tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


def test_what_was_compiled_once_is_found_again(path, compiled):
    first, second = mi.load_or_compile(path), mi.load_or_compile(str(path))
    assert compiled == [path]
    assert first.origin == second.origin
    x = np.ones((2, 3), np.float32)
    wanted = mi.compile(network()).create_context().run(x)["y"]
    for engine in (first, second):
        assert engine.create_context().run(x)["y"].tobytes() == wanted.tobytes()


def test_bytes_are_a_model_too(path, compiled):
    data = path.read_bytes()
    engine = mi.load_or_compile(data)
    assert mi.load_or_compile(path).origin == engine.origin
    assert compiled == [data]


@pytest.mark.parametrize(
    "changed", [{"rewrite": False}, {"alignment": 128}, {"threads": 2}, {"fix": {"x": np.ones((2, 3), np.float32)}}]
)
def test_other_options_are_another_engine(path, compiled, changed):
    engine = mi.load_or_compile(path, compiler="none")
    assert mi.load_or_compile(path, compiler="none", **changed).origin != engine.origin
    assert len(compiled) == 2
    mi.load_or_compile(path, compiler="none", **changed)
    assert len(compiled) == 2


def test_another_model_is_another_engine(path, compiled):
    before = mi.load_or_compile(path, compiler="none")
    onnx.save(network(scale=2), path)
    after = mi.load_or_compile(path, compiler="none")
    assert (len(compiled), before.origin == after.origin) == (2, False)


def test_weights_in_files_beside_count(tmp_path, compiled):
    path = tmp_path / "big.onnx"

    onnx.save(network(), path, save_as_external_data=True, location="big.weights", size_threshold=0)
    weights = tmp_path / "big.weights"
    before = mi.load_or_compile(path, compiler="none")
    mi.load_or_compile(path, compiler="none")
    assert len(compiled) == 1
    weights.write_bytes((3 * np.frombuffer(weights.read_bytes(), np.float32)).tobytes())
    after = mi.load_or_compile(path, compiler="none")
    assert len(compiled) == 2
    assert before.origin.digest != after.origin.digest
    x = np.ones((2, 3), np.float32)
    np.testing.assert_allclose(after.create_context().run(x)["y"], 3 * network_answer(x), rtol=1e-6)
    weights.unlink()
    with pytest.raises(ModelError, match=r"big\.weights"):
        mi.load_or_compile(path, compiler="none")


def network_answer(x):
    return x @ np.arange(12, dtype=np.float32).reshape(3, 4)


def test_a_damaged_engine_is_compiled_again(path, compiled):
    engine = mi.load_or_compile(path, compiler="none")
    place = engine.origin.path
    place.unlink()  # it is mapped
    place.write_bytes(b"MINIINFR and no more")
    mi.load_or_compile(path, compiler="none")
    assert len(compiled) == 2


def test_who_wants_what_another_compiles_waits_for_it(path, compiled):
    with ThreadPoolExecutor(4) as threads:
        engines = list(threads.map(lambda _: mi.load_or_compile(path, compiler="none"), range(4)))
    assert compiled == [path]
    assert len({engine.origin for engine in engines}) == 1
    assert not list(store.folder().glob("*.lock"))


def test_a_process_that_dies_is_waited_for_no_longer(path, compiled, monkeypatch):
    name = key.of(path, chosen(None, {"compiler": "none"}))
    code = (
        "import time; from mini_infer.runtime import store\n"
        f"with store.others_waiting({name!r}): print(flush=True); time.sleep(600)"
    )
    looked, plain = threading.Event(), store.others_waiting

    def others_waiting(key):
        looked.set()
        return plain(key)

    monkeypatch.setattr(store, "others_waiting", others_waiting)
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with other, ThreadPoolExecutor(1) as threads:
        other.stdout.readline()
        made = threads.submit(mi.load_or_compile, path, compiler="none")
        looked.wait(60)
        with pytest.raises(TimeoutError):
            made.result(timeout=0.3)
        assert compiled == []
        other.kill()
        assert made.result(timeout=60).origin.path.exists()
    assert compiled == [path]


def test_where_there_are_no_locks_nobody_waits(path, compiled, monkeypatch):
    def held(_):
        raise OSError("No locks available")

    monkeypatch.setattr(locks, "held", held)
    mi.load_or_compile(path, compiler="none")
    mi.load_or_compile(path, compiler="none")
    assert compiled == [path]


def test_errors_are_those_of_compiling(path, tmp_path):
    with pytest.raises(CapacityError, match="no plan within 1 bytes"):
        mi.load_or_compile(_chain(tmp_path), memory_limit=1)
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        mi.load_or_compile(tmp_path / "broken.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        mi.load_or_compile(tmp_path / "none.onnx")
    with pytest.raises(UsageError, match="alignment"):
        mi.load_or_compile(path, alignment=3)
    assert list(store.entries()) == []


def _chain(folder):
    """A model with a buffer in its arena."""
    model = network()
    model.graph.node[0].output[0] = "h"
    model.graph.node.append(helper.make_node("Softmax", ["h"], ["y"]))
    model.graph.node.append(helper.make_node("Transpose", ["y"], ["z"]))
    model.graph.output.append(helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [4, 2]))
    onnx.save(model, folder / "chain.onnx")
    return folder / "chain.onnx"


def test_the_serving_process_stays_light(path):
    code = (
        "import sys, numpy as np, mini_infer as mi\n"
        f"engine = mi.load_or_compile({str(path)!r})\n"
        "engine.create_context().run(np.ones((2, 3), np.float32))\n"
        "heavy = ('onnx', 'numba', 'mini_infer.compiler', 'mini_infer.codegen')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


def test_the_cache_has_a_limit(tmp_path, monkeypatch, compiled):
    paths = []
    for scale in (1, 2, 3):
        onnx.save(network(scale), tmp_path / f"{scale}.onnx")
        paths.append(tmp_path / f"{scale}.onnx")
    size = mi.load_or_compile(paths[0], compiler="none").origin.path.stat().st_size
    monkeypatch.setenv("MINI_INFER_CACHE_LIMIT", str(2 * size))
    for path in paths[1:]:
        mi.load_or_compile(path, compiler="none")
    assert len(list(store.entries())) == 2
    mi.load_or_compile(paths[2], compiler="none")
    assert len(compiled) == 3
    mi.load_or_compile(paths[0], compiler="none")
    assert len(compiled) == 4
    monkeypatch.setenv("MINI_INFER_CACHE_LIMIT", "1")
    mi.load_or_compile(paths[1], compiler="none")  # what was just made stays
    assert len(list(store.entries())) == 1
    monkeypatch.setenv("MINI_INFER_CACHE_LIMIT", "1G")
    with pytest.raises(UsageError, match="give a number of bytes"):
        store.limit()


def test_what_others_put_into_the_cache_is_not_used(path, compiled):
    engine = mi.load_or_compile(path, compiler="none")
    engine.origin.path.chmod(0o666)
    mi.load_or_compile(path, compiler="none")
    assert len(compiled) == 2


def heavy():
    """A model with 9 MB of weights."""
    weights = np.random.default_rng(0).standard_normal((1500, 1500)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "heavy",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 1500])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 1500])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def test_many_weights_are_mapped_from_the_cache_after_compiling(tmp_path, monkeypatch):
    model, x = heavy(), np.ones((1, 1500), np.float32)
    engine = mi.compile(model, compiler="none")
    assert engine.origin.path.parent == tmp_path / "cache" / "engines"
    assert not engine.constants.flags.writeable
    assert mi.compile(network(), compiler="none").origin is None  # few are not worth a file
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / "no folder"))
    private = mi.compile(model, compiler="none")
    assert private.origin is None
    wanted, got = (each.create_context().run(x)["y"].tobytes() for each in (private, engine))
    assert wanted == got


@pytest.fixture
def light(monkeypatch):
    """As if nobody had imported onnx here, and every model were large."""
    monkeypatch.delitem(sys.modules, "onnx")
    monkeypatch.setattr(engines, "_LARGE", 1)


@pytest.mark.usefixtures("light")
def test_what_is_large_is_compiled_elsewhere_each_time(path, compiled):
    engines_made = [mi.compile(model, optimize="memory") for model in (path, str(path), path.read_bytes())]
    assert compiled == [path, path, path.read_bytes()]
    assert "onnx" not in sys.modules
    assert len({engine.origin for engine in engines_made}) == 1
    x = np.ones((2, 3), np.float32)
    wanted = (x @ np.arange(12, dtype=np.float32).reshape(3, 4)).tobytes()
    assert [engine.create_context().run(x)["y"].tobytes() for engine in engines_made] == [wanted] * 3


@pytest.mark.parametrize("hindrance", ["onnx", "small", "frozen", "read-only"])
@pytest.mark.usefixtures("light")
def test_what_gains_nothing_by_another_process_is_compiled_here(path, compiled, monkeypatch, hindrance):
    if hindrance == "onnx":
        monkeypatch.setitem(sys.modules, "onnx", onnx)
    elif hindrance == "small":
        monkeypatch.setattr(engines, "_LARGE", 1 << 20)
    elif hindrance == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(engines.os, "access", lambda *_: False)
    engine = mi.compile(path)
    assert compiled == []
    assert engine.origin is None


@pytest.mark.usefixtures("light")
def test_errors_of_large_models_are_those_of_compiling_here(path, compiled):
    path.write_bytes(b"no model at all")
    with pytest.raises(ModelError, match=r"net\.onnx"):
        mi.compile(path)
    assert compiled == [path]
