import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, run, run_graph
from hypothesis import given
from onnx import helper
from values import INTEGERS, REALS, broadcast_shapes, tensor

from mini_infer.ir import DType, Graph, Node, TensorType

SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
UNARY_REAL = (
    "Abs Neg Sign Reciprocal Sqrt Floor Ceil Round Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh "
    "Erf Sigmoid Relu LeakyRelu Elu Selu Celu HardSigmoid HardSwish Softplus Softsign Mish Swish Gelu ThresholdedRelu "
    "Shrink IsNaN IsInf Clip"
).split()
ATTRIBUTES = {
    "LeakyRelu": {"alpha": 0.3},
    "Elu": {"alpha": 1.5},
    "Celu": {"alpha": 0.7},
    "Selu": {"alpha": 1.2, "gamma": 0.9},
    "HardSigmoid": {"alpha": 0.4, "beta": 0.3},
    "Swish": {"alpha": 1.3},
    "Gelu": {"approximate": "tanh"},
    "ThresholdedRelu": {"alpha": 0.8},
    "Shrink": {"lambd": 0.6, "bias": 0.2},
    "IsInf": {"detect_negative": 0},
}
RANKED = ("Softsign",)  # of a rank 0 that onnx.reference does not take
COMPARISONS = "Equal Less LessOrEqual Greater GreaterOrEqual".split()
VARIADIC = "Sum Mean Max Min".split()


