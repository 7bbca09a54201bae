import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, run_graph
from hypothesis import given

from mini_infer import interpreter
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.attention import FuseAttention


class Model:
    """Graphs of attention as exporters write it, many in one."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes, self.inputs, self.outputs, self.types, self.constants, self.given = [], [], [], {}, {}, []

    def value(self, shape, dtype=DType.FLOAT32):
        name = f"v{len(self.types)}"
        self.types[name] = TensorType(dtype, tuple(shape))
        return name

    def input(self, array):
        self.inputs.append(self.value(array.shape, DType.of(array.dtype)))
        self.given.append(array)
        return self.inputs[-1]

    def constant(self, array):
        name = self.value(array.shape, DType.of(array.dtype))
        self.constants[name] = array
        return name

    def node(self, op, inputs, shape, **attributes):
        result = self.value(shape)
        self.nodes.append(Node(result, op, tuple(inputs), (result,), attributes, version=13))
        return result

    def reals(self, *shape):
        return self.rng.standard_normal(shape).astype(np.float32)

    def operand(self, batch, rows, heads, size, order):
        """`[batch, heads, rows, size]` with the last axes in the given order, from rows in which the heads lie."""
        kind = self.rng.integers(0, 3)
        full = [(batch, heads, rows, size)[axis] for axis in order]
        if kind == 0:
            return self.input(self.reals(*full))
        if kind == 1:
            x = self.input(self.reals(batch, rows, heads * size))
            shape = (batch, rows, heads, size)
            x = self.node("Reshape", [x, self.constant(np.array([0, rows, -1, size]))], shape)
            return self.node("Transpose", [x], full, perm=tuple((0, 2, 1, 3)[axis] for axis in order))
        x = self.input(self.reals(rows, batch * heads, size))
        x = self.node("Transpose", [x], (batch * heads, rows, size), perm=(1, 0, 2))
        x = self.node("Reshape", [x, self.constant(np.array([batch, heads, rows, size]))], (batch, heads, rows, size))
        return x if order == (0, 1, 2, 3) else self.node("Transpose", [x], full, perm=order)

    def packed(self, batch, heads, rows, size):
        """q, k by column and v, parts of one tensor."""
        x = self.input(self.reals(rows, batch, 3, heads * size))
        x = self.node("Transpose", [x], (3, rows, batch, heads * size), perm=(2, 0, 1, 3))
        made = []
        for index, order in ((0, (0, 1, 2, 3)), (1, (0, 1, 3, 2)), (-1, (0, 1, 2, 3))):
            part = self.node("Gather", [x, self.constant(np.array(index))], (rows, batch, heads * size), axis=0)
            if self.rng.random() < 0.5:
                lengthened = (rows, 1, batch, heads * size)
                part = self.node("Unsqueeze", [part, self.constant(np.array([1]))], lengthened)
                part = self.node("Squeeze", [part, self.constant(np.array([-3]))], (rows, batch, heads * size))
            shape = (rows, batch * heads, size)
            part = self.node("Reshape", [part, self.constant(np.array(shape))], shape)
            part = self.node("Transpose", [part], (batch * heads, rows, size), perm=(1, 0, 2))
            shape = (batch, heads, rows, size)
            part = self.node("Reshape", [part, self.constant(np.array(shape))], shape)
            if order[-1] == 2:
                part = self.node("Transpose", [part], (batch, heads, size, rows), perm=order)
            made.append(part)
        return made

    def mask(self, scores, shape):
        batch, heads, queries, keys = shape
        wide = [(queries, keys), (batch, 1, 1, keys), (batch, heads, queries, keys), (1, 1, queries, 1)]
        chosen = wide[int(self.rng.integers(0, len(wide)))]
        if self.rng.random() < 0.4:
            mask = self.input(self.reals(*chosen))
            return self.node("Add", [scores, mask] if self.rng.random() < 0.5 else [mask, scores], shape)
        mask = self.input(self.rng.random(chosen) < 0.5)
        one = self.rng.random() < 0.5
        hidden = self.constant(
            np.full(() if one else shape[-2:], -1e9 if self.rng.random() < 0.5 else -2.5, np.float32)
        )
        return self.node("Where", [mask, scores, hidden] if self.rng.random() < 0.5 else [mask, hidden, scores], shape)

    def attention(self):
        batch, heads, queries = (int(self.rng.integers(low, high)) for low, high in ((1, 3), (1, 4), (4, 20)))
        keys, size, width = (int(self.rng.choice([1, 3, 8, 16, 17, 40, 64, 70])) for _ in range(3))
        if self.rng.random() < 0.3:
            keys, width = queries, size
            q, k, v = self.packed(batch, heads, queries, size)
        else:
            q = self.operand(batch, queries, heads, size, (0, 1, 2, 3))
            k = self.operand(batch, keys, heads, size, (0, 1, 3, 2))
            v = self.operand(batch, keys, heads, width, (0, 1, 2, 3))
        half = self.constant(np.array([0.5], np.float32))
        if self.rng.random() < 0.5:
            q, k = (self.node("Mul", [name, half], self.types[name].shape) for name in (q, k))
        shape = (batch, heads, queries, keys)
        scores = self.node("MatMul", [q, k], shape)
        if self.rng.random() < 0.5:
            scores = self.node("Div", [scores, half], shape)
        if self.rng.random() < 0.7:
            scores = self.mask(scores, shape)
        weights = self.node("Softmax", [scores], shape, axis=-1)
        y = self.node("MatMul", [weights, v], (batch, heads, queries, width))
        if self.rng.random() < 0.7:
            y = self.node("Transpose", [y], (batch, queries, heads, width), perm=(0, 2, 1, 3))
        self.outputs.append(y)

    def graph(self):
        return Graph(
            "attention", tuple(self.nodes), tuple(self.inputs), tuple(self.outputs), self.types, self.constants
        )


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_layouts_scales_and_masks(seed, machine):
    model = Model(np.random.default_rng(seed))
    for _ in range(6):
        model.attention()
    graph = model.graph()
    fused = FuseAttention()(graph, Remarks())
    assert [node.op for node in fused.nodes if node.op != "Reshape"] == ["Attention"] * 6
    expected = interpreter.run_graph(graph, dict(zip(graph.inputs, model.given, strict=True)))
    for name, got in zip(graph.outputs, run_graph(fused, model.given, machine=machine), strict=True):
        np.testing.assert_allclose(got, expected[name], rtol=1e-4, atol=1e-5)


def test_a_row_of_hidden_scores_is_no_number_as_softmax_has_it():
    model = Model(np.random.default_rng(0))
    q, k, v = model.reals(4, 5, 8), model.reals(4, 8, 9), model.reals(4, 9, 8)
    mask = np.zeros((4, 5, 9), np.float32)
    mask[1, 2] = -np.inf
    mask[2, 3, 4:] = -np.inf
    names = [model.input(x) for x in (q, k, v, mask)]
    scores = model.node("Add", [model.node("MatMul", names[:2], (4, 5, 9)), names[3]], (4, 5, 9))
    model.outputs.append(model.node("MatMul", [model.node("Softmax", [scores], (4, 5, 9)), names[2]], (4, 5, 8)))
    graph = model.graph()
    (y,) = run_graph(FuseAttention()(graph, Remarks()), model.given)
    assert np.isnan(y[1, 2]).all()
    with np.errstate(invalid="ignore"):
        expected = interpreter.run_graph(graph, dict(zip(graph.inputs, model.given, strict=True)))
    np.testing.assert_allclose(y, expected[graph.outputs[0]], rtol=1e-5, atol=1e-6)
