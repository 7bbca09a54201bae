"""Inputs and outputs that lie in the arena: planned with it, and where the header says."""

import json
import subprocess

import numpy as np
import pytest
from cli_checks import conforms
from exports import SANITIZE, compiler, exit_code, export, program
from onnx import TensorProto, helper
from quantized_models import classifier
from stream_models import random_model
from tied import tied

from mini_infer.cli import main
from mini_infer.demo import assets

LENET = str(assets.MODEL)
LENET_RAM = 6_592
"""Bytes of the input, of what the first convolution makes of it, and of nothing else."""


def _model(nodes, inputs, outputs, opset=18):
    values = [
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in ports] for ports in (inputs, outputs)
    ]
    graph = helper.make_graph(nodes, "small", *values)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def _alone():
    """Outputs that are an input, one output twice, and an output that others read."""
    nodes = [
        helper.make_node("Relu", ["weights_0"], ["run"], "relu"),
        helper.make_node("Neg", ["run"], ["arena"], "neg"),
        helper.make_node("Identity", ["weights_0"], ["same"], "same"),
        helper.make_node("Reshape", ["run", "shape"], ["flat"], "flat"),
        helper.make_node("Concat", ["run", "arena"], ["both"], "both", axis=0),
    ]
    kind = TensorProto.FLOAT
    outputs = [("run", kind, [3, 4]), ("arena", kind, [3, 4]), ("same", kind, [3, 4]), ("flat", kind, [12])]
    model = _model(nodes, [("weights_0", kind, [3, 4]), ("unused", kind, [5])], [*outputs, ("both", kind, [6, 4])])
    model.graph.initializer.append(helper.make_tensor("shape", TensorProto.INT64, [1], [12]))
    return model


def _half():
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"], "add")]
    kind = TensorProto.FLOAT16
    return _model(nodes, [("a", kind, [7]), ("b", kind, [7])], [("sum", kind, [7])])


MODELS = {
    "lenet": lambda: LENET,
    "alone": _alone,
    "half": _half,
    "int8": lambda: classifier(np.int8),
    "ties": tied,
    "streams": lambda: random_model(3),
    "others": lambda: random_model(8),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_output_is_right(tmp_path, name):
    folder = export(MODELS[name](), tmp_path / "net", "--io=arena", "--optimize=memory")
    plain = () if name == "half" else ("-pedantic",)  # there is no _Float16 in C11
    assert exit_code(program(folder, *plain, *SANITIZE)) == 0
    assert exit_code(program(folder, "-DNET_STATIC_ARENA", *plain)) == 0
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    conforms(report)
    assert report["io"] == "arena"
    assert report["ram_bytes"] == report["arena_bytes"] + report["state_bytes"]
    for port in (*report["inputs"], *report["outputs"]):
        assert port["offset"] + port["bytes"] <= report["arena_bytes"]


@pytest.mark.parametrize("target", ["cortex-m0plus", "cortex-m4", "rv32imc"])
def test_boards_have_them_in_the_arena(tmp_path, target):
    folder = export(LENET, tmp_path / "net", "--target", target)
    text = (folder / "net.h").read_text(encoding="utf-8")
    assert "int net_run(void *arena);" in text
    assert "static inline float *net_input(void *arena)" in text
    assert "static inline const float *net_logits(const void *arena)" in text
    assert json.loads((folder / "net.json").read_text(encoding="utf-8"))["ram_bytes"] == LENET_RAM


@pytest.mark.parametrize("target", ["portable", "generic", "native"])
def test_elsewhere_they_are_the_callers(tmp_path, target):
    folder = export(LENET, tmp_path / "net", "--target", target)
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    assert report["io"] == "caller"
    assert not any("offset" in port for port in (*report["inputs"], *report["outputs"]))
    board = export(LENET, tmp_path / "board", "--target", "cortex-m4", "--io=caller")
    assert "int net_run(const float input[784], float logits[10], void *arena);" in (board / "net.h").read_text()


def test_the_limit_is_of_the_arena(tmp_path, capsys):
    words = ["export", LENET, "--target=cortex-m4"]
    assert main([*words, "-o", str(tmp_path / "fits"), f"--ram={LENET_RAM}"]) == 0
    assert main([*words, "-o", str(tmp_path / "not"), f"--ram={LENET_RAM - 1}"]) == 5
    assert f"--ram {LENET_RAM - 1}: no plan within {LENET_RAM - 1:,} bytes was found" in capsys.readouterr().err
    assert not (tmp_path / "not").exists()


def test_it_runs_again_when_inputs_are_given_anew(tmp_path):
    """In C++, and with inputs that the first run wrote over."""
    folder = export(LENET, tmp_path / "net", "--target=cortex-m4")
    (folder / "use.cpp").write_text(
        '#include "net.h"\n#include <cstring>\n'
        "alignas(NET_ARENA_ALIGN) static uint8_t arena[NET_ARENA_BYTES];\n"
        "static void fill(float by) {\n"
        "  for (unsigned i = 0; i < NET_INPUT_ELEMENTS; ++i) net_input(arena)[i] = by * static_cast<float>(i % 7);\n}\n"
        "int main() {\n  float first[NET_LOGITS_ELEMENTS];\n  fill(0.125f);\n  if (net_run(arena)) return 1;\n"
        "  std::memcpy(first, net_logits(arena), sizeof first);\n  fill(0.25f);\n  if (net_run(arena)) return 2;\n"
        "  if (std::memcmp(first, net_logits(arena), sizeof first) == 0) return 3;\n"
        "  fill(0.125f);\n  if (net_run(arena)) return 4;\n"
        "  return std::memcmp(first, net_logits(arena), sizeof first) ? 5 : 0;\n}\n"
    )
    objects = []
    for name in ("net", "net_weights"):
        objects.append(str(folder / f"{name}.o"))
        subprocess.run([compiler(), "-O2", "-c", str(folder / f"{name}.c"), "-o", objects[-1]], check=True)
    made = folder / "use"
    strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run([compiler("g++"), *strict, str(folder / "use.cpp"), *objects, "-o", str(made)], check=True)
    assert exit_code(made) == 0
