"""Ports of 8 bits: what the caller quantizes, and makes real, is what the model did."""

import json
import subprocess

import numpy as np
import onnx
import pytest
from cli_checks import conforms
from exports import SANITIZE, compiler, exit_code, export, program
from onnx import TensorProto, helper, numpy_helper
from quantized_models import classifier

import mini_infer as mi
from mini_infer.cli import main
from mini_infer.compiler import port_scales
from mini_infer.demo import assets
from mini_infer.ir import DType

ZEROS = {np.int8: -4, np.uint8: 131}


def _small(dtype, *, reads=1, tail=True):
    """`y = relu(x)`, quantized; x is quantized by some nodes alike, y made real at last, or not."""
    zero = numpy_helper.from_array(dtype(ZEROS[dtype]), "zero")
    scales = [numpy_helper.from_array(np.float32(value), name) for name, value in (("s", 0.0625), ("t", 0.1))]
    nodes = [helper.make_node("QuantizeLinear", ["x", "s", "zero"], [f"q{i}"], f"q{i}") for i in range(reads)]
    nodes += [
        helper.make_node("DequantizeLinear", ["q0", "s", "zero"], ["d"], "d"),
        helper.make_node("Relu", ["d"], ["r"], "relu"),
        helper.make_node("QuantizeLinear", ["r", "t", "zero"], ["p"], "p"),
        helper.make_node("DequantizeLinear", ["p", "t", "zero"], ["y"], "y"),
    ]
    kind = TensorProto.FLOAT
    outputs = [helper.make_tensor_value_info("y", kind, [2, 5])]
    for i in range(1, reads):
        nodes.append(helper.make_node("DequantizeLinear", [f"q{i}", "s", "zero"], [f"z{i}"], f"z{i}"))
        outputs.append(helper.make_tensor_value_info(f"z{i}", kind, [2, 5]))
    if not tail:
        nodes.append(helper.make_node("Neg", ["y"], ["n"], "neg"))
        outputs.append(helper.make_tensor_value_info("n", kind, [2, 5]))
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("x", kind, [2, 5])], outputs, [zero, *scales]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


MODELS = {
    **{f"small {dtype.__name__}": (lambda dtype=dtype: _small(dtype)) for dtype in ZEROS},
    "read twice": lambda: _small(np.int8, reads=2),
    "read on": lambda: _small(np.int8, tail=False),
    "classifier": lambda: classifier(np.int8),
}


@pytest.mark.parametrize("name", MODELS)
def test_answers_are_those_of_floats(name):
    model = MODELS[name]()
    whole, real = (mi.compile(model, int8_io=turned) for turned in (True, False))
    scales = port_scales(model, mi.Options(int8_io=True))
    rng = np.random.default_rng(0)
    x = {port: (3 * rng.standard_normal(kind.shape)).astype(np.float32) for port, kind in real.inputs.items()}
    given = {}
    for port, array in x.items():
        scale, zero = scales[port]
        ends = np.iinfo(whole.inputs[port].dtype.numpy)
        rounded = np.rint(array / np.float32(scale)) + zero
        given[port] = np.clip(rounded, ends.min, ends.max).astype(whole.inputs[port].dtype.numpy)
    found, expected = whole.create_context().run(given), real.create_context().run(x)
    for port, array in found.items():
        scale, zero = scales.get(port, (1.0, 0))
        meant = np.float32(scale) * (array - np.float32(zero)) if port in scales else array
        np.testing.assert_array_equal(meant, expected[port])
    assert all(kind.dtype in (DType.INT8, DType.UINT8) for kind in whole.inputs.values())
    assert ("y" in scales) == (name not in {"read on", "classifier"})


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("io", ["arena", "caller"])
def test_what_is_exported_is_right(tmp_path, name, io):
    folder = export(MODELS[name](), tmp_path / "net", "--int8-io", "--io", io)
    assert exit_code(program(folder, "-pedantic", *SANITIZE)) == 0
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    conforms(report)
    assert all(isinstance(port["zero_point"], int) for port in report["inputs"])


@pytest.mark.parametrize("dtype", ZEROS)
def test_functions_of_the_header(tmp_path, dtype):
    """Halves go to the even number, what is too large is the end of the range."""
    folder = export(_small(dtype), tmp_path / "net", "--int8-io")
    (folder / "use.c").write_text(
        '#include "net.h"\n#include <stdio.h>\nint main(void) {\n  float x;\n'
        "  while (fread(&x, 4, 1, stdin) == 1) {\n    const int n = net_quantize_x(x);\n"
        f"    const float y = net_dequantize_y(({np.dtype(dtype).name}_t)n);\n"
        "    fwrite(&n, 4, 1, stdout);\n    fwrite(&y, 4, 1, stdout);\n  }\n  return 0;\n}\n"
    )
    command = [compiler(), "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", str(folder / "use.c")]
    subprocess.run([*command, "-o", str(folder / "use")], check=True)
    x = np.concatenate([np.arange(-9_000, 9_000) / 512, [1e30, -1e30, np.inf, -np.inf]]).astype(np.float32)
    run = subprocess.run([str(folder / "use")], input=x.tobytes(), capture_output=True, check=True)
    found = np.frombuffer(run.stdout, np.int32).reshape(-1, 2)
    ends, zero = np.iinfo(dtype), ZEROS[dtype]
    numbers = np.clip(np.rint(x / np.float32(0.0625)) + zero, ends.min, ends.max).astype(np.int32)
    np.testing.assert_array_equal(found[:, 0], numbers)
    np.testing.assert_array_equal(found[:, 1].copy().view(np.float32), np.float32(0.1) * (numbers - zero).astype("f4"))


def test_without_quantization_there_is_none(tmp_path, capsys):
    assert main(["export", str(assets.MODEL), "-o", str(tmp_path / "net"), "--int8-io"]) == 2
    assert "--int8-io: no input is quantized first, and no output is made real last" in capsys.readouterr().err
    path = tmp_path / "relu.onnx"
    onnx.save(_small(np.int8), path)
    assert main(["-q", "export", str(path), "-o", str(tmp_path / "net"), "--int8-io"]) == 0
