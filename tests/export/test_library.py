"""Libraries hold what an engine runs, show what their header says, and nothing else; programs need no Python."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from cli_checks import conforms
from exports import SANITIZE, compiler
from golden_files import FOLDER, hold
from libraries import HERE, Loaded, answer, empty_outputs, linked, place, product, sample, write
from machines import shared_target
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer.demo import assets
from mini_infer.errors import InputError
from mini_infer.export import library
from mini_infer.export.library import code, cplusplus, examples, interface, packages
from mini_infer.toolchain import Target, find, host
from mini_infer.version import __version__

pytestmark = pytest.mark.skipif(host.system() != "linux", reason="programs are linked as on Linux")

LENET = str(assets.MODEL)
FUNCTIONS = {f"net_{name}" for name in ("create", "run", "destroy", "explain")}


def lookup():
    """A row of a table for each index, and a sum that is carried from run to run."""
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "index"], ["rows"], 'a "row"'),
            helper.make_node("Add", ["rows", "past"], ["sum"], "sum"),
            helper.make_node("Relu", ["sum"], ["y"], "relu"),
        ],
        "lookup",
        [
            helper.make_tensor_value_info("index", TensorProto.INT64, [2]),
            helper.make_tensor_value_info("past", TensorProto.FLOAT, [2, 3]),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 3]) for name in ("y", "sum")],
        [numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(4, 3), "table")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


@pytest.fixture(scope="module", params=[1, 3], ids=["alone", "together"])
def made(request, tmp_path_factory):
    """LeNet-5, its weights inside: one thread and one file; or three, who share every step, and many files."""
    here = Target.host()
    with pytest.MonkeyPatch.context() as patch:
        if request.param > 1:
            patch.setattr("mini_infer.codegen.program.UNIT_CHARACTERS", 0)
            patch.setattr("mini_infer.codegen.functions.UNIT_CHARACTERS", 0)
            here = replace(shared_target(here), threads=request.param)
        of = product(LENET, here)
        assert (len(of.editions[0].source.files) > 4) == (request.param > 1)
        yield of, write(of, tmp_path_factory.mktemp("library") / "net")


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """LeNet-5 with its weights in a file."""
    of = product(LENET, inside=False)
    return of, write(of, tmp_path_factory.mktemp("library") / "net")


def test_the_same_bits_as_the_engine(made):
    of, folder = made
    (edition,) = of.systems[0].editions
    assert edition.parallel == (of.threads > 1)
    engine = mi.compile(LENET, target=edition.target, threads=of.threads)
    given, expected = sample(of)
    results = empty_outputs(of)
    loaded = Loaded(folder)
    assert (loaded.code, loaded.run(given, results)) == (0, 0)
    for name, array in engine.create_context().run(given).items():
        np.testing.assert_array_equal(array, results[name])
        np.testing.assert_allclose(array, expected[name], rtol=1e-4, atol=1e-5)
    loaded.close()


@pytest.mark.parametrize("static", [False, True])
def test_the_recorded_test(made, static):
    _, folder = made
    program = linked(folder, folder / "net_test.c", "-std=c11", static=static)
    assert answer(program, folder).returncode == 0


def test_a_difference_is_told(made):
    _, folder = made
    source = folder / "changed.c"
    text, count = re.subn(
        r"want_0\[10\] = \{\n    \S+", "want_0[10] = {\n    0x1p+9f,", (folder / "net_test.c").read_text()
    )
    assert count == 1
    source.write_text(text)
    assert answer(linked(folder, source, "-std=c11"), folder).returncode == 2


def test_only_its_functions_are_seen(made):
    _, folder = made
    shared, static = (place(folder) / f"libnet.{ending}" for ending in ("so", "a"))
    seen = _symbols("-D", "--defined-only", shared)
    assert seen == FUNCTIONS
    assert all(name.startswith("net_") for name in _symbols("-g", "--defined-only", static))
    needed = subprocess.run([compiler("readelf"), "-d", str(shared)], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"NEEDED.*\[(.*)\]", needed)) <= {"libc.so.6", "libm.so.6", "libpthread.so.0", "libc.so"}
    assert "TEXTREL" not in needed


def _symbols(*words):
    command = [compiler("nm"), *map(str, words)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^[0-9a-f]+ [A-Z] (\S+)$", listed, re.MULTILINE))


def _first(text):
    return pytest.approx(float(text), rel=1e-4, abs=1e-5)


def _zeros(of):
    """What comes first of zeros, as examples print it."""
    engine = mi.compile(LENET, compiler="none")
    (result,) = (
        engine.create_context()
        .run({name: np.zeros(kind.shape, np.float32) for name, kind in engine.inputs.items()})
        .values()
    )
    assert of.outputs[0].name
    return float(result.flat[0])


def test_the_example_in_c(made):
    of, folder = made
    said = answer(linked(folder, folder / "examples/net.c", "-std=c11"), folder)
    assert (said.returncode, said.stderr) == (0, "")
    assert _zeros(of) == _first(said.stdout)


@pytest.mark.parametrize("with_compiler", ["g++", "clang++"])
@pytest.mark.parametrize("option", ["-fexceptions", "-fno-exceptions"])
def test_the_example_in_cplusplus(made, with_compiler, option):
    of, folder = made
    source = folder / "examples/net.cpp"
    said = answer(linked(folder, source, "-std=c++17", option, with_compiler=with_compiler), folder)
    assert (said.returncode, said.stderr) == (0, "")
    assert _zeros(of) == _first(said.stdout)


def test_the_example_in_rust(made):
    of, folder = made
    _rust(folder, "inside")
    said = answer(folder / "inside", folder)
    assert (said.returncode, said.stderr) == (0, "")
    assert _zeros(of) == _first(said.stdout)


def _rust(folder, program):
    command = [compiler("rustc"), "-D", "warnings", str(folder / "examples/net.rs"), "-L", str(place(folder))]
    done = subprocess.run([*command, "-o", str(folder / program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_examples_with_weights_beside(beside):
    of, folder = beside
    weights = place(folder) / "net.weights"
    _rust(folder, "rust")
    programs = [
        folder / "rust",
        linked(folder, folder / "examples/net.c", "-std=c11", made="c"),
        linked(folder, folder / "examples/net.cpp", "-std=c++17", with_compiler="g++", made="cpp"),
    ]
    for program in programs:
        said = answer(program, folder, weights)
        assert (said.returncode, said.stderr) == (0, ""), program
        assert _zeros(of) == _first(said.stdout)
    assert answer(programs[1], folder, folder / "none").stderr == "net: the file of weights cannot be read\n"
    assert answer(programs[2], folder, folder / "none").stderr == "net: the file of weights cannot be read\n"
    assert answer(programs[0], folder, folder / "none").returncode == 1
    assert answer(linked(folder, folder / "net_test.c", "-std=c11"), folder, weights).returncode == 0


def test_weights_that_are_others(beside, tmp_path):
    _, folder = beside
    right = (place(folder) / "net.weights").read_bytes()
    wrong = {
        "shorter": right[:-1],
        "longer": right + b"\0",
        "another": right.replace(b"sha256 ", b"sha256 0", 1)[: len(right)],
        "a beginning": right[:10],
    }
    for name, content in wrong.items():
        (tmp_path / name).write_bytes(content)
        assert Loaded(folder, tmp_path / name).code == -5, name
    (tmp_path / "nothing").write_bytes(b"")
    assert Loaded(folder, tmp_path / "nothing").code == -4
    assert Loaded(folder, tmp_path).code == -4  # a folder
    assert Loaded(folder, place(folder) / "net.weights").code == 0


USE = r"""
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "net.h"

