"""Running: natively and interpreted, in any memory, from any thread but one at a time."""

import gc
import threading
import weakref

import numpy as np
import onnx.parser
import pytest
from onnx.reference import ReferenceEvaluator

import mini_infer as mi
from mini_infer.errors import ContextBusyError, InputError, UsageError
from mini_infer.runtime import arena as arenas


@pytest.fixture(scope="module", params=["native", "interpreted"])
def engine(request, model):
    return mi.compile(model, compiler=None if request.param == "native" else "none")


def expected(model, x):
    return dict(zip(["y", "p"], ReferenceEvaluator(model).run(None, {"x": x}), strict=True))


def assert_close(got, wanted):
    assert got.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(got[name], array, rtol=1e-5, atol=1e-5)


def test_run_returns_what_onnx_says(engine, model, x):
    assert_close(engine.create_context().run({"x": x}), expected(model, x))


def test_runs_do_not_depend_on_each_other(engine, x):
    context = engine.create_context()
    first = context.run({"x": x})
    context.run({"x": -x})
    again = context.run({"x": x})
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_poison_finds_no_wrong_lifetime(engine, model, x):
    assert_close(engine.create_context(poison=True).run({"x": x}), expected(model, x))


def test_poison_shows_a_wrong_lifetime(model, x):
    engine = mi.compile(model, compiler="none", rewrite=False)
    context = engine.create_context(poison=True)
    executor = context._executors[0]
    program = executor.variant.program
    conv = next(i for i, buffer in enumerate(program.problem.buffers) if buffer.end > 1)
    executor._deaths = {1: [conv]}
    del executor._actions  # made anew
    assert np.isnan(context.run({"x": x})["y"]).any()


def test_without_planning_the_outputs_are_the_same_bytes(model, x):
    planned = mi.compile(model)
    unplanned = mi.compile(model, memory_planning=False)
    assert unplanned.plan.strategy == "naive"
    assert unplanned.arena_bytes >= planned.arena_bytes
    first, second = (engine.create_context().run({"x": x}) for engine in (planned, unplanned))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_the_callers_arena_is_used_and_nothing_beside_it(engine, model, x):
    block = np.full(engine.arena_bytes + 192, 7, np.uint8)
    start = -block.ctypes.data % 64 + 64
    arena = block[start : start + engine.arena_bytes]
    context = engine.create_context(arena=arena)
    assert_close(context.run({"x": x}), expected(model, x))
    assert np.shares_memory(context.arena, arena)
    assert (block[:start] == 7).all()
    assert (block[start + engine.arena_bytes :] == 7).all()


def test_an_arena_of_no_bytes_may_start_anywhere():
    assert arenas.adopt(np.empty(65, np.uint8)[1:1], 0).size == 0


@pytest.mark.parametrize(
    ("arena", "message"),
    [
        (lambda size: np.empty(max(size - 1, 0), np.uint8), "needs"),
        (bytes, "must be writable"),
        (lambda size: np.empty(size + 65, np.uint8), "align it"),
    ],
)
def test_a_bad_arena_is_refused(engine, arena, message):
    block = arena(engine.arena_bytes)
    if message == "align it":
        start = (1 - block.ctypes.data) % 64
        block = block[start:]
    with pytest.raises(UsageError, match=message):
        engine.create_context(arena=block)


def test_run_into_writes_the_callers_arrays(engine, model, x):
    outputs = {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)}
    context = engine.create_context()
    context.run_into({"x": x}, outputs)
    assert_close(outputs, expected(model, x))


def test_bound_arrays_may_be_refilled(engine, model, x):
    inputs = {"x": np.zeros_like(x)}
    outputs = {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)}
    run = engine.create_context().bind(inputs, outputs)
    run()
    inputs["x"][...] = x
    run()
    assert_close(outputs, expected(model, x))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "got nothing; expected exactly x: float32"),
        ({"z": np.zeros((1, 2, 4, 4), np.float32)}, "got z; expected exactly x"),
        ({"x": np.zeros((1, 2, 4, 5), np.float32)}, r"'x' is float32\[1x2x4x5\]; the engine takes float32\[1x2x4x4\]"),
        ({"x": np.zeros((1, 2, 4, 4))}, "'x' is float64"),
    ],
)
def test_wrong_inputs_are_named(engine, inputs, message):
    with pytest.raises(InputError, match=message):
        engine.create_context().run(inputs)


def test_in_place_arrays_must_be_contiguous_and_writable(engine, x):
    outputs = {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)}
    context = engine.create_context()
    with pytest.raises(InputError, match="C-contiguous"):
        context.bind({"x": np.asfortranarray(x)}, outputs)
    outputs["y"].flags.writeable = False
    with pytest.raises(InputError, match="read-only"):
        context.bind({"x": x}, outputs)


