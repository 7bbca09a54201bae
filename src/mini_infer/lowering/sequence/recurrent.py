"""LSTM, GRU and RNN: one product of the whole sequence with the input weights, then step by step."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import bounds
from mini_infer.lowering.attributes import integer, number, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction.gemm import packed_gemm
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.lowering.contraction.plain import plain_product
from mini_infer.lowering.expression import OPERATORS
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.term import Term, linearize
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels import Epilogue, Expression, Types
from mini_infer.program.kernels.sequence.recurrent import Recurrence, Strides
from mini_infer.program.strides import dense_strides

Activation = Callable[[Term], Term]

_TYPES = (DType.FLOAT32, DType.FLOAT64)
_INPUTS = ("x", "w", "r", "bias", "lengths", "h", "c", "peepholes")
_OUTPUTS = ("Y", "Y_h", "Y_c")
_DEFAULTS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}


def lower_recurrent(node: Node, build: Builder) -> Sequence[Call]:
    """Lower an LSTM, GRU or RNN in any direction, with whatever inputs and outputs it has."""
    given = {key: build.view(name) for key, name in zip(_INPUTS, node.inputs, strict=False) if name}
    made = {key: build.view(name) for key, name in zip(_OUTPUTS, node.outputs, strict=False) if name}
    x, w = given["x"], given["w"]
    dtype = x.type.dtype
    if dtype not in _TYPES:
        raise NotNativeError(f"no native code for {node.op} of {dtype.value}")
    if 0 in x.type.shape or any(bounds(size)[0] < 1 for size in x.type.shape):
        raise NotNativeError(f"no native code for {node.op} of an empty sequence")
    batch_first = bool(integer(node, "layout"))
    order = ("batch", "step") if batch_first else ("step", "batch")
    order_of_states = ("batch", "step", "direction") if batch_first else ("step", "direction", "batch")
    directions, columns, depth = w.type.shape
    sizes = {**dict(zip(order, x.type.shape[:2], strict=True)), "direction": directions}
    length, batch = sizes["step"], sizes["batch"]
    hidden = given["r"].type.shape[-1]
    present = [key for key in _INPUTS[3:] if key in given] + [key for key in _OUTPUTS if key in made]
    kernel = Recurrence(
        operator=node.op,
        directions=directions,
        batch=batch,
        length=length,
        hidden=hidden,
        backwards=text(node, "direction", "forward") == "reverse",
        linear=bool(integer(node, "linear_before_reset")),
        dtype=dtype,
        cells=_cells(node, directions, dtype, frozenset(present)),
        products=_strides(("direction", *order), sizes, columns),
        states=_strides(order_of_states, sizes, hidden),
        ends=_strides([axis for axis in order_of_states if axis != "step"], sizes, hidden),
        present=tuple(present),
    )
    products = build.workspace(TensorType(dtype, (directions, *x.type.shape[:2], columns)))
    shape = Matrix(length * batch, columns, depth, depth, 1, columns)
    calls = [
        _product(shape, x, node.inputs[1], _part(products, direction), direction, build)
        for direction in range(directions)
    ]
    recurrent, transposing = _recurrent_weights(node.inputs[2], build)
    scratch = build.workspace(TensorType(dtype, (kernel.scratch,)))
    optional = [given[key] for key in present if key in given]
    last = Call(kernel, (products, recurrent, *optional, scratch, *made.values()))
    return [*calls, *transposing, last]


def _strides(order: Sequence[str], sizes: Mapping[str, int], row: int) -> Strides:
    """Of rows whose axes come in this order."""
    dense = dense_strides([*(sizes[axis] for axis in order), row])
    return Strides(**{"step": 0, **dict(zip(order, dense, strict=False))})


def _part(view: View, index: int) -> View:
    """One of the slices of a tensor along its first axis."""
    inner = view.type.shape[1:]
    return reshaped(view, inner, index * math.prod(inner))


def _product(shape: Matrix, x: View, weights: str, y: View, direction: int, build: Builder) -> Call:
    """The product of the whole sequence with one direction's input weights `[columns, depth]`."""
    kind = build.type(weights)
    if build.constant(weights) is None or not build.tiled(kind.dtype):
        matrix = _part(build.view(weights), direction)
        plain = plain_product(shape, (kind.dtype, kind.dtype), Epilogue(), (1, shape.depth))
        return Call(plain, (x, matrix, y))

    def operands(block: int) -> tuple[View, ...]:
        packing = Packing(kind.shape, (0, 2, 1), kind.shape[0], shape.depth, shape.columns, block)
        return x, _part(build.packed(weights, packing), direction), y

    return packed_gemm(build, shape, Types.of(kind.dtype), Epilogue(), operands)