#define CHECK(condition) do { if (!(condition)) { fprintf(stderr, "line %d\n", __LINE__); exit(1); } } while (0)

static float input[784], wanted[10];
static _Alignas(NET_CONTEXT_ALIGN) uint8_t memory[NET_CONTEXT_BYTES + NET_CONTEXT_ALIGN];
static volatile int stop;

static void is_right(net_context *context) {
  float logits[10] = {0};
  CHECK(net_run(input, logits, context) == 0);
  CHECK(memcmp(logits, wanted, sizeof wanted) == 0);
}

static void *many(void *unused) {
  net_context *context;
  CHECK(net_create(&context, NULL) == 0);
  for (int i = 0; i < 20; ++i) is_right(context);
  net_destroy(context);
  return unused;
}

static void *hold(void *context) {
  float logits[10];
  while (!stop) net_run(input, logits, (net_context *)context);
  return NULL;
}

int main(void) {
  net_context *context = (net_context *)memory;
  CHECK(net_create(&context, memory + 8) == NET_BAD_MEMORY && context == NULL);
  for (int i = 0; i < 784; ++i) input[i] = (float)(i % 7) / 7;
  memset(memory, 0xA5, sizeof memory);
  CHECK(net_create(&context, memory) == 0);
  CHECK(net_run(input, wanted, context) == 0);
  is_right(context);
  for (size_t i = NET_CONTEXT_BYTES; i < sizeof memory; ++i) CHECK(memory[i] == 0xA5);

  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, many, NULL) == 0);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);

  CHECK(pthread_create(&threads[0], NULL, hold, context) == 0);
  float logits[10];
  while (net_run(input, logits, context) != NET_BUSY) {}
  stop = 1;
  pthread_join(threads[0], NULL);
  is_right(context);

  const pid_t child = fork();
  if (child == 0) {
    is_right(context);
    net_destroy(context);
    _exit(0);
  }
  int status = 1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  is_right(context);
  net_destroy(context);
  net_destroy(NULL);

  char text[100] = "unchanged";
  const size_t length = net_explain(NET_BUSY, text, sizeof text);
  CHECK(length == strlen(text) && strcmp(text, "the context is running in another thread") == 0);
  memset(text, 'x', sizeof text);
  CHECK(net_explain(NET_BUSY, text, 4) == length && memcmp(text, "the\0x", 5) == 0);
  CHECK(net_explain(NET_BUSY, NULL, 0) == length);
  return 0;
}
"""


def test_contexts(made):
    """Memory of the caller, several threads with contexts of their own, one context in two, a forked child."""
    _, folder = made
    (folder / "use.c").write_text(USE)
    said = answer(linked(folder, folder / "use.c", "-std=gnu11"), folder)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.slow
def test_sanitized(made):
    """The same, the library built with the address and undefined-behavior sanitizers, and no byte lost at the end."""
    of, folder = made
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    (folder / "use.c").write_text(USE)
    (system,) = of.systems
    with library.libraries(of, system, find("gcc"), sanitize=True) as built:
        for name in ("use.c", "net_test.c", "examples/net.c"):
            command = [compiler("gcc"), *SANITIZE, "-std=gnu11", "-I", str(folder / "include"), str(folder / name)]
            made_of = [str(built.static), "-lm", "-pthread", "-o", str(folder / "sanitized")]
            subprocess.run([*command, *made_of], check=True)
            said = answer(folder / "sanitized", folder)
            assert (said.returncode, said.stderr) == (0, ""), name


def test_generated_c_has_no_warnings(made):
    of, folder = made
    (own,) = [part for part in library.parts(of, of.systems[0]) if "net_library.c" in part.sources]
    (folder / "own").mkdir()
    for name, text in own.sources.items():
        (folder / "own" / name).write_text(text)
    for with_compiler in ("gcc", "clang"):
        command = [compiler(with_compiler), "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
        command.append(str(folder / "own/net_library.c"))
        assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


CPP = r"""
#include <array>
#include <cassert>
#include <cstdio>
#include <vector>
#include "net.hpp"