def some(rng, count):
    """The positions of a few inputs that are known at build time."""
    return frozenset(i for i in range(count) if rng.random() < 0.3)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_arithmetic_and_comparisons_broadcast_in_every_type(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ["Add", "Sub", "Mul", "Div", "Max", "Min", *COMPARISONS]:
        for dtype in (*REALS, *INTEGERS):
            inputs = [tensor(rng, dtype, shape) for shape in broadcast_shapes(rng, 2)]
            cases.append(Case(op, inputs, constants=some(rng, 2)))
    check(cases)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_functions_of_one_real_number(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in UNARY_REAL:
        for dtype in REALS:
            if dtype != "float32" and op in ("IsInf", "Celu"):
                continue
            (shape,) = broadcast_shapes(rng, 1)
            x = tensor(rng, dtype, shape or (3,) if op in RANKED else shape)
            if op in ("Gelu", "Mish", "Swish", "HardSwish"):
                x = np.where(x == -np.inf, x.dtype.type(0), x)  # 0 by limits, NaN by the formula
            cases.append(Case(op, [x], ATTRIBUTES.get(op, {}) if rng.random() < 0.5 else {}))
    check(cases, rtol=3e-5)


@FEW
@given(seed=SEEDS)
def test_functions_of_one_integer(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op, dtypes in {
        "Abs": INTEGERS,
        "Neg": SIGNED,
        "Sign": INTEGERS,
        "Relu": SIGNED,
        "Shrink": SIGNED,
        "BitwiseNot": INTEGERS,
        "Identity": (*INTEGERS, "bool", "float16", "float64"),
        "Not": ("bool",),
    }.items():
        for dtype in dtypes:
            (shape,) = broadcast_shapes(rng, 1)
            attributes = {"lambd": 3.0, "bias": 1.0} if op == "Shrink" else {}
            cases.append(Case(op, [tensor(rng, dtype, shape, special=op != "Shrink")], attributes))
    check(cases)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_bits_and_logic(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        cases += [Case(op, [tensor(rng, dtype, s) for s in broadcast_shapes(rng, 2)]) for dtype in INTEGERS]
    for op in ("And", "Or", "Xor", "Equal"):
        cases += [Case(op, [tensor(rng, "bool", shape) for shape in broadcast_shapes(rng, 2)])]
    for direction in ("LEFT", "RIGHT"):
        for dtype in INTEGERS:
            a, b = broadcast_shapes(rng, 2)
            bits = np.iinfo(dtype).bits
            amount = rng.integers(0, bits + 2, b).astype(dtype)
            version = 11 if dtype in UNSIGNED else 26
            cases.append(Case("BitShift", [tensor(rng, dtype, a), amount], {"direction": direction}, version))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_operators_of_any_number_of_inputs(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in VARIADIC:
        for count in (1, 2, 3, 5):
            for dtype in ("float32", "float64") if op in ("Sum", "Mean") else ("float32", "int32", "uint8"):
                inputs = [tensor(rng, dtype, shape) for shape in broadcast_shapes(rng, count)]
                if op == "Mean":  # onnx.reference adds into the first input
                    inputs[0] = np.broadcast_to(inputs[0], np.broadcast_shapes(*[x.shape for x in inputs])).copy()
                cases.append(Case(op, inputs, constants=some(rng, count)))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_remainders(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in (*REALS, *INTEGERS):
        for fmod in (0, 1):
            a, b = broadcast_shapes(rng, 2)
            divisor = tensor(rng, dtype, b)
            if dtype in REALS:
                divisor = np.where(np.isinf(divisor), divisor.dtype.type(2), divisor)
            cases.append(Case("Mod", [tensor(rng, dtype, a), divisor], {"fmod": fmod}))
    check(cases, atol=1e-5)


@FEW
@given(seed=SEEDS)
def test_powers_of_mixed_types(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for base in ("float32", "float64", "float16", "int32", "int64"):
        for exponent in ("float32", "float64", "int8", "int32", "int64", "uint16"):
            a, b = broadcast_shapes(rng, 2)
            real = np.dtype(base).kind == "f"
            x = tensor(rng, base, a, scale=1.5, special=real)
            low, high = (-3, 4) if real else (0, 5)
            y = rng.integers(low if np.dtype(exponent).kind != "u" else 0, high, b).astype(exponent)
            cases.append(Case("Pow", [x, y], constants=frozenset({1}) if y.size == 1 else frozenset()))
    check(cases, rtol=2e-5)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_casts_between_all_types(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for source in (*REALS, *INTEGERS, "bool"):
        for target in (*REALS, *INTEGERS, "bool"):
            (shape,) = broadcast_shapes(rng, 1)
            x = tensor(rng, source, shape, special=source in INTEGERS or target in (*REALS, "bool"))
            if target in UNSIGNED and source in REALS:
                x = np.abs(x)
            to = helper.np_dtype_to_tensor_dtype(np.dtype(target))
            cases.append(Case("Cast", [x], {"to": to}))
    check(cases)


def test_floats_beyond_an_integers_range_are_clamped_or_wrap():
    x = np.array([3e9, -3e9, 1e30, -1e30, np.nan, 300.0, -1.0, -129.7, 40000.0], np.float32)
    results = {}
    for target in INTEGERS:
        to = helper.np_dtype_to_tensor_dtype(np.dtype(target))
        results[target] = Case("Cast", [x], {"to": to})
    got = run(list(results.values()), [[np.zeros(x.shape, target)] for target in results])
    got = {target: y.tolist() for target, (y,) in zip(results, got, strict=True)}
    assert got["int32"] == [2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 0, 300, -1, -129, 40000]
    assert got["int64"][:4] == [3 * 10**9, -3 * 10**9, 2**63 - 1, -(2**63)]
    assert got["uint64"][2:7] == [2**64 - 1, 2**63, 0, 300, 2**64 - 1]
    assert got["uint8"][4:] == [0, 300 - 256, 255, (-129) % 256, 40000 % 256]


@FEW
@given(seed=SEEDS)
def test_clip_by_inputs_and_by_attributes(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float64", "int32", "int8", "uint8", "int64", "uint64"):
        for given_bounds in ((True, True), (True, False), (False, True), (False, False)):
            (shape,) = broadcast_shapes(rng, 1)
            kind = np.dtype(dtype).type
            bounds = [np.array(kind(v)) if has else None for v, has in zip((2, 9), given_bounds, strict=True)]
            if all(given_bounds) and rng.random() < 0.3:
                bounds.reverse()
            constants = some(rng, 3) - {0}
            cases.append(Case("Clip", [tensor(rng, dtype, shape), *bounds], constants=constants))
    bounds = ({}, {"min": -0.5}, {"max": 1.5}, {"min": -1.0, "max": 1.0})
    cases += [Case("Clip", [tensor(rng, "float32", (3, 7))], attributes, version=6) for attributes in bounds]
    check(cases)


@FEW
@given(seed=SEEDS)
def test_where_prelu_and_castlike(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in (*REALS, *INTEGERS, "bool"):
        c, a, b = broadcast_shapes(rng, 3)
        cases.append(Case("Where", [tensor(rng, "bool", c), tensor(rng, dtype, a), tensor(rng, dtype, b)]))
    for dtype in ("float32", "float64", "int32", "uint32", "int64", "uint64"):
        x = tensor(rng, dtype, (2, 3, 5))
        slope = tensor(rng, dtype, (3, 1) if rng.random() < 0.5 else (1,), special=False)
        cases.append(Case("PRelu", [x, slope]))
    cases.append(Case("CastLike", [tensor(rng, "int32", (5, 2)), tensor(rng, "float32", (3,))]))
    check(cases)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_fused_chain_is_one_expression(machine):
    rng = np.random.default_rng(0)
    body = [
        helper.make_node("Sub", ["x0", "x1"], ["a"]),
        helper.make_node("Mul", ["a", "a"], ["b"]),
        helper.make_node("Greater", ["b", "x2"], ["c"]),
        helper.make_node("Where", ["c", "a", "x2"], ["d"]),
        helper.make_node("Tanh", ["d"], ["y0"]),
    ]
    cases = []
    for shape, bias in (((7, 37), (37,)), ((2, 3, 16), (3, 1)), ((100,), ()), ((4, 5), (4, 1)), ((), ())):
        inputs = [tensor(rng, "float32", shape), tensor(rng, "float32", bias), np.float32(0.5)]
        known = frozenset({2}) if len(shape) == 2 else frozenset()
        cases.append(Case("Elementwise", inputs, body=body, constants=known))
    check(cases, machine=machine)


def test_results_are_written_over_dying_inputs():
    rng = np.random.default_rng(1)
    x, y = (tensor(rng, "float32", (5, 37)) for _ in range(2))
    shape = {name: TensorType(DType.FLOAT32, x.shape) for name in ("x", "y", "a", "b", "c", "out")}
    nodes = (
        Node("1", "Add", ("x", "y"), ("a",), version=21),
        Node("2", "Relu", ("a",), ("b",), version=21),
        Node("3", "Mul", ("b", "b"), ("c",), version=21),
        Node("4", "Sub", ("y", "c"), ("out",), version=21),
    )
    (got,) = run_graph(Graph("chain", nodes, ("x", "y"), ("out",), shape), [x, y])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(got, y - np.maximum(x + y, 0) ** 2, rtol=1e-5, atol=1e-5)
