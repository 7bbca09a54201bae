"""Engines whose dimensions have ranges: any size in the arena of the largest, or in a smaller one."""

import crafting
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import mini_infer as mi
from mini_infer import memory
from mini_infer.errors import EngineError, InputError, UsageError
from mini_infer.program.validate import validate

DIMS = {"n": mi.Range(1, 3), "seq": mi.Range(2, 24, 2, typical=8)}


@pytest.fixture(scope="module")
def model():
    """Rows of two inputs through a small network, with a softmax over as many columns as there are rows."""
    rng = np.random.default_rng(0)
    weights = {"w1": (6, 20), "w2": (20, 6)}
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "w2"], ["c"], "second"),
        helper.make_node("Add", ["c", "x"], ["d"], "residual"),
        helper.make_node("Transpose", ["d"], ["e"], "turn", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["d", "e"], ["f"], "scores"),
        helper.make_node("Softmax", ["f"], ["g"], "softmax"),
        helper.make_node("MatMul", ["g", "y"], ["z"], "mix"),
    ]
    shapes = {"x": ["n", "seq", 6], "y": ["n", "seq", 5], "z": ["n", "seq", 5]}
    infos = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    graph = helper.make_graph(
        nodes,
        "sized",
        [infos["x"], infos["y"]],
        [infos["z"]],
        [
            numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)
            for name, shape in weights.items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


@pytest.fixture(scope="module")
def engine(model):
    return mi.compile(model, dims=DIMS)


def inputs_of(n, seq):
    rng = np.random.default_rng(n * 100 + seq)
    return {name: rng.standard_normal((n, seq, last)).astype(np.float32) for name, last in (("x", 6), ("y", 5))}


def test_every_size_of_the_ranges_is_right(model, engine):
    reference, context = ReferenceEvaluator(model), engine.create_context()
    for n in range(1, 4):
        for seq in range(2, 25, 2):
            inputs = inputs_of(n, seq)
            (expected,) = reference.run(None, inputs)
            np.testing.assert_allclose(context.run(inputs)["z"], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seq", [2, 4, 8, 18, 24])
def test_an_arena_for_smaller_sizes_is_that_of_an_engine_for_them(model, seq):
    engine = mi.compile(model, dims={"n": 1, "seq": DIMS["seq"]}, rewrite=False, order="exported")
    assert engine.arena_bytes_at(seq=seq) == mi.plan(model, dims={"n": 1, "seq": seq}, rewrite=False).size


def test_arenas_grow_with_the_sizes_up_to_the_engines(engine):
    arenas = [engine.arena_bytes_at(seq=seq) for seq in range(2, 25, 2)]
    assert arenas == sorted(arenas)
    assert len({*arenas}) == len(arenas)
    assert arenas[-1] == engine.arena_bytes == engine.arena_bytes_at() == engine.plan.size


@pytest.mark.parametrize("how", [{}, {"interpret": True}, {"poison": True}])
def test_a_context_for_smaller_sizes_runs_these(engine, how):
    small, whole = engine.create_context(seq=8, **how), engine.create_context(**how)
    assert small.arena.nbytes == engine.arena_bytes_at(seq=8) < whole.arena.nbytes
    for n, seq in ((1, 2), (3, 6), (3, 8)):
        inputs = inputs_of(n, seq)
        np.testing.assert_array_equal(small.run(inputs)["z"], whole.run(inputs)["z"])
    with pytest.raises(InputError, match="'x' has seq = 10, which is not 2 to 8 in steps of 2"):
        small.run(inputs_of(1, 10))
    assert "seq 2 to 8 in steps of 2" in repr(small)


def test_nothing_is_written_beside_a_smaller_arena(engine):
    size = engine.arena_bytes_at(n=2, seq=10)
    memory_ = np.full(size + 4096, 0xA5, np.uint8)
    start = -memory_.ctypes.data % 64 + 1024
    start -= start % 64 - (-memory_.ctypes.data % 64)
    context = engine.create_context(memory_[start : start + size], n=2, seq=10)
    context.run(inputs_of(2, 10))
    context.run(inputs_of(1, 4))
    assert (memory_[:start] == 0xA5).all()
    assert (memory_[start + size :] == 0xA5).all()
    with pytest.raises(UsageError, match="this engine needs"):
        engine.create_context(memory_[start : start + size])


def test_the_smaller_engine_passes_both_validators(engine):
    smaller = engine.up_to(n=1, seq=12)
    validate(smaller.program, machine=engine.target.machine, threads=engine.target.threads)
    memory.validate(smaller.plan)
    assert smaller.dims == {"n": mi.Range(1, 1, 1, 1), "seq": mi.Range(2, 12, 2, 8)}
    assert smaller.libraries is engine.libraries
    assert engine.up_to(seq=2).dims["seq"] == mi.Range(2, 2, 2, 2)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"sq": 8}, "no dimension is called 'sq'; did you mean seq?; those of a range: n, seq"),
        ({"seq": 26}, "seq = 26: it is 2 to 24 in steps of 2"),
        ({"seq": 7}, "seq = 7: it is 2 to 24 in steps of 2"),
        ({"n": True}, "n = True: it is 1 to 3"),
        ({"n": 1.5}, "n = 1.5: it is 1 to 3"),
    ],
)
def test_sizes_that_there_are_not(engine, sizes, said):
    for ask in (engine.arena_bytes_at, engine.create_context):
        with pytest.raises(UsageError) as caught:
            ask(**sizes)
        assert str(caught.value) == said