int main() {
  std::array<float, 784> fixed{};
  float plain[784] = {};
  const std::vector<float> grown(784);
  std::vector<float> wrong(783);
  std::array<float, 10> one{}, two{}, three{};
  net::Engine first, second;
  net::Engine moved = std::move(first);
#ifdef NET_NO_EXCEPTIONS
  assert(moved.code() == 0 && first.code() == net::moved_from);
  assert(moved.run(fixed, one) == 0 && second.run(plain, two) == 0);
  assert(moved.run(wrong, one) == net::wrong_size);
  assert(first.run(fixed, one) == net::moved_from);
  first = std::move(second);
  assert(first.run({grown.data(), grown.size()}, {three.data(), 10}) == 0);
#else
  moved.run(fixed, one);
  second.run(plain, two);
  int code = 0;
  try {
    moved.run(wrong, one);
  } catch (const net::Error &error) {
    code = error.code();
    assert(std::string(error.what()) == "net: a tensor has another number of elements than the network's");
  }
  assert(code == net::wrong_size);
  try {
    first.run(fixed, one);
  } catch (const std::runtime_error &error) {
    assert(std::string(error.what()) == "net: another object has the context now");
    code = 0;
  }
  assert(code == 0);
  first = std::move(second);
  first.run({grown.data(), grown.size()}, {three.data(), 10});
#endif
  assert(one == two && two == three && one[0] != 0);
  assert(net::explain(NET_BUSY) == "the context is running in another thread");
  return 0;
}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("with_compiler", "standard", "option"),
    [
        ("g++", "-std=c++17", "-fexceptions"),
        ("g++", "-std=c++20", "-fno-exceptions"),
        ("clang++", "-std=c++20", "-fexceptions"),
        ("clang++", "-std=c++17", "-DNET_NO_EXCEPTIONS"),
    ],
)
def test_cplusplus(made, with_compiler, standard, option):
    _, folder = made
    (folder / "use.cpp").write_text(CPP)
    options = (standard, option, "-UNDEBUG", "-Wno-self-move", "-Wno-unknown-warning-option")
    said = answer(linked(folder, folder / "use.cpp", *options, with_compiler=with_compiler), folder)
    assert (said.returncode, said.stderr) == (0, "")


