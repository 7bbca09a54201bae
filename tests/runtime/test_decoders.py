"""What decoders are made of, over caches of any length: attention for few queries and many, rotations, norms."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import mini_infer as mi
from mini_infer.errors import InputError

ort = pytest.importorskip("onnxruntime")

FLOAT, INT32, INT64 = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64
MICROSOFT = "com.microsoft"


def info(name, *shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, constants=(), version=23):
    initializers = [onnx.numpy_helper.from_array(value, name) for name, value in dict(constants).items()]
    opsets = [helper.make_opsetid("", version), helper.make_opsetid(MICROSOFT, 1)]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def reference(source):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(source.SerializeToString(), options)


def normal(number, *shape):
    return np.random.default_rng(number).standard_normal(shape).astype("f")


def interpreted(engine):
    return [(step.node.op, step.interpreted_because) for step in engine.program.steps if step.interpreted_because]


def split(x, heads, size):
    """`[1, rows, heads * size]` → `[1, heads, rows, size]`, in float64."""
    return x.astype(float).reshape(1, -1, heads, size).transpose(0, 2, 1, 3)


@pytest.mark.parametrize(("heads", "shared", "size"), [(3, 1, 20), (2, 2, 64), (4, 2, 8)])
def test_attention_of_any_number_of_queries_over_any_number_of_keys(heads, shared, size):
    """As in float64, from one query over nothing on: keys in whole tiles, in halves of one, and one more."""
    node = helper.make_node(
        "Attention", ["q", "k", "v", "", "pk", "pv"], ["y"], q_num_heads=heads, kv_num_heads=shared, is_causal=1
    )
    rows = [info("q", 1, "seq", heads * size), *(info(name, 1, "seq", shared * size) for name in "kv")]
    past = [info(name, 1, shared, "past", size) for name in ("pk", "pv")]
    engine = mi.compile(
        model([node], [*rows, *past], [info("y", 1, "seq", heads * size)]),
        dims={"seq": mi.Range(1, 40, typical=1), "past": mi.Range(0, 100, typical=20)},
    )
    assert not interpreted(engine)
    context = engine.create_context()
    for before in (0, 1, 2, 7, 15, 16, 21, 31, 32, 33, 47, 64, 100):
        for count in (1, 2, 3, 4, 5, 6, 7, 11, 16, 17, 29, 40):
            q, k, v = (
                normal(0, 1, count, heads * size),
                normal(1, 1, count, shared * size),
                normal(2, 1, count, shared * size),
            )
            pk, pv = normal(3, 1, shared, before, size), normal(4, 1, shared, before, size)
            y = context.run({"q": q, "k": k, "v": v, "pk": pk, "pv": pv})["y"]
            keys, values = (
                np.repeat(np.concatenate([old.astype(float), split(new, shared, size)], 2), heads // shared, 1)
                for old, new in ((pk, k), (pv, v))
            )
            scores = split(q, heads, size) @ keys.swapaxes(2, 3) / np.sqrt(size)
            scores[:, :, np.arange(before + count) > np.arange(count)[:, None] + before] = -np.inf
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            wanted = (weights / weights.sum(-1, keepdims=True) @ values).transpose(0, 2, 1, 3).reshape(y.shape)
            np.testing.assert_allclose(y, wanted, rtol=0, atol=3e-6, err_msg=f"{before} {count}")


def decoder(*, packed=False, rotated=True, interleaved=0, layers=2):
    """A small model as onnxruntime-genai writes one: grouped queries, root mean squares, a gate."""
    heads, shared, size, words, wide = 4, 2, 16, 50, 48
    width = heads * size
    constants = {
        "one": np.array([1]),
        "second": np.array(1),
        "words": normal(0, words, width),
        "head": normal(1, width, words) / 8,
        "last_norm": 1 + normal(2, width) / 8,
    }
    angles = np.arange(64)[:, None] / 10000 ** (np.arange(0, size, 2) / size)
    constants |= {"cosines": np.cos(angles).astype("f"), "sines": np.sin(angles).astype("f")}
    nodes = [
        helper.make_node("ReduceSum", ["mask", "one"], ["sum"], keepdims=0),
        helper.make_node("Sub", ["sum", "one"], ["less"]),
        helper.make_node("Cast", ["less"], ["lengths"], to=INT32),
        helper.make_node("Shape", ["mask"], ["shape"]),
        helper.make_node("Gather", ["shape", "second"], ["long_total"], axis=0),
        helper.make_node("Cast", ["long_total"], ["total"], to=INT32),
        helper.make_node("Gather", ["words", "ids"], ["x0"]),
    ]
    inputs = [info("ids", 1, "seq", kind=INT64), info("mask", 1, "total", kind=INT64)]
    outputs = [info("y", 1, "seq", words)]

    def product(x, y, rows, columns):
        constants[f"w_{y}"] = normal(len(constants), rows, columns) / 8
        nodes.append(helper.make_node("MatMul", [x, f"w_{y}"], [y]))
        return y

    residual, current = "x0", ""
    for layer in range(layers):
        for norm in ("a", "b"):
            scale, y, total = f"norm_{layer}{norm}", f"n_{layer}{norm}", f"r_{layer}{norm}"
            constants[scale] = 1 + normal(len(constants), width) / 8
            if current:
                nodes.append(
                    helper.make_node(
                        "SkipSimplifiedLayerNormalization",
                        [residual, current, scale],
                        [y, "", "", total],
                        domain=MICROSOFT,
                        epsilon=1e-6,
                    )
                )
                residual = total
            else:
                nodes.append(helper.make_node("SimplifiedLayerNormalization", [residual, scale], [y], epsilon=1e-6))
            if norm == "a":
                parts = [(f"q{layer}", heads), (f"k{layer}", shared), (f"v{layer}", shared)]
                if packed:
                    given = [product(y, f"qkv{layer}", width, (heads + 2 * shared) * size), "", ""]
                else:
                    given = [product(y, name, width, count * size) for name, count in parts]
                past = [f"past.{layer}.{name}" for name in "kv"]
                present = [f"present.{layer}.{name}" for name in "kv"]
                inputs += [info(name, 1, shared, "past", size) for name in past]
                outputs += [info(name, 1, shared, "total", size) for name in present]
                tables = ["cosines", "sines"] if rotated else []
                nodes.append(
                    helper.make_node(
                        "GroupQueryAttention",
                        [*given, *past, "lengths", "total", *tables],
                        [f"a{layer}", *present],
                        domain=MICROSOFT,
                        num_heads=heads,
                        kv_num_heads=shared,
                        do_rotary=int(rotated),
                        rotary_interleaved=interleaved,
                    )
                )
                current = product(f"a{layer}", f"o{layer}", width, width)
            else:
                gate, up = product(y, f"gate{layer}", width, wide), product(y, f"up{layer}", width, wide)
                nodes.append(helper.make_node("Sigmoid", [gate], [f"s{layer}"]))
                nodes.append(helper.make_node("Mul", [gate, f"s{layer}"], [f"act{layer}"]))
                nodes.append(helper.make_node("Mul", [f"act{layer}", up], [f"m{layer}"]))
                current = product(f"m{layer}", f"down{layer}", wide, width)
    nodes.append(
        helper.make_node(
            "SkipSimplifiedLayerNormalization",
            [residual, current, "last_norm"],
            ["final"],
            domain=MICROSOFT,
            epsilon=1e-6,
        )
    )
    nodes.append(helper.make_node("MatMul", ["final", "head"], ["y"]))
    return model(nodes, inputs, outputs, constants, version=14)


SIZES = {"seq": mi.Range(1, 16, typical=1), "past": mi.Range(0, 40, typical=20), "total": "past + seq"}


@pytest.mark.parametrize(
    "form",
    [{}, {"packed": True}, {"rotated": False}, {"interleaved": 1, "layers": 1}],
    ids=["plain", "packed", "fixed", "pairs"],
)
def test_a_decoder_says_what_onnxruntime_says_whatever_the_pieces(form):
    source = decoder(**form)
    engine = mi.compile(source, dims=SIZES, state={"past.*": "present.*"})
    assert not interpreted(engine)
    assert all(state.appended for state in engine.program.states)
    session, context = reference(source), engine.create_context()
    ids = np.random.default_rng(0).integers(0, 50, (1, 40))
    for cuts in ([*range(12)], [0, 7, 8, 24, 40]):
        context.reset()
        cache = {item.name: np.zeros((1, 2, 0, 16), "f") for item in session.get_inputs() if "past" in item.name}
        for begin, end in pairwise(cuts):
            given = {"ids": ids[:, begin:end], "mask": np.ones((1, end), np.int64)}
            wanted, *present = session.run(None, {**given, **cache})
            cache = dict(zip(cache, present, strict=True))
            np.testing.assert_allclose(context.run(given)["y"], wanted, rtol=0, atol=1e-5)


def test_a_batch_that_is_padded_is_refused_at_run_time():
    context = mi.compile(decoder(layers=1), dims=SIZES, state={"past.*": "present.*"}).create_context()
    mask = np.ones((1, 4), np.int64)
    mask[0, 0] = 0
    with pytest.raises(InputError, match="index is out of range"):
        context.run({"ids": np.zeros((1, 4), np.int64), "mask": mask})
    context.run({"ids": np.zeros((1, 4), np.int64), "mask": np.ones((1, 4), np.int64)})


def test_inputs_of_a_computed_size_have_it():
    context = mi.compile(decoder(layers=1), dims=SIZES, state={"past.*": "present.*"}).create_context()
    with pytest.raises(InputError, match=r"'mask' has past\+seq = 5, which is 4 by what else is given"):
        context.run({"ids": np.zeros((1, 4), np.int64), "mask": np.ones((1, 5), np.int64)})


@pytest.mark.parametrize("op", ["MultiHeadAttention", "Attention"])
def test_attention_of_onnxruntime_over_its_past(op):
    """With a past that may be empty, causal or not."""
    heads, size = 2, 8
    width = heads * size
    if op == "Attention":
        names, given, past = ["x", "w", "b", "", "past"], [info("x", 1, "seq", width)], (2, 1, heads)
        constants = {"w": normal(0, width, 3 * width) / 4, "b": normal(1, 3 * width)}
        outputs = ["y", "present"]
        attributes = {"num_heads": heads, "unidirectional": 1}
        pasts = [info("past", *past, "past", size)]
        presents = [info("present", *past, "past + seq", size)]
    else:
        names = ["q", "k", "v", "", "", "", "past_k", "past_v"]
        given = [info(name, 1, "seq", width) for name in "qkv"]
        constants, attributes = {}, {"num_heads": heads, "unidirectional": 1}
        outputs = ["y", "present_k", "present_v"]
        pasts = [info(name, 1, heads, "past", size) for name in names[-2:]]
        presents = [info(name, 1, heads, "past + seq", size) for name in outputs[1:]]
    node = helper.make_node(op, names, outputs, domain=MICROSOFT, **attributes)
    source = model([node], [*given, *pasts], [info("y", 1, "seq", width), *presents], constants, version=20)
    engine = mi.compile(source, dims={"seq": mi.Range(1, 9, typical=2), "past": mi.Range(0, 20, typical=8)})
    assert not interpreted(engine)
    session, context = reference(source), engine.create_context()
    for before, count in [(0, 1), (0, 5), (3, 1), (8, 2), (20, 9), (7, 4)]:
        feed = {item.name: normal(number, 1, count, width) for number, item in enumerate(given)}
        feed |= {
            item.name: normal(
                9, *(before if dim.dim_param else dim.dim_value for dim in item.type.tensor_type.shape.dim)
            )
            for item in pasts
        }
        found = context.run(feed)
        for name, wanted in zip(outputs, session.run(outputs, feed), strict=True):
            np.testing.assert_allclose(found[name], wanted, rtol=0, atol=3e-6, err_msg=f"{name} {before} {count}")


def test_sizes_that_can_be_none():
    """Elements, joins, slices, sums and products of nothing."""
    nodes = [
        helper.make_node("Mul", ["x", "x"], ["squared"]),
        helper.make_node("Concat", ["squared", "y"], ["joined"], axis=0),
        helper.make_node("Slice", ["squared", "begin", "end", "second"], ["cut"]),
        helper.make_node("ReduceSum", ["x", "first"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["x", "w"], ["product"]),
        helper.make_node("Transpose", ["x"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["turned", "x"], ["gram"]),
        helper.make_node("Softmax", ["x"], ["weights"], axis=1),
        helper.make_node("Unsqueeze", ["x", "first"], ["higher"]),
    ]
    made = {
        "joined": ("n + m", 6),
        "cut": ("n", 2),
        "sum": (6,),
        "product": ("n", 5),
        "turned": (6, "n"),
        "gram": (6, 6),
        "weights": ("n", 6),
        "higher": (1, "n", 6),
    }
    constants = {"begin": np.array([1]), "end": np.array([3]), "second": np.array([1]), "first": np.array([0])}
    source = model(
        nodes,
        [info("x", "n", 6), info("y", "m", 6)],
        [info(name, *shape) for name, shape in made.items()],
        {**constants, "w": normal(0, 6, 5)},
        version=20,
    )
    for compiler in (None, "none"):
        engine = mi.compile(source, dims={"n": mi.Range(0, 9), "m": mi.Range(0, 3)}, compiler=compiler)
        context, session = engine.create_context(), reference(source)
        for n in range(10):
            for m in (0, 1, 3):
                feed = {"x": normal(n, n, 6), "y": normal(m, m, 6)}
                found = context.run(feed)
                for name, wanted in zip(made, session.run(list(made), feed), strict=True):
                    assert found[name].shape == wanted.shape
                    np.testing.assert_allclose(found[name], wanted, rtol=0, atol=1e-5, err_msg=f"{name} {n} {m}")


@pytest.mark.parametrize("flat", [False, True], ids=["turned", "flat"])
def test_heads_that_an_exporter_repeats_stay_where_they_are(flat):
    """Keys and values of 2 heads for 6 of the queries, expanded before the products; positions are an outer product."""
    heads, shared, size, batch = 6, 2, 16, 2
    nodes, constants = [], {"third": np.array([2]), "root": np.float32(size**-0.25)}
    for name in "kv":
        nodes += [
            helper.make_node("Concat", [f"past_{name}", name], [f"present_{name}"], axis=2),
            helper.make_node("Unsqueeze", [f"present_{name}", "third"], [f"one_{name}"]),
            helper.make_node("Shape", [f"present_{name}"], [f"shape_{name}"], start=2),
            helper.make_node("Concat", ["apart", f"shape_{name}"], [f"wide_{name}"], axis=0),
            helper.make_node("Expand", [f"one_{name}", f"wide_{name}"], [f"many_{name}"]),
            helper.make_node("Concat", ["together", f"shape_{name}"], [f"all_{name}"], axis=0),
            helper.make_node("Reshape", [f"many_{name}", f"all_{name}"], [f"each_{name}"]),
        ]
    constants |= {"apart": np.array([batch, shared, heads // shared]), "together": np.array([batch, heads])}
    if flat:
        constants |= {"low": np.array([batch * heads, -1, size])}
        nodes += [
            helper.make_node("Reshape", ["each_k", "low"], ["flat"]),
            helper.make_node("Transpose", ["flat"], ["turned"], perm=[0, 2, 1]),
            helper.make_node("Shape", ["turned"], ["turned_shape"], start=1),
            helper.make_node("Concat", ["together", "turned_shape"], ["high"], axis=0),
            helper.make_node("Reshape", ["turned", "high"], ["kt"]),
        ]
    else:
        nodes.append(helper.make_node("Transpose", ["each_k"], ["kt"], perm=[0, 1, 3, 2]))
    constants["frequencies"] = normal(5, 1, size, 1)
    nodes += [
        helper.make_node("MatMul", ["frequencies", "places"], ["angles"]),
        helper.make_node("Transpose", ["angles"], ["angles_last"], perm=[0, 2, 1]),
        helper.make_node("Mul", ["q", "angles_last"], ["turned_q"]),
        helper.make_node("Mul", ["turned_q", "root"], ["qs"]),
        helper.make_node("Mul", ["kt", "root"], ["ks"]),
        helper.make_node("MatMul", ["qs", "ks"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["weights"], axis=-1),
        helper.make_node("MatMul", ["weights", "each_v"], ["y"]),
    ]
    rows = [info("q", batch, heads, "seq", size), *(info(name, batch, shared, "seq", size) for name in "kv")]
    past = [info(f"past_{name}", batch, shared, "past", size) for name in "kv"]
    present = [info(f"present_{name}", batch, shared, "past + seq", size) for name in "kv"]
    source = model(
        nodes,
        [*rows, info("places", 1, 1, "seq"), *past],
        [info("y", batch, heads, "seq", size), *present],
        constants,
        version=20,
    )
    engine = mi.compile(
        source,
        dims={"seq": mi.Range(1, 9, typical=1), "past": mi.Range(0, 40, typical=20)},
        state={"past_*": "present_*"},
    )
    assert not interpreted(engine)
    assert all(state.appended for state in engine.program.states)
    session, context = reference(source), engine.create_context()
    cache = {item.name: np.zeros((batch, shared, 0, size), "f") for item in past}
    for number, count in enumerate((1, 1, 5, 9, 2, 9, 1)):
        feed = {"q": normal(number, batch, heads, count, size), "places": normal(number, 1, 1, count)}
        feed |= {name: normal(number + 9, batch, shared, count, size) for name in "kv"}
        wanted, *rest = session.run(["y", "present_k", "present_v"], {**feed, **cache})
        cache = dict(zip(cache, rest, strict=True))
        np.testing.assert_allclose(context.run(feed)["y"], wanted, rtol=0, atol=1e-5)
