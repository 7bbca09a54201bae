"""Products with weights of a few bits: against exact numbers, and against onnxruntime within float32's roundings."""

import os

import numpy as np
import onnxruntime
import pytest
from driver import FEW, MACHINES, SANITIZE, SEEDS, run_graph
from hypothesis import given
from machines import SCALAR, shared_target
from onnx import helper, numpy_helper

import mini_infer
from mini_infer.errors import InputError
from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.graph import QUANTIZED_DOMAIN
from mini_infer.ir.packed import packed, unpacked
from mini_infer.toolchain import Target

EVERYWHERE = [*MACHINES, pytest.param(SCALAR, id="no vectors")]
SIZES = [
    # rows, depth, columns, block: tails of words, of blocks, of vectors, of tiles, of parts and of panels
    (1, 64, 32, 32),
    (1, 40, 3, 16),
    (2, 100, 37, 32),
    (3, 33, 50, 16),
    (4, 96, 17, 128),
    (7, 1, 5, 16),
    (9, 300, 70, 32),
    (13, 600, 130, 64),
    (17, 1030, 33, 512),
    (131, 96, 20, 32),
]


def weights(rng, depth, columns, block, bits, zeros, *, whole):
    """Packed weights, scales, zeros, and the float64 matrix `[depth, columns]` that they stand for."""
    blocks = -(-depth // block)
    levels = rng.integers(0, 2**bits, (columns, blocks * block), dtype=np.uint8)
    scales = 2.0 ** rng.integers(-2, 2, (columns, blocks)) if whole else rng.uniform(0.01, 0.02, (columns, blocks))
    scales = scales.astype(np.float32)
    origin = {
        "": np.full((columns, blocks), 2 ** (bits - 1)),
        "packed": rng.integers(0, 2**bits, (columns, blocks), dtype=np.uint8),
        "real": rng.integers(0, 2**bits, (columns, blocks)).astype(np.float32),
    }[zeros]
    given_zeros = {"": None, "packed": packed(origin, bits) if zeros == "packed" else None, "real": origin}[zeros]
    real = (levels.astype(np.float64) - origin.repeat(block, 1)) * scales.astype(np.float64).repeat(block, 1)
    data = packed(levels.reshape(columns, blocks, block), bits)
    return data, scales.reshape(-1), given_zeros, real[:, :depth].T


def case(rng, sizes, bits, zeros, *, bias=False, whole=False):
    """A node's inputs and what is right, in float64."""
    rows, depth, columns, block = sizes
    data, scales, origin, real = weights(rng, depth, columns, block, bits, zeros, whole=whole)
    a = rng.integers(-3, 4, (rows, depth)) if whole else rng.standard_normal((rows, depth))
    a = a.astype(np.float32)
    added = rng.integers(-9, 9, columns).astype(np.float32) if bias else None
    exact = a.astype(np.float64) @ real + (0 if added is None else added)
    attributes = {"K": depth, "N": columns, "bits": bits, "block_size": block}
    bound = np.abs(a).astype(np.float64) @ (np.abs(real) + 2.0**bits * np.abs(scales).max())
    bound = bound + (0 if added is None else np.abs(added))
    return attributes, [a, data, scales, origin, added], exact, bound


def node(attributes, inputs, name="product"):
    names = tuple(f"{name}/{position}" if x is not None else "" for position, x in enumerate(inputs))
    return Node(name, "MatMulNBits", names, (f"{name}/y",), attributes, domain=QUANTIZED_DOMAIN)


def native(cases, machine):
    """What native code computes for each case, in one program."""
    nodes, types, constants, given_arrays = [], {}, {}, []
    for number, (attributes, inputs, exact, _) in enumerate(cases):
        made = node(attributes, inputs, f"case{number}")
        nodes.append(made)
        for name, x in zip(made.inputs, inputs, strict=True):
            if name:
                types[name] = TensorType(DType.of(x.dtype), x.shape)
        constants |= {name: x for name, x in zip(made.inputs[1:], inputs[1:], strict=True) if name}
        types[made.outputs[0]] = TensorType(DType.FLOAT32, exact.shape)
        given_arrays.append(inputs[0])
    names = tuple(each.inputs[0] for each in nodes)
    outputs = tuple(each.outputs[0] for each in nodes)
    return run_graph(Graph("packed", tuple(nodes), names, outputs, types, constants), given_arrays, machine=machine)


def some(rng, *, whole):
    """Cases of every size, with bits, zeros and bias drawn for each."""
    return [
        case(
            rng,
            sizes,
            int(rng.choice([2, 4, 4, 8])),
            str(rng.choice(["", "packed", "real"])),
            bias=rng.random() < 0.5,
            whole=whole,
        )
        for sizes in SIZES
    ]


@pytest.mark.parametrize("machine", EVERYWHERE)
@FEW
@given(seed=SEEDS)
def test_whole_numbers_are_exact(seed, machine):
    """Small whole numbers and scales that are powers of two: every sum is exact in float32, in any order."""
    cases = some(np.random.default_rng(seed), whole=True)
    for (attributes, _, exact, _), got in zip(cases, native(cases, machine), strict=True):
        np.testing.assert_array_equal(got, exact, err_msg=str(attributes))


@pytest.mark.parametrize("machine", EVERYWHERE)
@FEW
@given(seed=SEEDS)
def test_real_numbers_are_within_their_roundings(seed, machine):
    """A chain of 40 additions at most, of products of |x| with |w| and with what its zero takes away."""
    cases = some(np.random.default_rng(seed), whole=False)
    for (attributes, _, exact, bound), got in zip(cases, native(cases, machine), strict=True):
        assert (np.abs(got - exact) <= 40 * 2.0**-24 * bound).all(), attributes


@pytest.mark.parametrize("zeros", ["", "packed", "real"])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_the_interpreter_rounds_once(bits, zeros):
    rng = np.random.default_rng(bits)
    for sizes in SIZES:
        attributes, inputs, exact, _ = case(rng, sizes, bits, zeros, bias=True)
        (got,) = evaluate(node(attributes, inputs), inputs)
        np.testing.assert_allclose(got, exact.astype(np.float32), rtol=2e-7, atol=1e-6)


@pytest.mark.parametrize("machine", EVERYWHERE)
def test_infinite_numbers_meet_no_zero_point(machine):
    """An infinite number times a weight of another sign than its levels: no difference of infinities comes between."""
    rng = np.random.default_rng(5)
    cases = []
    for rows in (1, 2, 20):
        attributes, inputs, exact, bound = case(rng, (rows, 70, 40, 32), 4, "packed", whole=True)
        inputs[0][0, 66], inputs[0][rows - 1, 3] = np.inf, np.nan
        with np.errstate(invalid="ignore"):
            _, *given_weights = inputs
            (exact,) = evaluate(node(attributes, inputs), inputs)
        cases.append((attributes, inputs, exact, bound))
        assert given_weights[0] is inputs[1]
    assert np.isinf(cases[2][2]).any()
    for (_, _, exact, _), got in zip(cases, native(cases, machine), strict=True):
        np.testing.assert_array_equal(got, exact)


@pytest.mark.skipif(SANITIZE in os.environ, reason="what is built for others is not sanitized")
@pytest.mark.parametrize("target", ["x86_64-linux-gnu", "x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_every_way_to_multiply_bytes_is_exact(target):
    """Without VNNI there are products of bytes in 16 bits, and without those of bytes, of pairs of 16 bits."""
    wanted = Target.parse(target)
    if wanted.missing(Target.host()):
        pytest.skip(f"this machine is no {target}")
    rng = np.random.default_rng(9)
    nodes, inputs, constants, wants = [], [], [], {}
    for number, (bits, zeros, rows, block) in enumerate([(4, "", 1, 32), (4, "packed", 3, 16), (2, "real", 2, 256)]):
        attributes, arrays, exact, _ = case(rng, (rows, 330, 37, block), bits, zeros, whole=True)
        names = [f"{letter}{number}" if x is not None else "" for letter, x in zip("abszc", arrays, strict=True)]
        wants |= {f"y{number}": exact}
        nodes.append(helper.make_node("MatMulNBits", names[:4], [f"y{number}"], domain="com.microsoft", **attributes))
        inputs.append(helper.make_tensor_value_info(names[0], 1, arrays[0].shape))
        constants += [
            numpy_helper.from_array(x, name) for name, x in zip(names, arrays, strict=True) if name and name[0] != "a"
        ]
        wants[names[0]] = arrays[0]
    outputs = [helper.make_tensor_value_info(f"y{number}", 1, None) for number in range(len(nodes))]
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph(nodes, "products", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    engine = mini_infer.compile(model, target=shared_target(wanted), threads=2)
    got = engine.create_context().run({name: x for name, x in wants.items() if name[0] == "a"})
    for name, y in got.items():
        np.testing.assert_array_equal(y, wants[name])


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_that_are_given_at_run_time(threads):
    """One row, which has code of its own, and any number of others."""
    attributes, arrays, _, _ = case(np.random.default_rng(4), (1, 330, 37, 32), 4, "packed", bias=True, whole=True)
    names = ["a", "b", "s", "z", "", "c"]
    made = helper.make_node("MatMulNBits", names, ["y"], domain="com.microsoft", **attributes)
    rows = [helper.make_tensor_value_info(name, 1, ["n", size]) for name, size in (("a", 330), ("y", 37))]
    given_constants = [numpy_helper.from_array(x, name) for name, x in zip("bszc", arrays[1:], strict=True)]
    graph = helper.make_graph([made], "product", rows[:1], rows[1:], given_constants)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    target = shared_target()
    engine = mini_infer.compile(model, dims={"n": mini_infer.Range(1, 150)}, target=target, threads=threads)
    assert engine.program.steps[0].native
    for count in (1, 2, 7, 128, 150):
        a = np.random.default_rng(count).integers(-3, 4, (count, 330)).astype(np.float32)
        (want,) = evaluate(node(attributes, [a, *arrays[1:]]), [a, *arrays[1:]])
        np.testing.assert_array_equal(engine.create_context().run({"a": a})["y"], want)


@pytest.mark.parametrize("machine", EVERYWHERE)
@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_rows_of_packed_tables(index, machine):
    """Every number is rounded once; those of whole zeros are the very products."""
    rng = np.random.default_rng(3)
    nodes, types, constants, arrays, wants = [], {}, {}, [], []
    forms = [(2, "", (), 8, 16), (4, "packed", (3,), 20, 16), (8, "real", (), 48, 16), (4, "", (2, 2), 3, 32)]
    for number, (bits, zeros, lines, width, block) in enumerate(forms):
        size = width * 8 // bits
        blocks = -(-size // block)
        table = rng.integers(0, 256, (7, *lines, width), dtype=np.uint8)
        scales = rng.uniform(0.5, 1, (7, *lines, blocks)).astype(np.float32)
        origin = rng.integers(0, 2**bits, (7, *lines, blocks), dtype=np.uint8)
        given_zeros = {"": None, "packed": packed(origin, bits), "real": origin.astype(np.float32)}[zeros]
        indices = np.array([[6, -7], [0, -1]], index)
        levels = unpacked(table, bits).astype(np.float32)
        if not zeros:
            origin = np.full_like(origin, 2 ** (bits - 1))
        each = np.arange(size) // block
        real = (levels - origin[..., each].astype(np.float32)) * scales[..., each]
        inputs = [table, indices, scales, given_zeros]
        names = tuple(f"{number}/{k}" if x is not None else "" for k, x in enumerate(inputs))
        attributes = {"bits": bits, "block_size": block}
        made = Node(f"{number}", "GatherBlockQuantized", names, (f"{number}/y",), attributes, domain=QUANTIZED_DOMAIN)
        types |= {n: TensorType(DType.of(x.dtype), x.shape) for n, x in zip(names, inputs, strict=True) if n}
        constants |= {n: x for n, x in zip(names, inputs, strict=True) if n and n != names[1]}
        wants.append(real[indices])
        types[made.outputs[0]] = TensorType(DType.FLOAT32, wants[-1].shape)
        nodes.append(made)
        arrays.append(indices)
        np.testing.assert_array_equal(evaluate(made, inputs)[0], wants[-1])
    graph = Graph("rows", tuple(nodes), tuple(node.inputs[1] for node in nodes),
                  tuple(node.outputs[0] for node in nodes), types, constants)  # fmt: skip
    for got, want in zip(run_graph(graph, arrays, machine=machine), wants, strict=True):
        np.testing.assert_array_equal(got, want)


def test_an_index_outside_of_a_packed_table_is_an_error():
    names = ("t", "i", "s")
    made = helper.make_node("GatherBlockQuantized", names, ["y"], "rows", domain="com.microsoft", block_size=16)
    graph = helper.make_graph(
        [made],
        "rows",
        [helper.make_tensor_value_info("i", 7, [2])],
        [helper.make_tensor_value_info("y", 1, [2, 16])],
        [numpy_helper.from_array(x, n) for n, x in (("t", np.zeros((3, 8), np.uint8)), ("s", np.ones((3, 1), "f4")))],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    context = mini_infer.compile(helper.make_model(graph, opset_imports=opsets, ir_version=10)).create_context()
    for outside in (3, -4, 1 << 62):
        with pytest.raises(InputError):
            context.run({"i": np.array([0, outside])})


@pytest.mark.skipif(SANITIZE in os.environ, reason="onnxruntime is not what is sanitized")
@pytest.mark.parametrize("zeros", ["", "packed"])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_onnxruntime_gives_the_same(rows, zeros):
    """Both are within the roundings of two chains of additions."""
    attributes, inputs, exact, bound = case(np.random.default_rng(rows), (rows, 512, 96, 32), 4, zeros)
    names = ["a", "b", "s", *(["z"] if zeros else [])]
    graph = helper.make_graph(
        [helper.make_node("MatMulNBits", names, ["y"], domain="com.microsoft", accuracy_level=0, **attributes)],
        "product",
        [helper.make_tensor_value_info("a", 1, inputs[0].shape)],
        [helper.make_tensor_value_info("y", 1, exact.shape)],
        [numpy_helper.from_array(x, name) for name, x in zip(names[1:], inputs[1:], strict=False)],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    text = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    session = onnxruntime.InferenceSession(text, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"a": inputs[0]})
    (ours,) = native([(attributes, inputs, exact, bound)], MACHINES[1].values[0])
    assert (np.abs(ours - theirs) <= 2 * 40 * 2.0**-24 * bound).all()
