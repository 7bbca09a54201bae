"""Constants in one file instead of arrays: the same bytes, at the places that the report names."""

import json
import re
import subprocess

import numpy as np
import pytest
from cli_checks import conforms
from exports import SANITIZE, compiler, exit_code, export, program
from onnx import TensorProto, helper
from quantized_models import classifier
from stream_models import random_model

from mini_infer.demo import assets

LENET = str(assets.MODEL)
FILES = (".c", "_test.c")
NAMES = ["CMakeLists.txt", "README.md", "net.c", "net.h", "net.json", "net_test.c", "net_weights.bin"]
MODELS = {
    "lenet": lambda: LENET,
    "int8": lambda: classifier(np.int8),
    "float16": lambda: LENET,
    "streams": lambda: random_model(3),
}
WORDS = {"float16": ("--weights=float16",)}


def _in_file(tmp_path, model, *words):
    return export(model, tmp_path / "net", "--weights=bin", *words)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("io", ["caller", "arena"])
def test_plain(tmp_path, name, io):
    folder = _in_file(tmp_path, MODELS[name](), f"--io={io}", *WORDS.get(name, ()))
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    for words in ((), ("-DNET_STATIC_ARENA",)):
        made = program(folder, "-pedantic", *SANITIZE, *words, files=FILES)
        assert exit_code(made, folder / "net_weights.bin") == 0


def test_vectors(tmp_path):
    """Where constants must begin at whole vectors."""
    folder = _in_file(tmp_path, LENET, "--target=generic")
    made = program(folder, "-Wno-psabi", *SANITIZE, files=FILES)
    assert exit_code(made, folder / "net_weights.bin") == 0


@pytest.mark.parametrize(("words", "alignment"), [(["--target=cortex-m4"], 8), (["--alignment=128"], 128)])
def test_every_constant_is_where_the_report_says(tmp_path, words, alignment):
    """The same bytes as the arrays' elements have, at multiples of the alignment."""
    folder = _in_file(tmp_path, LENET, *words)
    arrays = export(LENET, tmp_path / "arrays", *words)
    report, other = (json.loads((each / "net.json").read_text(encoding="utf-8")) for each in (folder, arrays))
    conforms(report)
    assert (report["weights"], other["weights"]) == ("bin", "arrays")
    content = (folder / "net_weights.bin").read_bytes()
    header = (folder / "net.h").read_text(encoding="utf-8")
    assert report["constant_bytes"] == len(content)
    assert f"#define NET_WEIGHTS_BYTES {len(content)}u\n#define NET_WEIGHTS_ALIGN {alignment}u\n" in header
    text = (arrays / "net_weights.c").read_text(encoding="utf-8")
    for each in report["constants"]:
        assert each["offset"] % alignment == 0
        written = re.search(rf"_Alignas.* {each['array']}\[\d+\] = {{\n([^}}]*)}}", text)[1]
        numbers = [float.fromhex(number.rstrip("f")) for number in re.split(r",\s*", written.strip())]
        found = np.frombuffer(content, each["type"], int(np.prod(each["shape"])), each["offset"])
        assert np.array_equal(found, np.array(numbers, found.dtype))
    assert [each["bytes"] for each in report["constants"]] == [each["bytes"] for each in other["constants"]]


def test_two_exports_are_the_same(tmp_path):
    one, other = (_in_file(tmp_path / name, classifier(np.int8)) for name in ("one", "other"))
    for name in NAMES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    again = _in_file(tmp_path / "one", classifier(np.int8))  # its own files are written over
    assert (again / "net_weights.bin").read_bytes() == (other / "net_weights.bin").read_bytes()


def test_files_that_are_others(tmp_path):
    """No file, one too short or too long, one of other weights; and one whose head alone is right."""
    folder = _in_file(tmp_path, LENET)
    made = program(folder, files=FILES)
    right = (folder / "net_weights.bin").read_bytes()
    wrong = tmp_path / "wrong.bin"
    assert exit_code(made) == exit_code(made, wrong) == 1
    for content in (b"", right[:-1], right + b"\0", right[:40] + b"0000" + right[44:]):
        wrong.write_bytes(content)
        assert exit_code(made, wrong) == 1
    wrong.write_bytes(right[:64] + bytes(len(right) - 64))
    assert exit_code(made, wrong) == 2


def test_an_address_instead_of_a_file(tmp_path):
    """As on a board, which has them in flash."""
    folder = _in_file(tmp_path, LENET)
    assembly = folder / "flash.s"
    assembly.write_text(
        f'.section .rodata\n.globl flash\n.balign 8\nflash: .incbin "{folder / "net_weights.bin"}"\n'
        '.section .note.GNU-stack,"",%progbits\n'
    )
    (folder / "flash.h").write_text("extern const unsigned char flash[];\n")
    words = ("-DNET_TEST_WEIGHTS=flash", "-include", str(folder / "flash.h"), str(assembly))
    assert exit_code(program(folder, "-pedantic", *words, files=FILES)) == 0


def test_state_and_weights(tmp_path):
    folder = _in_file(tmp_path, _counter(), "--state", "past=sum")
    declared = "int net_run(const float x[5], float y[5], void *arena, void *state, const void *weights);"
    assert declared in (folder / "net.h").read_text(encoding="utf-8")
    made = program(folder, "-pedantic", *SANITIZE, files=FILES)
    assert exit_code(made, folder / "net_weights.bin") == 0


def _counter():
    """A model that has no weights: the file is a head."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "past"], ["sum"], "add"), helper.make_node("Relu", ["sum"], ["y"], "relu")],
        "counter",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [5]) for name in ("x", "past")],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [5]) for name in ("y", "sum")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_the_header_is_one_of_cpp(tmp_path):
    folder = _in_file(tmp_path, LENET)
    source = folder / "use.cpp"
    source.write_text('#include "net.h"\nint (*run)(const float *, float *, void *, const void *) = net_run;\n')
    command = [compiler("g++"), "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", str(source)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_cmake(tmp_path):
    folder = _in_file(tmp_path, LENET)
    cmake, build = compiler("cmake"), tmp_path / "build"
    subprocess.run([cmake, "-S", str(folder), "-B", str(build)], check=True, capture_output=True)
    subprocess.run([cmake, "--build", str(build), "--target", "net_test"], check=True, capture_output=True)
    assert exit_code(build / "net_test", folder / "net_weights.bin") == 0
