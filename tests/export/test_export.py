"""What is exported compiles without a warning, and its test says whether it is right."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cli_checks import conforms
from exports import COMPILERS, SANITIZE, compiler, exit_code, export, program
from golden_files import FOLDER, hold
from onnx import TensorProto, helper, numpy_helper
from quantized_models import classifier
from stream_models import random_model
from tied import tied

from mini_infer import __version__
from mini_infer.demo import assets
from mini_infer.machine import MACHINES

LENET = str(assets.MODEL)
PLAIN = ("-pedantic",)
FILES = ["CMakeLists.txt", "README.md", "net.c", "net.h", "net.json", "net_test.c", "net_weights.c"]


def _small():
    """`y = relu(w x + b)`, and how many of its rows are positive."""
    numbers = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["p"], "product"),
            helper.make_node("Add", ["p", "b"], ["s"], "sum"),
            helper.make_node("Relu", ["s"], ["y"], "relu"),
            helper.make_node("ArgMax", ["y"], ["best"], "best", axis=1, keepdims=0),
        ],
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4]),
            helper.make_tensor_value_info("best", TensorProto.INT64, [2]),
        ],
        [numpy_helper.from_array(numbers, "w"), numpy_helper.from_array(numbers[0] / 2, "b")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _branches():
    """A branch in each of which is a kernel."""
    kind = helper.make_tensor_value_info("r", TensorProto.FLOAT, [4])
    then, otherwise = (
        helper.make_graph([helper.make_node(op, ["x"], ["r"], f"in_{op}")], op, [], [kind]) for op in ("Abs", "Neg")
    )
    graph = helper.make_graph(
        [
            helper.make_node("ReduceSum", ["x"], ["sum"], "sum", keepdims=0),
            helper.make_node("Greater", ["sum", "zero"], ["positive"], "positive"),
            helper.make_node("If", ["positive"], ["y"], "if", then_branch=then, else_branch=otherwise),
        ],
        "branches",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])],
        [numpy_helper.from_array(np.float32(0), "zero")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


MODELS = {
    "small": _small,
    "int8": lambda: classifier(np.int8),
    "uint8": lambda: classifier(np.uint8),
    "ties": tied,
    "branches": _branches,
    "streams": lambda: random_model(3),
    "others": lambda: random_model(8),
}


@pytest.mark.parametrize("with_compiler", COMPILERS)
def test_lenet(tmp_path, with_compiler):
    folder = export(LENET, tmp_path / "net")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert exit_code(program(folder, *PLAIN, with_compiler=with_compiler)) == 0
    assert exit_code(program(folder, "-DNET_STATIC_ARENA", *PLAIN, with_compiler=with_compiler)) == 0


@pytest.mark.parametrize("name", MODELS)
def test_plain(tmp_path, name):
    """C11 without extensions, whose memory is what it says."""
    folder = export(MODELS[name](), tmp_path / "net", "--optimize=memory")
    text = (folder / "net.c").read_text(encoding="utf-8")
    assert text.count("__attribute__") == 3 + text.count("define MI_RARE static __attribute__")
    assert text.count("__builtin") == text.count("MI_INFINITY __builtin") + text.count("MI_NAN __builtin") == 2
    assert exit_code(program(folder, *PLAIN, *SANITIZE)) == 0


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("target", ["generic", "cortex-m55"])
def test_vectors(tmp_path, name, target):
    folder = export(MODELS[name](), tmp_path / "net", "--target", target, "--optimize=memory")
    assert exit_code(program(folder, "-Wno-psabi")) == 0


@pytest.mark.parametrize("target", ["native", *MACHINES, "aarch64-linux-gnu"])
def test_every_machine(tmp_path, target):
    folder = export(_small(), tmp_path / "net", "--target", target)
    assert exit_code(program(folder, "-Wno-psabi")) == 0


def test_two_exports_are_the_same(tmp_path):
    one, other = (export(classifier(np.int8), tmp_path / name / "net") for name in ("one", "other"))
    for name in FILES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_a_difference_is_told(tmp_path):
    """The test fails where constants are others: by the number of the first output that is wrong."""
    folder = export(_small(), tmp_path / "net")
    path = folder / "net_weights.c"
    changed, count = re.subn(r"= \{\n    \S+", "= {\n    0x1p+9f,", path.read_text(encoding="utf-8"))
    assert count > 0
    path.write_text(changed, encoding="utf-8")
    assert exit_code(program(folder, *PLAIN)) == 2


def test_steps_can_be_watched(tmp_path):
    folder = export(LENET, tmp_path / "net")
    (folder / "hook.h").write_text("extern int seen[8];\n#define NET_STEP(number) (++seen[number])\n")
    (folder / "net_use.c").write_text(
        '#include "net.h"\nint seen[8];\nstatic _Alignas(8) uint8_t arena[NET_ARENA_BYTES];\n'
        "int main(void) {\n  static float x[784], y[10];\n  if (net_run(x, y, arena)) return 100;\n"
        "  return seen[0] + 2 * seen[1] + 4 * seen[3] + 8 * seen[4] + 16 * seen[5];\n}\n"
    )
    files = (".c", "_weights.c", "_use.c")
    made = program(folder, "-include", str(folder / "hook.h"), files=files)
    assert exit_code(made) == 1 + 2 + 4 + 8 + 16


def test_sections(tmp_path):
    folder = export(LENET, tmp_path / "net")
    words = [
        '-DNET_WEIGHTS_ATTRIBUTE=__attribute__((section("flash")))',
        '-DNET_CODE_ATTRIBUTE=__attribute__((section("fast")))',
        '-DNET_ARENA_ATTRIBUTE=__attribute__((section("ram")))',
        "-DNET_STATIC_ARENA",
    ]
    made = program(folder, *words)
    assert exit_code(made) == 0
    listed = subprocess.run([compiler("readelf"), "-SW", str(made)], capture_output=True, text=True, check=True).stdout
    assert all(f" {section} " in listed for section in ("flash", "fast", "ram"))


def test_the_header_is_one_of_cpp(tmp_path):
    folder = export(_small(), tmp_path / "net")
    source = folder / "use.cpp"
    source.write_text('#include "net.h"\nint (*run)(const float *, float *, int64_t *, void *) = net_run;\n')
    command = [compiler("g++"), "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", str(source)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_nothing_is_called_of_libc(tmp_path):
    """But for `memcpy`, by kernels that need no mathematics."""
    folder = export(LENET, tmp_path / "net", "--target", "cortex-m4")
    made = folder / "net.o"
    subprocess.run([compiler(), "-std=c11", "-O2", "-c", str(folder / "net.c"), "-o", str(made)], check=True)
    symbols = subprocess.run(
        [compiler("nm"), "-u", str(made)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in symbols if not name.startswith("net_weights_")} <= {"U", "memcpy"}


def test_state_is_the_callers(tmp_path):
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "past"], ["sum"], "add"), helper.make_node("Relu", ["sum"], ["y"], "relu")],
        "counter",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [5]) for name in ("x", "past")],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [5]) for name in ("y", "sum")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    folder = export(model, tmp_path / "net", "--state", "past=sum")
    header = (folder / "net.h").read_text(encoding="utf-8")
    assert "int net_run(const float x[5], float y[5], void *arena, void *state);" in header
    assert exit_code(program(folder, *PLAIN, *SANITIZE)) == 0


def test_golden(tmp_path):
    """Every file of a small model, on the machine that nothing is asked of."""
    folder = export(_small(), tmp_path / "net", "--target", "cortex-m4", "--time-limit=0")
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8").replace(__version__, "VERSION")
        hold(FOLDER / "export" / f"{name}.golden", text)
    assert sorted(path.name for path in (FOLDER / "export").iterdir()) == [f"{name}.golden" for name in FILES]


@pytest.mark.parametrize("name", MODELS)
def test_reports_conform(tmp_path, name):
    folder = export(MODELS[name](), tmp_path / "net")
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    conforms(report)
    weights = (folder / "net_weights.c").read_text(encoding="utf-8")
    assert re.findall(r"^_Alignas.* const \w+ (\w+)\[", weights, re.MULTILINE) == [
        each["array"] for each in report["constants"]
    ]
    assert sorted(report["files"]) == FILES


def test_cmake(tmp_path):
    folder = export(_small(), tmp_path / "net")
    cmake = compiler("cmake")
    build = str(tmp_path / "build")
    subprocess.run([cmake, "-S", str(folder), "-B", build], check=True, capture_output=True)
    subprocess.run([cmake, "--build", build, "--target", "net_test"], check=True, capture_output=True)
    assert exit_code(Path(build) / "net_test") == 0


def test_recorded_inputs(tmp_path):
    """An input of the user's is the one that is recorded."""
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.save(tmp_path / "x.npy", x)
    folder = export(_small(), tmp_path / "net", f"--input={tmp_path / 'x.npy'}")
    assert "0x0p+0f, 0x1p+0f, 0x1p+1f, 0x1.8p+1f, 0x1p+2f, 0x1.4p+2f" in (folder / "net_test.c").read_text()
