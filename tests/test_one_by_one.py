"""Batches worked on one image after the other: when that may be, and that it gives what all at once give."""

from dataclasses import replace

import numpy as np
import onnx.parser
import pytest

import mini_infer as mi
from mini_infer import frontend, passes
from mini_infer.errors import InputError, ProgramError
from mini_infer.interpreter import evaluate
from mini_infer.ir.images import dependence
from mini_infer.ir.ranges import Range
from mini_infer.machine.presets import MACHINES
from mini_infer.program.validate import validate

BATCH = {"n": Range(1, 5)}

CONVOLUTIONS = """<ir_version: 9, opset_import: ["": 18]>
g (float[n,3,12,12] x) => (float[n,4] y)
<float[8,3,3,3] w, float[4,8,3,3] v> {
    a = Conv <pads = [1, 1, 1, 1]> (x, w)
    b = Relu (a)
    c = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (b)
    d = Conv <pads = [1, 1, 1, 1]> (c, v)
    e = GlobalAveragePool (d)
    y = Flatten (e)
}"""


def model(text, **constants):
    parsed = onnx.parser.parse_model(text)
    for name, array in constants.items():
        parsed.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    return parsed


def convolutions():
    draw = np.random.default_rng(7)
    w, v = draw.standard_normal((8, 3, 3, 3), np.float32), draw.standard_normal((4, 8, 3, 3), np.float32)
    return model(CONVOLUTIONS.replace("<float[8,3,3,3] w, float[4,8,3,3] v> ", ""), w=w, v=v)


def images(count):
    return np.random.default_rng(count).standard_normal((count, 3, 12, 12), np.float32)


@pytest.mark.parametrize("threads", [1, 2])
def test_one_by_one_gives_what_each_alone_gives(threads):
    engine = mi.compile(convolutions(), dims=BATCH, threads=threads)
    alone = mi.compile(convolutions(), dims={"n": 1}, threads=threads)
    assert engine.program.images != 1
    assert engine.arena_bytes == alone.arena_bytes
    context, one = engine.create_context(), alone.create_context()
    for count in range(1, 6):
        x = images(count)
        expected = np.concatenate([one.run(x[index : index + 1])["y"] for index in range(count)])
        np.testing.assert_array_equal(context.run(x)["y"], expected)


@pytest.mark.parametrize("how", [{"interpret": True}, {"poison": True}])
def test_interpreted(how):
    engine = mi.compile(convolutions(), dims=BATCH)
    x = images(3)
    native, interpreted = engine.create_context().run(x), engine.create_context(**how).run(x)
    np.testing.assert_allclose(native["y"], interpreted["y"], rtol=1e-5, atol=1e-6)


def test_an_engine_file_keeps_them(tmp_path):
    engine = mi.compile(convolutions(), dims=BATCH)
    engine.save(tmp_path / "net.engine")
    again = mi.load(tmp_path / "net.engine")
    assert again.program.images == engine.program.images
    np.testing.assert_array_equal(
        again.create_context().run(images(4))["y"], engine.create_context().run(images(4))["y"]
    )


def test_sizes_outside_the_range():
    context = mi.compile(convolutions(), dims=BATCH).create_context()
    with pytest.raises(InputError, match="n = 6, which is not 1 to 5"):
        context.run(images(6))


def test_memory_is_all_that_counts_for_its_goal():
    """A product whose weights come from memory for each image is made at once, unless bytes alone count."""
    w = np.ones((4096, 4096), np.float32)
    text = '<ir_version: 9, opset_import: ["": 18]> g (float[n,4096] x) => (float[n,4096] y) { y = MatMul (x, w) }'
    assert mi.build(model(text, w=w), dims=BATCH, optimize="balanced").program.images == 1
    assert mi.build(model(text, w=w), dims=BATCH, optimize="memory").program.images != 1


def why(body, inputs="float[n,4,6] x", outputs="float[n,4,6] y", **constants):
    text = f'<ir_version: 9, opset_import: ["": 18]> g ({inputs}) => ({outputs}) {{ {body} }}'
    graph = frontend.read(model(text, **constants), dims=BATCH, evaluate=evaluate)
    graph = passes.run(graph, passes.simplification(evaluate, optimize=False), passes.Remarks())
    return dependence(graph, BATCH["n"].symbol("n"))


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ("y = Relu (x)", "float[n,4,6] y"),
        ("y = Add (x, x)", "float[n,4,6] y"),
        ("y = Softmax <axis = -1> (x)", "float[n,4,6] y"),
        ("y = Transpose <perm = [0, 2, 1]> (x)", "float[n,6,4] y"),
        ("y = Flatten (x)", "float[n,24] y"),
        ("y = Concat <axis = 1> (x, x)", "float[n,8,6] y"),
        ("t = Transpose <perm = [0, 2, 1]> (x) y = MatMul (x, t)", "float[n,4,4] y"),
        ("a, b = Split <axis = 1, num_outputs = 2> (x) y = Mul (a, b)", "float[n,2,6] y"),
    ],
)
def test_images_apart(body, outputs):
    assert why(body, outputs=outputs) == ""


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ("y = Softmax <axis = 0> (x)", "float[n,4,6] y"),
        ("y = CumSum (x, zero)", "float[n,4,6] y"),
        ("m = ReduceMean <keepdims = 1> (x, zeros) y = Sub (x, m)", "float[n,4,6] y"),
        ("t = Transpose <perm = [1, 0, 2]> (x) u = Relu (t) y = Transpose <perm = [1, 0, 2]> (u)", "float[n,4,6] y"),
        ("s = Slice (x, minus, least, zeros, minus) y = Add (x, s)", "float[n,4,6] y"),
    ],
)
def test_images_that_meet(body, outputs):
    constants = {
        "zero": np.array(0),
        "zeros": np.array([0]),
        "minus": np.array([-1]),
        "least": np.array([np.iinfo(np.int64).min]),
    }
    assert why(body, outputs=outputs, **{name: each for name, each in constants.items() if f"{name}" in body}) != ""


def test_rows_of_a_matrix_that_is_transposed_meet():
    assert why("t = Transpose (x) y = MatMul (x, t)", "float[n,4] x", "float[n,n] y") != ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"images": 3}, "images, which no input says"),
        ({"symbols": (), "sizes": ()}, "symbols"),
    ],
)
def test_the_validator_refuses(changes, reason):
    program = mi.build(convolutions(), dims=BATCH, target="x86-64-v3").program
    with pytest.raises(ProgramError, match=reason):
        validate(replace(program, **changes), machine=MACHINES["x86-64-v3"])


def test_steps_for_all_at_once_are_none_for_one():
    program = mi.build(convolutions(), dims=BATCH, rewrite=False, target="x86-64-v3").program
    assert program.images != 1
    with pytest.raises(ProgramError, match="lies elsewhere"):
        validate(replace(program, images=1), machine=MACHINES["x86-64-v3"])
