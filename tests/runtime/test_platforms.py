"""Generated code on other machines: built for 64-bit Arm and run under qemu, built for Windows and run under wine.

Engines are data and Python's; here their C is called by a small program of its own, on one thread and on two.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from machines import shared_target
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer.codegen import generate
from mini_infer.demo.assets import MODEL
from mini_infer.errors import ToolchainError
from mini_infer.program import Turn
from mini_infer.program.abi import THREAD_POOL_BYTES
from mini_infer.toolchain import Target, build, find

ARM_LIBRARIES = Path("/usr/aarch64-linux-gnu")
"""Where Debian's libc6-arm64-cross keeps the C library that the program needs."""

FILES = r"""
#if defined(_WIN32)
#define SYSTEM(result) __declspec(dllimport) result __stdcall
#define IMPORT __declspec(dllimport)
SYSTEM(void *) CreateFileA(const char *, unsigned, unsigned, void *, unsigned, unsigned, void *);
SYSTEM(int) ReadFile(void *, void *, unsigned, unsigned *, void *);
SYSTEM(int) WriteFile(void *, const void *, unsigned, unsigned *, void *);
SYSTEM(int) CloseHandle(void *);
SYSTEM(void) ExitProcess(unsigned);
static int get(const char *path, void *bytes, unsigned size) {
    void *file = CreateFileA(path, 0x80000000u, 1, 0, 3, 0, 0);
    unsigned done = 0;
    return ReadFile(file, bytes, size, &done, 0) && CloseHandle(file) && done == size;
}
static int put(const char *path, const void *bytes, unsigned size) {
    void *file = CreateFileA(path, 0x40000000u, 0, 0, 2, 0, 0);
    unsigned done = 0;
    return WriteFile(file, bytes, size, &done, 0) && CloseHandle(file) && done == size;
}
int main(void);
void wWinMainCRTStartup(void) { ExitProcess((unsigned)main()); }
void __main(void) {} /* called by main, for constructors */
#else
#define IMPORT extern
#include <stdio.h>
static int get(const char *path, void *bytes, unsigned size) {
    FILE *file = fopen(path, "rb");
    return file && fread(bytes, 1, size, file) == size && !fclose(file);
}
static int put(const char *path, const void *bytes, unsigned size) {
    FILE *file = fopen(path, "wb");
    return file && fwrite(bytes, 1, size, file) == size && !fclose(file);
}
#endif
"""


