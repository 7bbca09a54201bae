"""What a model carries from run to run: recurrent states, and caches that are appended in place."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import mini_infer as mi
from mini_infer.errors import EngineError, InputError, ModelError, ProgramError, UsageError
from mini_infer.program import Call, Space
from mini_infer.program.validate import validate

HEADS, SIZE = 3, 20
FLOAT = TensorProto.FLOAT


def info(name, *shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, constants=(), opsets=(("", 20),)):
    initializers = [onnx.numpy_helper.from_array(value, name) for name, value in dict(constants).items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(*each) for each in opsets])


def written_out():
    """Causal attention over a cache as an exporter writes it out: keys and values are joined to those of the past."""
    joins = [
        helper.make_node("Concat", ["past_k", "k"], ["present_k"], axis=2),
        helper.make_node("Concat", ["past_v", "v"], ["present_v"], axis=2),
    ]
    nodes = [
        *joins,
        helper.make_node("Transpose", ["present_k"], ["kt"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["q", "kt"], ["products"]),
        helper.make_node("Mul", ["products", "scale"], ["scores"]),
        helper.make_node("Add", ["scores", "mask"], ["masked"]),
        helper.make_node("Softmax", ["masked"], ["weights"], axis=-1),
        helper.make_node("MatMul", ["weights", "present_v"], ["y"]),
    ]
    rows = [info(name, 1, HEADS, "seq", SIZE) for name in "qkv"]
    past = [info(f"past_{name}", 1, HEADS, "past", SIZE) for name in "kv"]
    outputs = [info("y", 1, HEADS, "seq", SIZE), *(info(f"present_{n}", 1, HEADS, "past + seq", SIZE) for n in "kv")]
    scale = {"scale": np.float32(SIZE**-0.5)}
    return model(nodes, [*rows, info("mask", 1, 1, "seq", "past + seq"), *past], outputs, scale)


def one_node():
    """The same as one node."""
    names = ["q", "k", "v", "mask", "past_k", "past_v"]
    node = helper.make_node("Attention", names, ["y", "present_k", "present_v"], scale=SIZE**-0.5)
    found = written_out()
    return model([node], list(found.graph.input), list(found.graph.output), opsets=[("", 23)])


def guarded():
    """The same as PyTorch's exporter writes it: scales apart, keys reshaped, zeros for a query that sees no key."""
    found = written_out()
    nodes = [
        *found.graph.node[:2],
        helper.make_node("Reshape", ["present_k", "low"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Shape", ["turned"], ["shape"], start=1),
        helper.make_node("Concat", ["heads", "shape"], ["high"], axis=0),
        helper.make_node("Reshape", ["turned", "high"], ["kt"]),
        helper.make_node("Mul", ["q", "root"], ["qs"]),
        helper.make_node("Mul", ["kt", "root"], ["ks"]),
        helper.make_node("MatMul", ["qs", "ks"], ["scores"]),
        *found.graph.node[5:7],
        helper.make_node("IsNaN", ["weights"], ["none"]),
        helper.make_node("Where", ["none", "zero", "weights"], ["whole"]),
        helper.make_node("MatMul", ["whole", "present_v"], ["y"]),
    ]
    constants = {"low": np.array([HEADS, -1, SIZE]), "heads": np.array([1, HEADS])}
    constants |= {"root": np.float32(SIZE**-0.25), "zero": np.float32(0)}
    return model(nodes, list(found.graph.input), list(found.graph.output), constants)


CACHE = {"past_*": "present_*"}


def dims(seq=8, past=63):
    return {"seq": mi.Range(1, seq, typical=1), "past": mi.Range(0, past, typical=past // 2)}


def causal(before, rows):
    """The mask of so many rows after others."""
    return np.where(np.arange(before + rows) > np.arange(rows)[:, None] + before, -np.inf, 0)[None, None].astype("f")


def attention(q, k, v):
    """The whole sequence at once, in float64."""
    scores = q.astype(float) @ k.astype(float).swapaxes(2, 3) * SIZE**-0.5 + causal(0, q.shape[2])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ v.astype(float)


@pytest.fixture
def rows():
    return np.random.default_rng(0).standard_normal((3, 1, HEADS, 40, SIZE)).astype("f")


def given(rows, begin, end):
    q, k, v = (np.ascontiguousarray(each[:, :, begin:end]) for each in rows)
    return {"q": q, "k": k, "v": v, "mask": causal(begin, end - begin)}


def pieces(context, rows, cuts):
    found = [context.run(given(rows, *cut))["y"] for cut in pairwise(cuts)]
    return np.concatenate(found, axis=2)


@pytest.mark.parametrize("source", [written_out, one_node, guarded])
@pytest.mark.parametrize("compiler", [None, "none"])
def test_rows_by_and_by_are_the_whole_sequence_at_once(source, compiler, rows, tmp_path):
    mi.compile(source(), dims=dims(), state=CACHE, compiler=compiler).save(tmp_path / "engine")
    engine = mi.load(tmp_path / "engine", compiler=compiler)
    assert list(engine.inputs) == ["q", "k", "v", "mask"]
    assert list(engine.outputs) == ["y"]
    assert not [step.node.op for step in engine.program.steps if step.interpreted_because]
    wanted = attention(*rows)
    context = engine.create_context()
    for cuts in (range(41), [0, 3, 4, 9, 10, 11, 19, 27, 35, 40], [0, 8, 16, 24, 32, 40]):
        context.reset()
        np.testing.assert_allclose(pieces(context, rows, list(cuts)), wanted, rtol=0, atol=2e-6)


@pytest.mark.parametrize("source", [written_out, one_node, guarded])
def test_a_cache_has_its_bytes_before_the_first_row_and_nothing_of_it_is_copied(source):
    artifact = mi.build(source(), dims=dims(seq=8, past=63), state=CACHE)
    room = HEADS * (63 + 8) * SIZE * 4
    assert artifact.state_bytes == 2 * -(-room // 64) * 64
    assert artifact.memory.state == artifact.state_bytes
    (past,) = artifact.program.counted
    copied = [call for step in artifact.program.steps for call in step.calls if type(call.kernel).__name__ == "Copy"]
    assert copied
    assert not any(past in size.symbols for call in copied for size in call.kernel.shape if not isinstance(size, int))


@pytest.mark.parametrize("compiler", [None, "none"])
def test_queries_that_see_no_key_are_zeros_where_the_model_says_so(compiler, rows):
    context = mi.compile(guarded(), dims=dims(), state=CACHE, compiler=compiler).create_context()
    for begin, count in ((0, 8), (8, 1), (9, 3)):
        feed = given(rows, begin, begin + count)
        feed["mask"][:, :, 0] = -np.inf
        y = context.run(feed)["y"]
        assert not y[:, :, 0].any()
        wanted = attention(*rows)[:, :, begin + 1 : begin + count]
        np.testing.assert_allclose(y[:, :, 1:], wanted, rtol=0, atol=2e-6)
    feed = given(rows, 12, 16)
    feed["q"][:, :, 1] = np.nan
    y = context.run(feed)["y"]
    assert not y[:, :, 1].any()
    assert y[:, :, 2].all()


def test_more_rows_than_there_can_be_are_one_clear_error(rows):
    context = mi.compile(written_out(), dims=dims(seq=8, past=10), state=CACHE).create_context()
    pieces(context, rows, [0, 8, 16])
    with pytest.raises(InputError, match=r"the state has past = 16; the engine takes 0 to 10: start anew with reset"):
        context.run(given(rows, 16, 17))
    context.reset()
    np.testing.assert_allclose(pieces(context, rows, [0, 8]), attention(*rows)[:, :, :8], rtol=0, atol=2e-6)


def test_arrays_that_are_bound_are_for_as_many_rows_as_there_are(rows):
    context = mi.compile(written_out(), dims=dims(), state=CACHE).create_context()
    results = np.empty((1, HEADS, 1, SIZE), "f")
    run = context.bind(given(rows, 0, 1), {"y": results})
    run()
    np.testing.assert_allclose(results, attention(*rows)[:, :, :1], rtol=0, atol=2e-6)
    with pytest.raises(InputError, match=r"'mask' has past\+seq = 1, which is 2 by what else is given"):
        run()


def recurrent():
    """A total, and what was given last; each run gives the total before it."""
    nodes = [
        helper.make_node("Add", ["total", "x"], ["sum"]),
        helper.make_node("Identity", ["total"], ["before"]),
        helper.make_node("Sub", ["x", "last"], ["change"]),
        helper.make_node("Identity", ["x"], ["kept"]),
        helper.make_node("Identity", ["b"], ["new_a"]),
        helper.make_node("Relu", ["a"], ["kept_a"]),
        helper.make_node("Add", ["a", "x"], ["new_b"]),
    ]
    inputs = [info(name, "n", 5) for name in ("x", "total", "last", "a", "b")]
    outputs = [info(name, "n", 5) for name in ("sum", "before", "change", "kept", "new_a", "new_b")]
    return model(nodes, inputs, outputs)


STATES = {"total": "sum", "last": "kept", "a": "new_a", "b": "new_b"}


@pytest.mark.parametrize("count", [2, mi.Range(1, 4)])
@pytest.mark.parametrize("compiler", [None, "none"])
def test_states_are_those_of_the_run_before(count, compiler):
    engine = mi.compile(recurrent(), dims={"n": count}, state=STATES, compiler=compiler)
    assert list(engine.outputs) == ["before", "change"]
    context, other = engine.create_context(), engine.create_context()
    for _ in range(2):
        total, last, a, b = (np.zeros((2, 5), "f") for _ in range(4))
        for number in range(5):
            x = np.random.default_rng(number).standard_normal((2, 5)).astype("f")
            result = context.run({"x": x})
            assert (result["before"] == total).all()
            assert (result["change"] == x - last).all()
            total, last, a, b = total + x, x, b, a + x
        context.reset()
    assert not other.run({"x": x})["before"].any()


def test_a_state_is_of_one_size_until_it_starts_anew():
    context = mi.compile(recurrent(), dims={"n": mi.Range(1, 4)}, state=STATES).create_context()
    context.run({"x": np.ones((3, 5), "f")})
    with pytest.raises(InputError, match="'x' has n = 2, the context's state 3"):
        context.run({"x": np.ones((2, 5), "f")})
    context.reset()
    assert not context.run({"x": np.ones((2, 5), "f")})["before"].any()


def test_swapped_states_change_places():
    """Each is what the other was, though both are written by one run."""
    nodes = [helper.make_node("Identity", [one], [other]) for one, other in (("a", "nb"), ("b", "na"))]
    nodes.append(helper.make_node("Add", ["a", "x"], ["y"]))
    given_, made = [info(name, 3) for name in "xab"], [info(name, 3) for name in ("y", "na", "nb")]
    nodes.insert(0, helper.make_node("Add", ["b", "x"], ["grown"]))
    nodes[2] = helper.make_node("Identity", ["grown"], ["na"])
    context = mi.compile(model(nodes, given_, made), state={"a": "na", "b": "nb"}).create_context()
    a, b = np.zeros(3, "f"), np.zeros(3, "f")
    for number in range(4):
        x = np.full(3, number + 1, "f")
        assert (context.run({"x": x})["y"] == a + x).all()
        a, b = b + x, a


@pytest.mark.parametrize("compiler", [None, "none"])
def test_a_cache_that_grows_in_front_is_written_anew(compiler):
    nodes = [
        helper.make_node("Concat", ["x", "past"], ["present"], axis=1),
        helper.make_node("ReduceSum", ["present", "axes"], ["y"], keepdims=0),
    ]
    source = model(
        nodes,
        [info("x", 2, "seq", 3), info("past", 2, "past", 3)],
        [info("y", 2, 3), info("present", 2, "past + seq", 3)],
        {"axes": np.array([1])},
    )
    engine = mi.compile(source, dims=dims(3, 9), state={"past": "present"}, compiler=compiler)
    assert not any(state.appended for state in engine.program.states)
    context, total = engine.create_context(), np.zeros((2, 3), "f")
    for number, count in enumerate((1, 3, 2, 1)):
        x = np.random.default_rng(number).integers(-9, 9, (2, count, 3)).astype("f")
        total = total + x.sum(1)
        assert (context.run({"x": x})["y"] == total).all()


def test_a_run_that_fails_leaves_what_was_there():
    nodes = [
        helper.make_node("Gather", ["table", "i"], ["row"]),
        helper.make_node("Add", ["state", "row"], ["next"]),
        helper.make_node("Identity", ["next"], ["y"]),
    ]
    table = {"table": np.arange(12, dtype="f").reshape(4, 3)}
    index = info("i", kind=TensorProto.INT64)
    source = model(nodes, [index, info("state", 3)], [info("y", 3), info("next", 3)], table)
    context = mi.compile(source, state={"state": "next"}).create_context()
    first = context.run({"i": np.array(2)})["y"]
    with pytest.raises(InputError, match="out of range"):
        context.run({"i": np.array(7)})
    assert (context.run({"i": np.array(0)})["y"] == first + table["table"][0]).all()


@pytest.mark.parametrize(
    ("state", "sizes", "kind", "text"),
    [
        ({"past_x": "present_k"}, dims(), ModelError, "has no input 'past_x' to be a state"),
        ({"past_k": "present_x"}, dims(), ModelError, "has no output 'present_x' to be a state"),
        ({"q*": "y*", "past_k": "y"}, dims(), UsageError, "output 'y' is in more than one state"),
        ({"past_k": "present_k", "past_v": "present_k"}, dims(), UsageError, "'present_k' is in more than one state"),
        (CACHE, {"seq": 1, "past": 5}, ModelError, "must be a range of sizes"),
        (CACHE, {"seq": 1, "past": mi.Range(2, 5)}, UsageError, "begins without rows: give 0..5"),
        ({"mask": "y"}, dims(), ModelError, "it must stay as large, or have rows added along one axis"),
        ({"past_k": 3}, dims(), UsageError, "give input and output names"),
    ],
)
def test_what_is_no_state_is_refused_by_name(state, sizes, kind, text):
    with pytest.raises(kind, match=text):
        mi.build(written_out(), dims=sizes, state=state)


def test_profiles_carry_the_same_states():
    profiles = {str(rows): dict.fromkeys(("x", *STATES), (rows, 5)) for rows in (1, 2)}
    with pytest.raises(EngineError, match="do not carry the same states"):
        mi.build(recurrent(), profiles=profiles, state=STATES)


def tampered(program, change):
    """The program with one view of each call to a state changed."""

    def call(each):
        return Call(each.kernel, tuple(change(view) if view.space is Space.STATE else view for view in each.operands))

    steps = tuple(replace(step, calls=tuple(map(call, step.calls))) for step in program.steps)
    return replace(program, steps=steps)


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (lambda _: 0, "rows are there up to byte"),
        (lambda view: view.offset + 4, "not safe at every size: whether"),
        (lambda view: view.offset + (1 << 20), "at bytes"),
    ],
)
def test_nothing_else_is_written_to_a_state(offset, text):
    artifact = mi.build(written_out(), dims=dims(), state=CACHE)
    validate(artifact.program, machine=artifact.target.machine)

    def moved(view):
        return view if view.offset == 0 else replace(view, offset=offset(view))

    with pytest.raises(ProgramError, match=text):
        validate(tampered(artifact.program, moved), machine=artifact.target.machine)


@pytest.mark.parametrize(
    "change",
    [
        {"appended": False},
        {"axis": 1},
        {"axis": -1},
        {"name": "past_v"},
        {"name": "q"},
        {"bytes": 17_036},
        {"rows": 70},
    ],
)
def test_states_that_do_not_fit_are_refused(change):
    artifact = mi.build(written_out(), dims=dims(), state=CACHE)
    first, *others = artifact.program.states
    wrong = replace(artifact.program, states=(replace(first, **change), *others))
    with pytest.raises(ProgramError):
        validate(wrong, machine=artifact.target.machine)


def test_a_state_of_the_next_run_is_not_read():
    artifact = mi.build(recurrent(), dims={"n": 2}, state=STATES)
    program = artifact.program
    wrong = replace(program, steps=(*program.steps[-1:], *program.steps[:-1]))
    with pytest.raises(ProgramError):
        validate(wrong, machine=artifact.target.machine)


@pytest.mark.parametrize("interpret", [False, True])
def test_a_context_for_smaller_sizes_counts_to_these(rows, interpret):
    engine = mi.compile(written_out(), dims=dims(), state=CACHE)
    context = engine.create_context(past=10, seq=4, interpret=interpret)
    found = pieces(context, rows, [0, 4, 8, 10, 12])
    np.testing.assert_allclose(found, attention(*rows)[:, :, :12], rtol=0, atol=2e-6)
    with pytest.raises(InputError, match="the state has past = 12; the engine takes 0 to 10"):
        context.run(given(rows, 12, 13))