def test_arrays_of_another_size_do_not_compile(made):
    _, folder = made
    use = '#include <array>\n#include "net.hpp"\nvoid f(net::Engine &e, float (&y)[10]) { @; e.run(x, y); }\n'
    command = [compiler("g++"), "-std=c++17", "-fsyntax-only", "-I", str(folder / "include"), str(folder / "wrong.cpp")]
    for size in (783, 784, 785):
        for argument in (f"float x[{size}]", f"std::array<float, {size}> x"):
            (folder / "wrong.cpp").write_text(use.replace("@", argument))
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert ("error" in done.stderr) == (size != 784), argument


def test_state_and_errors(tmp_path):
    """A sum that is carried, begun anew; an index out of range, and what is said of it."""
    of = product(lookup(), state={"past": "sum"})
    folder = write(of, tmp_path / "net")
    one, other = Loaded(folder), Loaded(folder)
    given, results = {"index": np.array([1, 2])}, empty_outputs(of)
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)[[1, 2]]
    for times in (1, 2, 3):
        assert one.run(given, results) == 0
        np.testing.assert_array_equal(results["y"], times * rows)
    assert other.run(given, results) == 0
    np.testing.assert_array_equal(results["y"], rows)
    assert one.call("reset", one.context) == 0
    assert one.run(given, results) == 0
    np.testing.assert_array_equal(results["y"], rows)

    code = one.run({"index": np.array([1, 4])}, results)
    assert code % 256 == 1
    length, said = one.explain(code)
    step = code // 256
    assert said == f"step {step}, Gather 'a ?row?': an index is out of range"
    assert length == len(said)
    with pytest.raises(InputError, match="an index is out of range"):
        mi.compile(lookup(), state={"past": "sum"}).create_context().run({"index": np.array([1, 4])})
    assert one.explain(0)[1] == "all is well"
    for none in (-99, 7, 256 * 1000 + 9):
        assert one.explain(none)[1] == "there is no such code"
    assert _symbols("-D", "--defined-only", place(folder) / "libnet.so") == FUNCTIONS | {"net_reset"}
    linked(folder, folder / "examples/net.cpp", "-std=c++17", with_compiler="g++")
    for each in (one, other):
        each.close()


