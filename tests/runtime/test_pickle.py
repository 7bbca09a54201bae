"""Engines and contexts pickle as the name and the digest of a file, which must not change."""

import copy
import pickle

import numpy as np
import pytest

import mini_infer as mi
from mini_infer.errors import EngineError


@pytest.fixture
def engine(model, tmp_path):
    mi.compile(model, compiler="none").save(tmp_path / "net.engine")
    return mi.load(tmp_path / "net.engine", compiler="none")


def answer(engine, x):
    return engine.create_context().run({"x": x})["y"].tobytes()


def test_an_engine_is_read_again(engine, x):
    data = pickle.dumps(engine)
    assert len(data) < 1000
    again = pickle.loads(data)
    assert (again.compiler, again.origin) == (engine.compiler, engine.origin)
    assert answer(again, x) == answer(engine, x)
    assert answer(copy.deepcopy(engine), x) == answer(engine, x)


def test_a_file_that_changed_is_refused(engine, dynamic_model):
    data = pickle.dumps(engine)
    mi.compile(dynamic_model, dims={"n": 2}, compiler="none").save(engine.origin.path)
    with pytest.raises(EngineError, match="changed since the engine was pickled"):
        pickle.loads(data)
    engine.origin.path.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        pickle.loads(data)


def test_an_engine_without_a_file_gets_one_in_the_cache(model, x, tmp_path, monkeypatch):
    monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / "cache"))
    engine = mi.compile(model, compiler="none")
    again = pickle.loads(pickle.dumps(engine))
    assert again.origin.path.parent == tmp_path / "cache" / "engines"
    assert answer(again, x) == answer(engine, x)
    assert pickle.loads(pickle.dumps(engine)).origin == again.origin


def test_smaller_engines_stay_small(dynamic_model, tmp_path):
    mi.compile(dynamic_model, dims={"n": mi.Range(1, 64)}, compiler="none").save(tmp_path / "rows.engine")
    engine = mi.load(tmp_path / "rows.engine", compiler="none").up_to(n=8)
    again = pickle.loads(pickle.dumps(engine))
    assert again.arena_bytes == engine.arena_bytes
    assert again.dims["n"].high == 8
    assert pickle.loads(pickle.dumps(again.create_context(n=4))).arena.nbytes == again.arena_bytes_at(n=4)


def test_a_context_has_an_arena_of_its_own(engine, x):
    context = engine.create_context()
    again = pickle.loads(pickle.dumps(context))
    assert again.arena.ctypes.data != context.arena.ctypes.data
    assert again.run({"x": x})["y"].tobytes() == context.run({"x": x})["y"].tobytes()


def test_a_context_takes_along_what_its_model_carries(tmp_path):
    import onnx
    from onnx import helper

    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in ("x", "before", "after", "y")]
    nodes = [helper.make_node("Add", ["x", "before"], ["after"]), helper.make_node("Neg", ["after"], ["y"])]
    graph = helper.make_graph(nodes, "sum", info[:2], info[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    mi.compile(model, state={"before": "after"}, compiler="none").save(tmp_path / "sum.engine")
    context = mi.load(tmp_path / "sum.engine", compiler="none").create_context()
    ones = np.ones(2, np.float32)
    context.run(ones)
    again = pickle.loads(pickle.dumps(context))
    assert again.run(ones)["y"].tolist() == context.run(ones)["y"].tolist() == [-2, -2]
