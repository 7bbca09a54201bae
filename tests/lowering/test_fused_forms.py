"""What the passes fuse, lowering has kernels for: fused forms are drawn, and none of their steps may be interpreted."""

from dataclasses import dataclass, replace

import numpy as np
import onnx
import onnx.parser
import pytest
from all_passes import pipeline
from hypothesis import assume, given, reject
from hypothesis import strategies as st

import mini_infer as mi
from mini_infer import frontend, lowering, passes
from mini_infer.errors import ModelError
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir.operators import OPERATORS
from mini_infer.machine import MACHINES

ACTIVATIONS = sorted(op for op, traits in OPERATORS.items() if traits.activation)
ATTRIBUTES = {
    "LeakyRelu": ["", "<alpha = -0.5>", "<alpha = 0.25>"],
    "Elu": ["", "<alpha = -1.0>"],
    "Gelu": ["", '<approximate = "tanh">'],
}
DTYPES = {"float": np.float32, "float16": np.float16, "double": np.float64}


@dataclass(frozen=True)
class Form:
    """Lines of a model; what they read has these shapes, and what is constant these names."""

    dtype: str
    shapes: dict[str, list[int]]
    constants: set[str]
    lines: list[str]
    result: str

    @property
    def text(self):
        inputs = [f"{self.dtype}{shape or ''} {name}" for name, shape in self.shapes.items()]
        given = ", ".join(text for text, name in zip(inputs, self.shapes, strict=True) if name not in self.constants)
        return f"g ({given}) => ({self.result}) {{ {' '.join(self.lines)} }}"

    def model(self):
        model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["": 24]>\n{self.text}')
        for name in self.constants & self.shapes.keys():
            array = np.resize(np.array([0.5, -0.75, 1.25, 2.0, -1.5], DTYPES[self.dtype]), self.shapes[name])
            model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
        return model

    def graph(self):
        return frontend.read(self.model(), evaluate=evaluate)


def program(form, machine="x86-64-v3", *, optimize):
    graph = form.graph()
    graph = passes.run(graph, pipeline(optimize=optimize), passes.Remarks())
    return lowering.place(lowering.select(graph, lowering.Selector(MACHINES[machine], threads=2)))


def interpreted(program):
    return [str(step.node.op) for step in program.steps if not (step.native or step.is_view)]


@st.composite
def activations(draw):
    op = draw(st.sampled_from(ACTIVATIONS))
    if op == "Clip":
        return draw(st.sampled_from(["Clip ({}, low, high)", "Clip ({}, low)", "Clip ({}, , high)", "Clip ({})"]))
    return f"{op} {draw(st.sampled_from(ATTRIBUTES.get(op, [''])))} ({{}})"


