"""What `export` refuses, and what it leaves behind: nothing."""

import shutil

import numpy as np
import onnx
import pytest
from cli_checks import save
from onnx import TensorProto, helper


@pytest.fixture
def folder(tmp_path):
    """Where an export goes; what is around it was there before."""
    (tmp_path / "around").mkdir()
    return tmp_path / "around" / "net"


def _model(path, *nodes, shape=(1, 4), kind=TensorProto.FLOAT, made=None):
    graph = helper.make_graph(
        list(nodes) or [helper.make_node("Relu", ["x"], ["y"], "relu")],
        "model",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", made or kind, None)],
    )
    return save(graph, path)


def test_the_answer(command, lenet, folder):
    answer = command("export", lenet.model, "-o", folder)
    assert (answer.status, answer.errors) == (0, [])
    assert f"{folder}: lenet5 for portable, 6 steps" in answer.out
    assert "constants  179,640 bytes in 10 arrays" in answer.out
    assert sorted(path.name for path in folder.iterdir())[:3] == ["CMakeLists.txt", "README.md", "lenet5.c"]


def test_the_report_is_the_answer(record, lenet, folder):
    answer = record("export", lenet.model, "-o", folder, "--target=cortex-m4", "--name=digits")
    assert (answer["name"], answer["target"], answer["plain"]) == ("digits", "cortex-m4", True)
    assert answer["ram_bytes"] == answer["arena_bytes"]
    assert answer["constant_bytes"] == sum(each["bytes"] for each in answer["constants"])
    assert {path.name for path in folder.iterdir()} == set(answer["files"])


def _refused(command, folder, status, *words):
    """Run it, and return what it says; nothing is written."""
    before = sorted(folder.parent.rglob("*"))
    answer = command("export", *words, "-o", folder)
    assert answer.status == status
    assert sorted(folder.parent.rglob("*")) == before
    (line,) = answer.errors
    return line


def test_limits(command, lenet, folder):
    said = _refused(command, folder, 5, lenet.model, "--flash=64K")
    assert "--flash 65536: the constants alone take 179640 bytes" in said
    assert "122880" in said  # of the first product
    said = _refused(command, folder, 5, lenet.model, "--ram=2K")
    assert "--ram 2048" in said
    assert "'input' 3136" in said
    said = _refused(command, folder, 5, lenet.model, "--ram=4K")
    assert "inputs, outputs and state take 3176 bytes; beside them, no plan within 920 bytes was found" in said
    assert command("export", lenet.model, "-o", folder, "--ram=32K", "--flash=256K").status == 0


def test_open_sizes(command, tiny, folder):
    said = _refused(command, folder, 4, tiny, "--dim=N=1..8")
    assert "sizes are open: N" in said
    assert "--dim N=" in said
    assert command("export", tiny, "-o", folder, "--dim=N=2").status == 0


def test_steps_without_kernels(command, tmp_path, folder):
    node = helper.make_node("Unique", ["x"], ["y"], "distinct")
    said = _refused(command, folder, 4, _model(tmp_path / "model.onnx", node))
    assert "1 of 1 steps have no kernel in C: step 0, Unique 'distinct': " in said


def test_types_without_names_in_c(command, tmp_path, folder):
    model = _model(tmp_path / "model.onnx", helper.make_node("Identity", ["x"], ["y"], "same"), kind=TensorProto.STRING)
    assert "string" in _refused(command, folder, 4, model)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target=cortex-m5"], "no machine is called 'cortex-m5'"),
        (["--target=cortex_m4"], "did you mean cortex-m4"),
        (["--name=2fast"], "--name '2fast'"),
        (["--name=int"], "--name 'int'"),
        (["--ram=many"], "is no number of bytes"),
        (["--threads=2"], "--threads is for --library"),
        (["--weights=bin", "--weights=beside"], "give one type, and one place"),
        (["--sizes", "--library"], "--sizes is for C"),
        (["--weights=bin", "--library"], "--weights bin is for C; those of a --library lie inside or beside"),
    ],
)
def test_options_without_sense(command, lenet, folder, words, said):
    assert said in _refused(command, folder, 2, lenet.model, *words)


def test_sizes_need_a_compiler(command, lenet, folder, monkeypatch, tmp_path):
    """One that is known for the machine, is there, and works."""
    words = (lenet.model, "--sizes", "--target=cortex-m4")
    assert "no compiler is known for rv32imc" in _refused(command, folder, 4, *words[:2], "--target=rv32imc")
    program = tmp_path / "failing"
    program.write_text("#!/bin/sh\necho 'lenet5.c:1:1: error: no' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(program))
    said = _refused(command, folder, 1, *words)
    assert said.endswith("--sizes: arm-none-eabi-gcc fails: lenet5.c:1:1: error: no")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    said = _refused(command, folder, 1, *words)
    assert said.endswith("there is no arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi")


def test_engines(command, lenet, folder, tmp_path):
    assert command("compile", lenet.model, "-o", tmp_path / "net.engine", "--compiler=none").status == 0
    assert "is an engine" in _refused(command, folder, 2, tmp_path / "net.engine")


def test_what_is_there_is_spared(command, lenet, folder):
    folder.mkdir()
    (folder / "README.md").write_text("mine\n")
    assert "has a README.md that no export wrote" in _refused(command, folder, 2, lenet.model)
    (folder / "README.md").rename(folder / "notes.md")
    assert command("export", lenet.model, "-o", folder).status == 0
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command("export", lenet.model, "-o", folder).status == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert (folder / "notes.md").read_text() == "mine\n"


def test_places_that_are_none(command, lenet, folder):
    folder.write_text("a file\n")
    assert "is a file" in _refused(command, folder, 2, lenet.model)
    missing = folder.parent / "missing" / "net"
    answer = command("export", lenet.model, "-o", missing)
    assert (answer.status, len(answer.errors)) == (3, 1)
    assert not missing.parent.exists()


def test_a_failure_leaves_nothing(command, lenet, folder, monkeypatch):
    """The disk is full when the third file is written."""
    from mini_infer.export import folder as module

    write, written = module.write_atomically, []

    def full(path, pieces):
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return write(path, pieces)

    monkeypatch.setattr(module, "write_atomically", full)
    assert "No space left on device" in _refused(command, folder, 3, lenet.model)


def test_names_of_the_model(command, tmp_path, folder):
    """Names that C does not take, and one that the header has."""
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["Arena", "a/b:0"], ["int"], "add"),
            helper.make_node("Abs", ["int"], ["A.B.0"], "abs"),
        ],
        "names",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("Arena", "a/b:0")],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("int", "A.B.0")],
    )
    model = save(graph, tmp_path / "2 names*.onnx")
    assert command("export", model, "-o", folder).status == 0
    header = (folder / "m_2_names.h").read_text()
    run = (
        "int m_2_names_run(const float arena_2[2], const float a_b_0[2], float int_[2], float a_b_0_2[2], void *arena);"
    )
    assert run in header


def test_numbers_that_have_no_constant(command, tmp_path, folder):
    """Infinities and NaN come out as they went in."""
    node = helper.make_node("Add", ["x", "c"], ["y"], "add")
    graph = helper.make_graph(
        [node],
        "special",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])],
        [onnx.numpy_helper.from_array(np.array([np.inf, np.nan, -np.inf], np.float32), "c")],
    )
    assert command("export", save(graph, tmp_path / "special.onnx"), "-o", folder).status == 0
    assert (
        "uint32_t special_weights_0[3] = {\n    2139095040u, 2143289344u, 4286578688u}"
        in (folder / "special_weights.c").read_text()
    )