def mobile() -> onnx.ModelProto:
    """A first convolution, an inverted residual, a mean and a classifier."""
    rng = np.random.default_rng(0)
    shapes = {
        "stem": (16, 3, 3, 3),
        "expand": (48, 16, 1, 1),
        "depthwise": (48, 1, 3, 3),
        "project": (16, 48, 1, 1),
        "classes": (16, 10),
    }
    weights = [
        numpy_helper.from_array((rng.standard_normal(shape) / 4).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    six = [numpy_helper.from_array(np.array(bound, np.float32), name) for name, bound in (("low", 0), ("high", 6))]
    nodes = [
        helper.make_node("Conv", ["x", "stem"], ["c0"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Clip", ["c0", "low", "high"], ["h0"]),
        helper.make_node("Conv", ["h0", "expand"], ["c1"]),
        helper.make_node("Clip", ["c1", "low", "high"], ["h1"]),
        helper.make_node("Conv", ["h1", "depthwise"], ["c2"], group=48, pads=[1, 1, 1, 1]),
        helper.make_node("Clip", ["c2", "low", "high"], ["h2"]),
        helper.make_node("Conv", ["h2", "project"], ["c3"]),
        helper.make_node("Add", ["c3", "h0"], ["h3"]),
        helper.make_node("GlobalAveragePool", ["h3"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "classes"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "mobile",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        [*weights, *six],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def quantized() -> onnx.ModelProto:
    """The same without a classifier, in 8 bits: signed ones between the first convolution and the next."""
    rng = np.random.default_rng(0)
    constants = {"s": np.float32(0.02), "w": np.float32(0.01), "u": np.uint8(120), "i": np.int8(-3), "none": np.int8(0)}
    shapes = {"stem": (16, 3, 3, 3), "depthwise": (16, 1, 3, 3), "project": (16, 16, 1, 1)}
    constants |= {name: rng.integers(-90, 90, shape, dtype=np.int8) for name, shape in shapes.items()}
    constants |= {f"{name}_bias": rng.integers(-999, 999, 16, dtype=np.int32) for name in shapes}

    def conv(x, x_zero, weights, y, y_zero, **attributes):
        inputs = [x, "s", x_zero, weights, "w", "none", "s", y_zero, f"{weights}_bias"]
        return helper.make_node("QLinearConv", inputs, [y], **attributes)

    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "u"], ["q"]),
        conv("q", "u", "stem", "c0", "i", strides=[2, 2], pads=[1, 1, 1, 1]),
        conv("c0", "i", "depthwise", "c1", "u", group=16, pads=[1, 1, 1, 1]),
        conv("c1", "u", "project", "c2", "u"),
        helper.make_node("QLinearAdd", ["c2", "s", "u", "c1", "s", "u", "s", "u"], ["sum"], domain="com.microsoft"),
        helper.make_node("DequantizeLinear", ["sum", "s", "u"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "quantized",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 21, 23])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 16, 11, 12])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


@dataclass(frozen=True)
class Platform:
    """A machine that is not this one: how to link a program for it, and what runs it."""

    target: Target
    program: str
    links: tuple[str, ...]
    runner: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def zig():
    try:
        return find("zig")
    except ToolchainError:
        pytest.skip("only zig builds for other machines")


@pytest.fixture(scope="module")
def arm():
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if qemu is None or not ARM_LIBRARIES.is_dir():
        pytest.skip("needs qemu-user and libc6-arm64-cross")
    runner = (qemu, "-L", str(ARM_LIBRARIES), "-E", "LD_LIBRARY_PATH=.")
    return Platform(Target.parse("aarch64-linux-gnu"), "program", (), runner)


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    wine = shutil.which("wine64") or shutil.which("wine")
    if wine is None:
        pytest.skip("needs wine")
    links = ("-nostdlib", "-lkernel32")  # its run-time library takes zig a minute and a half
    environment = {
        "WINEPREFIX": str(tmp_path_factory.mktemp("wine")),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "DISPLAY": "",
    }
    return Platform(Target.parse("x86_64-windows-gnu+v3"), "program.exe", links, (wine,), environment)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ["lenet5", "mobile", "mobile in streams", "quantized"])
@pytest.mark.parametrize("machine", ["arm", "windows"])
def test_another_machine_computes_the_same(request, machine, name, threads, zig, tmp_path):
    platform = request.getfixturevalue(machine)
    platform = replace(platform, target=shared_target(platform.target))
    model = onnx.load(MODEL) if name == "lenet5" else quantized() if name == "quantized" else mobile()
    x, wanted = expected(model)
    streams = name == "mobile in streams"
    (got,) = run(platform, zig, model, [x], threads, tmp_path, streams=streams)
    tolerance = 0 if name == "quantized" else 1e-5
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


def expected(model):
    """An input, and what the interpreter makes of it."""
    engine = mi.compile(model, compiler="none")
    (port,) = engine.program.inputs
    x = np.random.default_rng(1).random(port.type.shape, dtype=np.float32)
    (wanted,) = engine.create_context().run({port.name: x}).values()
    return x, wanted


def run(platform, zig, model, inputs, threads, folder, *, streams=False):
    """Build the model's C and a program around it for the platform, and run that."""
    artifact = mi.build(model, target=platform.target, threads=threads, optimize="memory" if streams else "balanced")
    program, constants = artifact.program, artifact.constants
    assert not streams or any(
        isinstance(run, Turn) for step in program.steps if step.stream for run in step.stream.runs
    )
    source = generate(program, artifact.plan, platform.target.machine, threads=threads)
    (segment,) = source.segments
    assert segment.parallel == (threads > 1)
    library = folder / f"library{platform.target.library_suffix}"
    shutil.copy(build(source.files, zig, platform.target), library)
    outputs = [np.empty(port.type.shape, np.float32) for port in program.outputs]
    text = FILES + main(segment, constants.nbytes, artifact.arena_bytes, inputs, outputs)
    (folder / "main.c").write_text(text)
    (folder / "constants.bin").write_bytes(constants.tobytes())
    for number, array in enumerate(inputs):
        (folder / f"input{number}.bin").write_bytes(array.tobytes())
    command = [*zig.command, "-target", platform.target.triple, "-O1", "main.c", library.name]
    subprocess.run([*command, *platform.links, "-o", platform.program], cwd=folder, check=True, capture_output=True)
    answer = subprocess.run(
        [*platform.runner, f"./{platform.program}"],
        cwd=folder,
        env={**os.environ, **platform.environment},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr.decode(errors="replace")
    return [
        np.fromfile(folder / f"output{number}.bin", np.float32).reshape(array.shape)
        for number, array in enumerate(outputs)
    ]


def main(segment, constants, arena, inputs, outputs):
    """The program: read, run twice, since threads are made at the first run only, and write."""
    arrays = {"constants": constants, "arena": arena}
    arrays |= {f"input{number}": array.nbytes for number, array in enumerate(inputs)}
    arrays |= {f"output{number}": array.nbytes for number, array in enumerate(outputs)}
    read = [name for name in arrays if name.startswith(("constants", "input"))]
    pool = ", pool" if segment.parallel else ""
    return "\n".join(
        [
            f"IMPORT int {segment.symbol}(const void **, void **, const void *, void *{', void *' if pool else ''});",
            *([f"IMPORT const long {THREAD_POOL_BYTES};", "static _Alignas(64) char pool[1 << 16];"] if pool else []),
            *(f"static _Alignas(64) char {name}[{size}];" for name, size in arrays.items()),
            "int main(void) {",
            f"  const void *in[] = {{{', '.join(name for name in arrays if name.startswith('input'))}}};",
            f"  void *out[] = {{{', '.join(name for name in arrays if name.startswith('output'))}}};",
            *(f'  if (!get("{name}.bin", {name}, sizeof {name})) return 2;' for name in read),
            *([f"  if ({THREAD_POOL_BYTES} > (long)sizeof pool) return 3;"] if pool else []),
            *[f"  if ({segment.symbol}(in, out, constants, arena{pool})) return 4;"] * 2,
            *(f'  if (!put("output{i}.bin", output{i}, sizeof output{i})) return 5;' for i in range(len(outputs))),
            "  return 0;",
            "}",
        ]
    )