@st.composite
def pools(draw, rank):
    """Windows that are neighbors, or any."""

    def sizes(low, high):
        return st.lists(st.integers(low, high), min_size=rank, max_size=rank)

    kernel = draw(sizes(1, 3))
    attributes = {"kernel_shape": kernel, "strides": kernel}
    if draw(st.booleans()):
        attributes["ceil_mode"] = 1
    if not draw(st.booleans()):
        attributes["strides"] = draw(sizes(1, 3))
        attributes["dilations"] = draw(st.sampled_from([[1] * rank, [2] * rank]))
        attributes |= draw(
            st.sampled_from(
                [{"pads": [(size - 1) // 2 for size in kernel] * 2}]
                + [{"auto_pad": f'"{how}"'} for how in ("VALID", "SAME_UPPER", "SAME_LOWER")]
            )
        )
    op = draw(st.sampled_from(["MaxPool", "AveragePool"]))
    text = ", ".join(f"{name} = {value}" for name, value in attributes.items())
    return f"{op} <{text}> ({{}})"


@st.composite
def products(draw, rank):
    """The line of a product `p` and what it reads: name → shape."""
    op = draw(st.sampled_from(["Conv", "Conv", "Conv", "ConvTranspose", "MatMul", "Gemm"]))
    if op == "MatMul":
        batch = draw(st.sampled_from([[], [2], [1], [2, 1]]))
        vector = draw(st.booleans())
        return f"p = {op} (x, w)", {"x": [*batch, 5, 4], "w": [4] if vector else [4, 6]}, None
    if op == "Gemm":
        bias = draw(st.sampled_from([[6], [1, 6], [5, 6], [5, 1], [1]]))
        text = draw(st.sampled_from(["", "<transB = 1>", "<alpha = 0.5>", "<beta = 2.0, transA = 1>"]))
        shapes = {
            "x": [4, 5] if "transA" in text else [5, 4],
            "w": [6, 4] if "transB" in text else [4, 6],
            "b": bias,
        }
        return f"p = {op} {text} (x, w{draw(st.sampled_from(['', ', b']))})", shapes, None
    groups = draw(st.sampled_from([1, 1, 2, 4]))
    inputs, outputs = groups * draw(st.sampled_from([1, 1, 2])), draw(st.sampled_from([1, 1, 2]))
    window = [draw(st.integers(1, 3)) for _ in range(rank)]
    weights = [groups * outputs, inputs // groups, *window] if op == "Conv" else [inputs, outputs, *window]
    space = [draw(st.integers(3, 9)) for _ in range(rank)]
    pads = [draw(st.integers(0, 1)) for _ in range(2 * rank)]
    bias = draw(st.sampled_from(["", ", b"]))
    line = f"p = {op} <group = {groups}, pads = {pads}> (x, w{bias})"
    return line, {"x": [2, inputs, *space], "w": weights, "b": [groups * outputs]}, rank


@st.composite
def forms(draw):
    """A product, perhaps a bias added to it, activations, residuals and pools."""
    dtype = draw(st.sampled_from(["float", *DTYPES]))
    line, shapes, rank = draw(products(draw(st.integers(1, 3))))
    shapes |= {"low": [], "high": []}
    form = Form(dtype, shapes, {"low", "high", *draw(st.sets(st.sampled_from(["w", "b", "c"])))}, [line], "p")
    for index in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["activation", "activation", "residual", "bias", *["pool"] * 2 * bool(rank)]))
        if kind == "activation":
            text = draw(activations()).format(form.result)
        elif kind == "pool":
            text = draw(pools(rank)).format(form.result)
        else:
            other = draw(st.sampled_from(["x", "r", form.result] if kind == "residual" else ["b", "c", "s"]))
            if other not in {form.result, *form.shapes}:
                shape = shape_of(form)
                shapes = {**form.shapes, other: {"r": shape, "c": shape[-1:], "s": [], "b": [1]}[other]}
                form = replace(form, shapes=shapes)
            text = f"Add ({', '.join(draw(st.permutations([form.result, other])))})"
        form = replace(form, lines=[*form.lines, f"v{index} = {text}"], result=f"v{index}")
    return form


def shape_of(form):
    """The shape of a model's result."""
    try:
        graph = form.graph()
    except ModelError:
        reject()
    return list(graph.tensor(graph.outputs[0]).shape)


@given(forms(), st.sampled_from(sorted(MACHINES)))
def test_no_part_of_a_fused_form_is_interpreted(form, machine):
    try:
        plain = program(form, machine, optimize=False)
    except ModelError:
        reject()
    assume(not interpreted(plain))
    assert not interpreted(program(form, machine, optimize=True))


@st.composite
def attentions(draw):
    """Attention over operands that are seen through views and transposes, scaled, masked, its result transposed."""
    batch, heads, queries, keys = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(3, 6)), 5)
    shapes, lines, names = {}, [], []
    for name, rows, size in (("q", queries, 4), ("k", keys, 4), ("v", keys, 3)):
        turned = draw(st.sampled_from(["", "tokens", "flat", "unsqueezed"]))
        wanted = [batch, heads, rows, size]
        shapes[name] = wanted
        if turned == "tokens":
            shapes[name] = [batch, rows, heads, size]
            lines.append(f"{name}0 = Transpose <perm = [0, 2, 1, 3]> ({name})")
        elif turned == "flat":
            shapes[name] = [batch, rows, heads * size]
            shape = f"Constant <value_ints = [0, 0, {heads}, {size}]> ()"
            lines.append(f"{name}s = {shape} {name}r = Reshape ({name}, {name}s)")
            lines.append(f"{name}0 = Transpose <perm = [0, 2, 1, 3]> ({name}r)")
        elif turned == "unsqueezed":
            shapes[name] = [batch, heads * rows, size]
            shape = f"Constant <value_ints = [{batch}, {heads}, {rows}, {size}]> ()"
            lines.append(f"{name}s = {shape} {name}0 = Reshape ({name}, {name}s)")
        names.append(f"{name}0" if turned else name)
    for index in range(2):
        if draw(st.booleans()):
            operation = draw(st.sampled_from(["Mul ({0}, low)", "Div ({0}, low)", "Mul (low, {0})"]))
            lines.append(f"{names[index]}x = {operation.format(names[index])}")
            names[index] += "x"
    lines.append(f"kt = Transpose <perm = [0, 1, 3, 2]> ({names[1]}) s0 = MatMul ({names[0]}, kt)")
    scores = "s0"
    if draw(st.booleans()):
        lines.append("s1 = Div (s0, high)")
        scores = "s1"
    if draw(st.booleans()):
        shapes["m"] = draw(st.sampled_from([[keys], [queries, keys], [batch, 1, 1, keys], [1, heads, queries, keys]]))
        lines.append(f"s2 = {draw(st.sampled_from(['Add (m, {0})', 'Add ({0}, m)'])).format(scores)}")
        scores = "s2"
    lines.append(f"a = Softmax <axis = -1> ({scores}) y0 = MatMul (a, {names[2]})")
    order = draw(st.sampled_from(["", "[0, 2, 1, 3]", "[1, 0, 2, 3]", "[0, 1, 3, 2]"]))
    lines += [f"y = Transpose <perm = {order}> (y0)"] if order else []
    return Form("float", {**shapes, "low": [], "high": []}, {"low", "high"}, lines, "y" if order else "y0")