def floats(count):
    """Memory to cut arrays from, and where it can be cut: at a multiple of 64 bytes."""
    block = np.zeros(count + 16, np.float32)
    return block[-(block.ctypes.data // 4) % 16 :][:count]


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"x": 0, "y": 31, "p": 64}, "output 'y' and input 'x' share 4 bytes"),
        ({"x": 32, "y": 29, "p": 64}, "input 'x' and output 'y' share 8 bytes"),
        ({"x": 0, "y": 32, "p": 36}, "output 'p' and output 'y' share 4 bytes"),
        ({"x": 0, "y": 40, "p": 40}, "output '[py]' and output '[py]' share 20 bytes"),
    ],
)
def test_arrays_that_share_bytes_are_named(engine, places, message):
    block = floats(128)
    x = block[places["x"] :][:32].reshape(1, 2, 4, 4)
    outputs = {name: block[places[name] :][:5].reshape(1, 5) for name in ("y", "p")}
    context = engine.create_context()
    with pytest.raises(InputError, match=message):
        context.bind({"x": x}, outputs)
    with pytest.raises(InputError, match=message):
        context.run_into({"x": x}, outputs)


def test_neighbors_share_nothing(engine, model, x):
    block = floats(42)
    block[:32] = x.ravel()
    outputs = {"y": block[32:37].reshape(1, 5), "p": block[37:].reshape(1, 5)}
    engine.create_context().run_into({"x": block[:32].reshape(x.shape)}, outputs)
    assert_close(outputs, expected(model, x))


def test_nothing_of_the_callers_lies_in_the_arena(engine, x):
    block = floats(engine.arena_bytes // 4 + 32)
    context = engine.create_context(arena=block)
    inside = block[: x.size].reshape(x.shape)
    outputs = {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)}
    with pytest.raises(InputError, match=r"input 'x' and the arena|the arena and input 'x'"):
        context.run({"x": inside})
    with pytest.raises(InputError, match=r"output 'y' and the arena|the arena and output 'y'"):
        context.bind({"x": x}, {**outputs, "y": block[:5].reshape(1, 5)})


def test_what_is_not_aligned_is_copied_or_refused(engine, model, x):
    raw = np.zeros(x.nbytes + 1, np.uint8)
    odd = raw[1:].view(np.float32).reshape(x.shape)
    odd[...] = x
    assert_close(engine.create_context().run({"x": odd}), expected(model, x))
    with pytest.raises(InputError, match="aligned"):
        engine.create_context().bind({"x": odd}, {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)})


@pytest.mark.parametrize("arena", [5, "text", bytes(1 << 16), None.__class__])
def test_what_cannot_be_an_arena_is_a_typed_error(engine, arena):
    with pytest.raises(UsageError, match="arena"):
        engine.create_context(arena=arena)


def test_one_context_in_two_threads_is_a_typed_error(engine, x):
    context = engine.create_context()
    entered, leave = threading.Event(), threading.Event()
    original = context._executors[0].bind

    def slow(*args):
        run = original(*args)

        def late():
            entered.set()
            leave.wait(10)
            run()

        return late

    object.__setattr__(context._executors[0], "bind", slow)
    thread = threading.Thread(target=context.run, args=({"x": x},))
    thread.start()
    assert entered.wait(10)
    with pytest.raises(ContextBusyError, match="another thread"):
        context.run({"x": x})
    leave.set()
    thread.join()
    context.run({"x": x})


def test_bound_arrays_live_as_long_as_what_runs_between_them(engine, model, x):
    given, taken = {"x": x.copy()}, {name: np.empty_like(value) for name, value in expected(model, x).items()}
    alive = [weakref.ref(array) for array in (*given.values(), *taken.values())]
    run = engine.create_context().bind(given, taken)
    given.clear()
    taken.clear()
    run()
    assert all(reference() is not None for reference in alive)