def _recurrent_weights(name: str, build: Builder) -> tuple[View, Sequence[Call]]:
    """The weights with each row's numbers for one element of the state, and the calls that transpose them."""
    directions, columns, hidden = build.type(name).shape
    if build.constant(name) is not None:
        return build.packed(
            name, Packing((directions, columns, hidden), (0, 2, 1), directions, hidden, columns, columns)
        ), ()
    view = build.view(name)
    transposed = build.workspace(TensorType(view.type.dtype, (directions, hidden, columns)))
    return transposed, copy(Window.of(view).permute((0, 2, 1)), Window.of(transposed))


def _cells(node: Node, directions: int, dtype: DType, present: frozenset[str]) -> tuple[tuple[Expression, ...], ...]:
    """The expressions of each direction's cell."""
    activations = list(_activations(node, _DEFAULTS[node.op] * directions))
    each = len(_DEFAULTS[node.op])
    cell = {"LSTM": _lstm, "GRU": _gru, "RNN": _rnn}[node.op]
    return tuple(cell(node, dtype, activations[d * each : (d + 1) * each], present) for d in range(directions))


def _clip(node: Node, term: Term) -> Term:
    limit = number(node, "clip", 0.0)
    return term.apply("Clip", parameters=(-limit, limit)) if limit else term


def _lstm(node: Node, dtype: DType, functions: Sequence[Activation], present: frozenset[str]) -> tuple[Expression, ...]:
    f, g, last = functions
    i, forget, new, c, peep_i, peep_f = inputs = [Term(dtype) for _ in range(6)]
    o, result, peep_o = second = [Term(dtype) for _ in range(3)]
    if "peepholes" in present:
        in_gate, forget_gate, out_gate = i + peep_i * c, forget + peep_f * c, o + peep_o * result
    else:
        in_gate, forget_gate, out_gate = i, forget, o
        inputs, second = inputs[:4], second[:2]
    opened = f(_clip(node, in_gate))
    kept = -opened + 1 if integer(node, "input_forget") else f(_clip(node, forget_gate))
    state = kept * c + opened * g(_clip(node, new))
    return linearize(state, inputs), linearize(f(_clip(node, out_gate)) * last(result), second)


def _gru(node: Node, dtype: DType, functions: Sequence[Activation], present: frozenset[str]) -> tuple[Expression, ...]:
    f, g = functions
    z, r, of_input, of_state, h, bias = linear = [Term(dtype) for _ in range(6)]
    if integer(node, "linear_before_reset"):
        total = of_input + f(_clip(node, r)) * of_state
        if "bias" in present:
            total = total + bias
        else:
            linear.pop()
        return (linearize(_mixed(f(_clip(node, z)), g(_clip(node, total)), h), linear),)
    return (
        linearize(f(_clip(node, r)) * h, [r, h]),
        linearize(_mixed(f(_clip(node, z)), g(_clip(node, of_state)), h), [z, of_state, h]),
    )


def _mixed(z: Term, new: Term, old: Term) -> Term:
    return (-z + 1) * new + z * old


def _rnn(node: Node, dtype: DType, functions: Sequence[Activation], _present: frozenset[str]) -> tuple[Expression, ...]:
    total = Term(dtype)
    return (linearize(functions[0](_clip(node, total)), [total]),)


_ACTIVATIONS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "affine": ("", (1.0, 0.0)),
    "elu": ("Elu", (1.0,)),
    "hardsigmoid": ("HardSigmoid", (0.2, 0.5)),
    "leakyrelu": ("LeakyRelu", (0.01,)),
    "relu": ("Relu", ()),
    "scaledtanh": ("Tanh", (1.0, 1.0)),
    "sigmoid": ("Sigmoid", ()),
    "softplus": ("Softplus", ()),
    "softsign": ("Softsign", ()),
    "tanh": ("Tanh", ()),
    "thresholdedrelu": ("ThresholdedRelu", (1.0,)),
}
"""Name in lower case → the operator of the same formula, and the standard alpha and beta where it has them."""


def _activations(node: Node, defaults: tuple[str, ...]) -> Iterator[Activation]:
    """The activations in order; each takes the next alpha and beta if it has use for them."""
    names, alphas, betas = (node.attributes.get(key) for key in ("activations", "activation_alpha", "activation_beta"))
    given = [iter(values if isinstance(values, tuple) else ()) for values in (alphas, betas)]
    for name in names if isinstance(names, tuple) and names else defaults:
        key = str(name).lower()
        operator, standard = _ACTIVATIONS[key]
        parameters = [next(values, value) for values, value in zip(given, standard, strict=False)]
        yield _activation(key, operator, [float(p) for p in parameters if isinstance(p, int | float)])


def _activation(name: str, operator: str, parameters: Sequence[float]) -> Activation:
    """The function of one activation."""
    if name == "affine":
        return lambda x: x * parameters[0] + parameters[1]
    if name == "scaledtanh":
        return lambda x: (x * parameters[1]).apply("Tanh") * parameters[0]
    node = Node(name, operator, ("x",), ("y",), dict(zip(("alpha", "beta"), parameters, strict=False)))
    return lambda x: OPERATORS[operator](node, [x])