@given(attentions(), st.sampled_from(sorted(name for name, machine in MACHINES.items() if machine.has_vectors)))
def test_no_part_of_attention_is_interpreted(form, machine):
    assert not interpreted(program(form, machine, optimize=True))


def _pooled(pool, *, groups=1, channels=4, outputs=4, constants=("w",)):
    size = "kernel_shape = [2, 2], strides = [2, 2]"
    shapes = {"x": [1, channels, 7, 9], "w": [outputs, channels // groups, 3, 3]}
    lines = [f"p = Conv <group = {groups}> (x, w)", "v = Relu (p)", f"y = {pool} <{size}> (v)"]
    return Form("float", shapes, set(constants), lines, "y")


@pytest.mark.parametrize("pool", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize(
    "options",
    [{}, {"groups": 4, "outputs": 8}, {"channels": 1, "outputs": 1}, {"constants": ()}],
    ids=["windows that leave a row out", "several outputs a channel", "one channel", "weights at run time"],
)
def test_pools_are_fused_and_right(pool, options):
    form = _pooled(pool, **options)
    (step,) = [step for step in program(form, optimize=True).steps if step.node.op == "Conv"]
    assert step.native
    assert [node.op for node in step.node.body if node.op != "Transpose"] == ["Conv", "Relu", pool]
    graph = form.graph()
    inputs = {
        name: np.random.default_rng(0).standard_normal(graph.tensor(name).shape, np.float32) for name in graph.inputs
    }
    expected = run_graph(graph, inputs)["y"]
    got = mi.compile(form.model()).create_context().run(inputs)["y"]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