def test_contexts_of_one_engine_run_in_parallel(engine, model, x):
    wanted = expected(model, x)
    results = []

    def work():
        context = engine.create_context()
        results.extend(context.run({"x": x}) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 15
    for result in results:
        assert_close(result, wanted)


def test_an_engine_with_profiles_picks_one_by_the_inputs_shapes(dynamic_model):
    engine = mi.compile(dynamic_model, profiles={"one": {"x": (1, 3)}, "many": {"x": (7, 3)}})
    context = engine.create_context()
    weight = np.arange(12, dtype=np.float32).reshape(3, 4) - 6
    for rows in (1, 7):
        x = np.random.default_rng(rows).standard_normal((rows, 3)).astype(np.float32)
        np.testing.assert_allclose(context.run({"x": x})["y"], np.maximum(x @ weight, 0), rtol=1e-6, atol=1e-6)
    assert [variant.name for variant in engine.variants] == ["one", "many"]
    assert engine.arena_bytes == max(variant.plan.size for variant in engine.variants)
    with pytest.raises(InputError, match="no profile takes x: 2x3; one takes x: float32"):
        context.run({"x": np.zeros((2, 3), np.float32)})


def test_a_sequence_outlives_the_arena_bytes_it_was_made_of():
    """What is put in a sequence dies in the arena, and others write there before it is taken out again."""
    proto = onnx.parser.parse_model(
        """<ir_version: 10, opset_import: ["" : 21]>
        sequence (float[64] x) => (float[64] y) <int64 zero = {0}> {
            a = Relu(x)
            s = SequenceConstruct(a)
            b = Neg(x)
            c = Exp(b)
            d = Sqrt(c)
            e = SequenceAt(s, zero)
            y = Add(e, d)
        }"""
    )
    x = np.linspace(-1, 1, 64, dtype=np.float32)
    for options in ({}, {"rewrite": False}):
        context = mi.compile(proto, compiler="none", **options).create_context()
        wanted = np.maximum(x, 0) + np.sqrt(np.exp(-x))
        np.testing.assert_allclose(context.run({"x": x})["y"], wanted, rtol=1e-6)


def test_a_nested_graph_reads_by_name_what_is_an_input_of_its_node_too():
    """The body of an interpreted loop (its state grows) has the loop's initial value as a name from outside."""
    text = """<ir_version: 8, opset_import: ["": 17]>
    g (float[2,3] x) => (float[m,3] y) <int64 trips = {3}> {
        y = Loop (trips, , x) <body = body (int64 i, bool go, float[n,3] s) => (bool on, float[k,3] t) {
            t = Concat <axis = 0> (s, x)
            on = Identity (go)
        }>
    }"""
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for compiler in (None, "none"):
        made = mi.compile(onnx.parser.parse_model(text), compiler=compiler).create_context().run({"x": x})["y"]
        np.testing.assert_array_equal(made, np.concatenate([x] * 4))


def test_one_input_needs_no_name(engine, x):
    named, alone = engine.create_context().run({"x": x}), engine.create_context().run(x)
    assert named.keys() == alone.keys()
    assert all((named[name] == alone[name]).all() for name in named)


def test_a_value_without_a_name_among_several():
    text = """<ir_version: 9, opset_import: ["": 21]>
    g (float[2] a, float[2] b) => (float[2] y) { y = Add (a, b) }"""
    context = mi.compile(onnx.parser.parse_model(text), compiler="none").create_context()
    with pytest.raises(InputError, match=r"a value without a name; expected a mapping with a: float32\[2\], b"):
        context.run(np.zeros(2, np.float32))


def test_a_context_is_closed_where_its_block_ends(engine, x):
    with engine.create_context() as context:
        context.run(x)
        arena = weakref.ref(context.arena)
    assert context.arena.nbytes == 0
    gc.collect()
    assert arena() is None
    with pytest.raises(UsageError, match="this context is closed"):
        context.run(x)


def test_a_bound_function_outlives_its_context(engine, x):
    outputs = {name: np.empty(kind.shape, kind.dtype.numpy) for name, kind in engine.outputs.items()}
    with engine.create_context() as context:
        run, wanted = context.bind({"x": x}, outputs), context.run(x)
    gc.collect()
    run()
    assert_close(outputs, wanted)


def test_what_is_seen_of_engines(engine, x, tmp_path):
    assert {name: str(kind) for name, kind in engine.inputs.items()} == {"x": "float32[1x2x4x4]"}
    assert list(engine.outputs) == ["y", "p"]
    size, weights = f"{engine.arena_bytes:,}", f"{engine.weight_bytes:,}"
    name = engine.program.name
    said = f"('{name}': arena {size} bytes, weights {weights} bytes, {len(engine.program.steps)} steps for "
    assert repr(engine).startswith(f"Engine{said}")
    assert repr(engine.create_context()) == f"Context('{name}', arena of {size} bytes)"
    assert repr(engine.plan).startswith(f"Plan({len(engine.plan.offsets)} buffers in {size} bytes, lower bound ")
    engine.save(tmp_path / "net.engine")
    loaded = mi.load(tmp_path / "net.engine", compiler="none")
    assert (loaded.create_context().run(x)["y"] == engine.create_context(interpret=True).run(x)["y"]).all()