def test_two_in_one_program(made, tmp_path):
    """Static libraries of one model under two names: nothing is defined twice."""
    of, folder = made
    second = product(LENET, of.editions[0].target, name="other")
    write(second, tmp_path / "other")
    source = tmp_path / "both.c"
    source.write_text(
        '#include "net.h"\n#include "other.h"\nstatic float x[784], y[10], z[10];\nint main(void) {\n'
        "  net_context *a;\n  other_context *b;\n  if (net_create(&a, 0) || other_create(&b, 0)) return 1;\n"
        "  if (net_run(x, y, a) || other_run(x, z, b)) return 2;\n  net_destroy(a);\n  other_destroy(b);\n"
        "  return y[0] != z[0] || y[0] == 0;\n}\n"
    )
    other = (f"-I{tmp_path / 'other/include'}", "-std=c11")
    program = tmp_path / "both"
    command = [compiler("gcc"), *other, f"-I{folder / 'include'}", str(source), str(place(folder) / "libnet.a")]
    command += [str(place(tmp_path / "other") / "libother.a"), "-lm", "-pthread", "-o", str(program)]
    subprocess.run(command, check=True)
    assert subprocess.run([str(program)], check=False).returncode == 0


@pytest.mark.slow
def test_cmake(made, tmp_path):
    _, folder = made
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.10)\nproject(app C CXX)\nset(CMAKE_CXX_STANDARD 17)\n"
        "find_package(net REQUIRED CONFIG)\n"
        f"add_executable(shared {folder}/net_test.c)\ntarget_link_libraries(shared PRIVATE net::net)\n"
        f"add_executable(static {folder}/net_test.c)\ntarget_link_libraries(static PRIVATE net::static)\n"
        f"add_executable(cpp {folder}/examples/net.cpp)\ntarget_link_libraries(cpp PRIVATE net::net)\n"
    )
    build = tmp_path / "build"
    cmake = compiler("cmake")
    words = ["-S", str(tmp_path), "-B", str(build), f"-DCMAKE_PREFIX_PATH={folder}"]
    subprocess.run([cmake, *words], check=True, capture_output=True)
    subprocess.run([cmake, "--build", str(build)], check=True, capture_output=True)
    for program in ("shared", "static", "cpp"):
        assert subprocess.run([str(build / program)], check=False, capture_output=True).returncode == 0
    refused = subprocess.run(
        [cmake, *words[:3], str(tmp_path / "other"), words[4], "-Dnet_SYSTEM="],
        check=False,
        capture_output=True,
        text=True,
    )
    assert f"net was made for {HERE}, not for Linux" in " ".join(refused.stderr.split())


def test_pkg_config(made, tmp_path):
    _, folder = made
    pkg_config = compiler("pkg-config")
    environment = {"PKG_CONFIG_PATH": str(place(folder) / "pkgconfig"), "PATH": "/usr/bin:/bin"}
    words = [pkg_config, "--cflags", "--libs", "net"]
    said = subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout
    command = [compiler("gcc"), str(folder / "examples/net.c"), *said.split(), "-o", str(tmp_path / "program")]
    subprocess.run(command, check=True)
    assert answer(tmp_path / "program", folder).returncode == 0


@pytest.mark.slow
def test_two_exports_are_the_same(made, tmp_path):
    """Every byte, those of the libraries too."""
    of, folder = made
    again = write(product(LENET, of.editions[0].target), tmp_path / "net")
    report = json.loads((folder / "net.json").read_text())
    conforms(report)
    for path in sorted(each for each in again.rglob("*") if each.is_file()):
        name = path.relative_to(again)
        assert path.read_bytes() == (folder / name).read_bytes(), name
    files = {each["name"]: each["bytes"] for each in report["systems"][0]["files"]}
    assert files == {name: (place(again) / name).stat().st_size for name in ("libnet.so", "libnet.a")}


def test_golden():
    """What people read: of a model with state, weights beside."""
    of = product(lookup(), Target.parse("x86_64-linux-gnu+v3"), inside=False, state={"past": "sum"}, time_limit=0)
    texts = {
        "net.h": interface.header(of),
        "net.hpp": cplusplus.header(of),
        "net_library.c": code.source(of, of.systems[0]),
        "net.c": examples.in_c(of),
        "net.cpp": examples.in_cplusplus(of),
        "net.rs": examples.in_rust(of),
        "net-config.cmake": packages.cmake(of),
        "net.pc": packages.pkg_config(of, of.systems[0]),
        "README.md": packages.readme(of),
    }
    for name, text in texts.items():
        hold(FOLDER / "library" / f"{name}.golden", text.replace(__version__, "VERSION"))
    assert sorted(path.name for path in (FOLDER / "library").iterdir()) == sorted(f"{name}.golden" for name in texts)
