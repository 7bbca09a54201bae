"""What `export --library` says and refuses, and what it leaves behind: nothing."""

import onnx
import pytest
from cli_checks import conforms, save
from onnx import TensorProto, helper

from mini_infer.toolchain import find, host

HERE = f"{host.arch()}-{host.system()}"

pytestmark = pytest.mark.skipif(find() is None or host.system() != "linux", reason="needs a C compiler on Linux")


@pytest.fixture
def folder(tmp_path):
    """Where an export goes; what is around it was there before."""
    (tmp_path / "around").mkdir()
    return tmp_path / "around" / "net"


def _refused(command, folder, status, *words):
    """Run it, and return what it says; nothing is written."""
    before = sorted(folder.parent.rglob("*"))
    answer = command("export", "--library", *words, "-o", folder)
    assert answer.status == status
    assert sorted(folder.parent.rglob("*")) == before
    (line,) = answer.errors
    return line


def test_the_answer(command, lenet, folder):
    answer = command("export", "--library", lenet.model, "-o", folder, "--name=digits")
    assert (answer.status, answer.errors) == (0, [])
    assert f"{folder}: digits, " in answer.out
    assert f"  {HERE}, by " in answer.out
    assert f"  lib/{HERE}/libdigits.so " in answer.out
    assert {path.name for path in (folder / "include").iterdir()} == {"digits.h", "digits.hpp"}


def test_the_report_is_the_answer(record, lenet, folder):
    words = ("--target=x86_64-linux-musl+v3", "--target=x86_64-linux-musl+v4", "--weights=beside", "--threads=2")
    answer = record("export", "--library", lenet.model, "-o", folder, *words)
    conforms(answer)
    assert (answer["weights"], answer["threads"], answer["name"]) == ("beside", 2, "lenet5")
    (system,) = answer["systems"]
    assert system["system"] == "x86_64-linux-musl"
    assert [edition["target"] for edition in system["editions"]] == [
        f"x86_64-linux-musl+{level}" for level in ("v4", "v3")
    ]
    assert {edition["threads"] for edition in system["editions"]} == {1}  # LeNet-5 is too small to share
    place = folder / "lib/x86_64-linux-musl"
    assert {each["name"]: each["bytes"] for each in system["files"]} == {
        path.name: path.stat().st_size for path in place.iterdir() if path.is_file()
    }
    assert (place / "lenet5.weights").stat().st_size == 4096 + system["weight_bytes"]
    assert answer["context_bytes"] >= answer["arena_bytes"] + answer["state_bytes"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--ram=64K"], "--ram is for boards"),
        (["--flash=64K"], "--flash is for boards"),
        (["--target=cortex-m4"], "none can be built for cortex-m4"),
        (["--target=x86_64-linux+v3", "--target=x86_64-linux+v3"], "is given twice"),
        (["--target=nowhere"], "target 'nowhere'"),
        (["--name=int"], "--name 'int'"),
        (["--weights=elsewhere"], "invalid choice: 'elsewhere'"),
        (["--threads=0"], "'0'"),
    ],
)
def test_options_without_sense(command, lenet, folder, words, said):
    assert said in _refused(command, folder, 2, lenet.model, *words)


def test_a_compiler_is_needed(command, lenet, folder):
    said = _refused(command, folder, 1, lenet.model, "--compiler=none")
    assert said.endswith("a library needs a C compiler, and there is none: pip install ziglang")
    said = _refused(command, folder, 1, lenet.model, "--compiler=gcc", "--target=aarch64-linux")
    assert "builds for this machine only" in said


@pytest.mark.parametrize("words", [["--weights=beside"], ["--threads=2"], ["--compiler=gcc"], ["--memory-limit=1M"]])
def test_what_only_libraries_take(command, lenet, folder, words):
    answer = command("export", lenet.model, "-o", folder, *words)
    assert answer.status == 2
    assert f"{words[0].partition('=')[0]} " in answer.errors[0]
    assert "is for --library" in answer.errors[0]
    assert not folder.exists()


def test_boards_have_one_target(command, lenet, folder):
    answer = command("export", lenet.model, "-o", folder, "--target=cortex-m4", "--target=cortex-m7")
    assert answer.status == 2
    assert "--target is given twice" in answer.errors[0]


def test_what_cannot_be_exported(command, tiny, folder, tmp_path):
    assert "sizes are open: N" in _refused(command, folder, 4, tiny, "--dim=N=1..8")
    graph = helper.make_graph(
        [helper.make_node("Unique", ["x"], ["y"], "distinct")],
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    said = _refused(command, folder, 4, save(graph, tmp_path / "model.onnx"))
    assert "1 of 1 steps have no kernel in C: step 0, Unique 'distinct': " in said


def test_limits(command, lenet, folder):
    assert "no plan within 1,024 bytes was found" in _refused(command, folder, 5, lenet.model, "--memory-limit=1K")


def test_what_is_there_is_spared(command, lenet, folder):
    """Over an earlier export it writes; over anything else it does not."""
    assert command("export", "--library", lenet.model, "-o", folder).status == 0
    first = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / "notes.md").write_text("mine\n")
    assert command("export", "--library", lenet.model, "-o", folder).status == 0
    assert {path: path.read_bytes() for path in first} == first
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    library = folder / f"lib/{HERE}/liblenet5.so"
    library.write_bytes(b"somebody's")
    assert "has a liblenet5.so that no export wrote" in _refused(command, folder, 2, lenet.model)
    assert library.read_bytes() == b"somebody's"
    library.write_bytes(b"")
    assert "has a liblenet5.so that no export wrote" in _refused(command, folder, 2, lenet.model)


def test_a_file_where_a_folder_goes(command, lenet, folder):
    folder.mkdir()
    (folder / "lib").write_text("mine\n")
    assert "has a lib that no export wrote" in _refused(command, folder, 2, lenet.model)


def test_weights_that_no_library_holds(command, lenet, folder, monkeypatch):
    from mini_infer.export.library import weights

    monkeypatch.setattr(weights, "_MOST_INSIDE", 100_000)
    said = _refused(command, folder, 5, lenet.model)
    assert "a library holds 100000 at most: --weights beside" in said
    assert command("export", "--library", lenet.model, "-o", folder, "--weights=beside").status == 0


def test_names_of_the_model(command, tmp_path, folder):
    """Names that C, C++ or Rust does not take."""
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["context", "fn"], ["s"], "add"),
            helper.make_node("Cast", ["s"], ["class"], "cast", to=TensorProto.FLOAT16),
            helper.make_node("Greater", ["context", "fn"], ["a/b"], "greater"),
        ],
        "names",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("context", "fn")],
        [
            helper.make_tensor_value_info("class", TensorProto.FLOAT16, [2]),
            helper.make_tensor_value_info("a/b", TensorProto.BOOL, [2]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, tmp_path / "2 names.onnx")
    assert command("export", "--library", tmp_path / "2 names.onnx", "-o", folder).status == 0
    header = (folder / "include/m_2_names.h").read_text()
    assert (
        "int m_2_names_run(const float context_2[2], const float fn[2], uint16_t class_[2], uint8_t a_b[2], "
        "m_2_names_context *context);" in header
    )
    assert (
        "fn m_2_names_run(in_0: *const f32, in_1: *const f32, out_0: *mut u16, out_1: *mut u8, "
        in (folder / "examples/m_2_names.rs").read_text()
    )