def test_inputs_out_of_range_and_inputs_that_disagree(engine):
    context = engine.create_context()
    with pytest.raises(InputError, match="'x' has seq = 26, which is not 2 to 24 in steps of 2"):
        context.run(inputs_of(1, 26))
    with pytest.raises(InputError, match="'x' has seq = 5, which"):
        context.run(inputs_of(1, 5))
    with pytest.raises(InputError, match="'y' has seq = 4, an input before it 6"):
        context.run({"x": inputs_of(1, 6)["x"], "y": inputs_of(1, 4)["y"]})
    with pytest.raises(InputError, match=r"'x' is of shape 2x6; the engine takes float32\[nxseqx6\]"):
        context.run({"x": np.zeros((2, 6), np.float32), "y": np.zeros((1, 2, 5), np.float32)})
    with pytest.raises(InputError, match=r"'x' is float64\[1x2x6\]; the engine takes float32\[1x2x6\]"):
        context.run({"x": np.zeros((1, 2, 6)), "y": np.zeros((1, 2, 5), np.float32)})


def test_what_is_seen_of_it(engine):
    assert engine.dims == {"n": mi.Range(1, 3, 1, 3), "seq": mi.Range(2, 24, 2, 8)}
    assert {name: str(kind) for name, kind in engine.inputs.items()} == {
        "x": "float32[nxseqx6]",
        "y": "float32[nxseqx5]",
    }
    assert "n 1 to 3, seq 2 to 24 in steps of 2" in repr(engine)
    assert engine.memory.inputs == 3 * 24 * 11 * 4


def test_a_file_keeps_it(engine, tmp_path):
    engine.save(tmp_path / "sized.engine")
    loaded = mi.load(tmp_path / "sized.engine")
    assert loaded.arena_bytes_at(seq=10) == engine.arena_bytes_at(seq=10)
    inputs = inputs_of(2, 10)
    expected = engine.create_context().run(inputs)["z"]
    np.testing.assert_array_equal(loaded.create_context(seq=10).run(inputs)["z"], expected)


def test_the_largest_that_fits_is_the_last_of_all_that_fit(engine):
    sizes = range(2, 25, 2)
    arenas = {seq: engine.arena_bytes_at(seq=seq) for seq in sizes}
    for limit in (arenas[2] - 1, arenas[2], arenas[10] + 3, arenas[22], arenas[24], 10**9):
        fitting = [seq for seq in sizes if arenas[seq] <= limit]
        assert engine.largest_that_fit(limit)["seq"] == (fitting[-1] if fitting else None)
    assert engine.largest_that_fit(10**9) == {"n": 3, "seq": 24}


def test_profiles_may_be_ranges(model):
    profiles = {
        "short": {"x": (1, mi.Range(2, 8), 6), "y": (1, mi.Range(2, 8), 5)},
        "long": {"x": (1, mi.Range(9, 16), 6), "y": (1, mi.Range(9, 16), 5)},
    }
    engine = mi.compile(model, profiles=profiles)
    context, reference = engine.create_context(), ReferenceEvaluator(model)
    for seq in (2, 8, 9, 16):
        inputs = inputs_of(1, seq)
        np.testing.assert_allclose(context.run(inputs)["z"], reference.run(None, inputs)[0], rtol=1e-4, atol=1e-4)
    with pytest.raises(InputError, match="no profile takes"):
        context.run(inputs_of(1, 17))
    assert engine.arena_bytes_at(seq=16) == engine.arena_bytes
    with pytest.raises(UsageError, match="seq = 17: it is 2 to 8 or 9 to 16"):
        engine.arena_bytes_at(seq=17)


def symbols(parts):
    return parts.programs[0]["symbols"]


def widen(parts):
    """Say that a symbol is larger than what buffers were made for, wherever it stands."""

    def walk(value):
        if isinstance(value, dict):
            if value.get("$") == "Symbol" and value["name"] == "seq":
                value["high"] = 2400
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(parts.programs)


CHANGES = {
    "a symbol that is gone": lambda p: symbols(p).pop(),
    "symbols in another order": lambda p: symbols(p).reverse(),
    "a symbol of another range": lambda p: symbols(p)[0].update(high=7),
    "a symbol without a range": lambda p: symbols(p)[0].update(low=9),
    "a symbol of text": lambda p: symbols(p)[0].update(high="3"),
    "ranges beyond the buffers": widen,
    "a size too few": lambda p: p.programs[0]["sizes"].pop(),
    "a size beyond its buffer": lambda p: p.programs[0]["sizes"].__setitem__(0, 10**9),
    "a negative size": lambda p: p.programs[0]["sizes"].__setitem__(0, -1),
    "a size of text": lambda p: p.programs[0]["sizes"].__setitem__(0, "1"),
    "a buffer that is smaller": lambda p: p.programs[0]["problem"]["buffers"][0].update(size=64),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_file_whose_sizes_are_not_safe_is_refused(engine, tmp_path, what):
    engine.save(tmp_path / "sized.engine")
    parts = crafting.Parts.of(tmp_path / "sized.engine")
    CHANGES[what](parts)
    parts.write(tmp_path / "crafted.engine")
    with pytest.raises(EngineError):
        mi.load(tmp_path / "crafted.engine", compiler="none")
