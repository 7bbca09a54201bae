import ctypes
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from machines import WIDTHS

from mini_infer.errors import ToolchainError, UsageError
from mini_infer.toolchain import Target, build, cache_info, find, load, sanitizer_environment
from mini_infer.toolchain.windows import SUPPORT

build_module = sys.modules["mini_infer.toolchain.building"]  # `build` in the package is the function

EXPORT = '__attribute__((visibility("default"))) '
ADD = EXPORT + "int add(int a, int b);\nint add(int a, int b) { return a + b; }\n"
LIBRARY_TEXT = """
#include <math.h>
#include <string.h>
#include "part.h"
{export} float twice_root(const float *x, int n);
{export} float twice_root(const float *x, int n) {{
    float copy[64];
    memcpy(copy, x, (unsigned)n * sizeof(float));
    return twice(sqrtf(copy[n - 1]) + sinf(0.0f));
}}
"""
PARTS = {
    "part.h": "float twice(float x);\n",
    "part.c": '#include "part.h"\nfloat twice(float x) { return 2 * x; }\n',
    "main.c": LIBRARY_TEXT.format(export='__attribute__((visibility("default")))'),
}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def zig():
    try:
        return find("zig")
    except ToolchainError:
        pytest.skip("zig is not installed")


def test_a_library_can_be_called(compiler, cache):
    assert load(build({"add.c": ADD}, compiler, Target.host(), cache=cache)).add(20, 22) == 42


def test_several_units_share_headers_and_use_libc(compiler, cache):
    library = load(build(PARTS, compiler, Target.host(), cache=cache, warnings=True))
    library.twice_root.restype = ctypes.c_float
    assert library.twice_root((ctypes.c_float * 2)(1, 9), 2) == 6
    assert not hasattr(library, "twice")  # hidden: only what is exported can be found


@pytest.fixture
def compiled(monkeypatch):
    """The names of the files that compilers were run on."""
    names, run = [], build_module.run_command

    def recording(command, *arguments, **options):
        names.extend(command[command.index("-c") + 1 : command.index("-c") + 2] if "-c" in command else [])
        run(command, *arguments, **options)

    monkeypatch.setattr(build_module, "run_command", recording)
    return names


def test_only_what_changed_is_compiled_again(cache, compiled):
    def built(**changes):
        compiled.clear()
        texts = {**PARTS, **{name.replace("_", "."): text for name, text in changes.items()}}
        build(texts, find(), Target.host(), cache=cache)
        return sorted(compiled)

    assert built() == ["main.c", "part.c"]
    assert built() == []
    assert built(part_c=PARTS["part.c"].replace("2 * x", "x + x")) == ["part.c"]
    assert built() == []
    assert built(part_h=PARTS["part.h"] + "/* read by both */") == ["main.c", "part.c"]
    for kept in cache.glob("*.o"):
        kept.write_bytes(b"damaged")
    assert built(main_c=PARTS["main.c"] + "/* */") == ["main.c", "part.c"]


def test_the_second_build_is_the_first_ones_file(compiler, cache):
    path = build({"add.c": ADD}, compiler, Target.host(), cache=cache)
    before = path.stat().st_ino
    assert build({"add.c": ADD}, compiler, Target.host(), cache=cache) == path
    assert path.stat().st_ino == before


@pytest.mark.slow
def test_key_covers_text_target_and_flags(compiler, cache):
    host = Target.host()
    paths = {
        build({"add.c": ADD}, compiler, host, cache=cache),
        build({"add.c": ADD + "\n"}, compiler, host, cache=cache),
        build({"sum.c": ADD}, compiler, host, cache=cache),
        build({"add.c": ADD}, compiler, replace(host, features=()), cache=cache),
        build({"add.c": ADD}, compiler, host, cache=cache, warnings=True),
        build({"add.c": ADD}, replace(compiler, version="another"), host, cache=cache),
    }
    assert len(paths) == cache_info(cache).entries == 6


def test_the_same_texts_give_the_same_bytes(compiler, tmp_path):
    first, second = (build(PARTS, compiler, Target.host(), cache=tmp_path / name) for name in ("a", "b"))
    assert first.name == second.name  # the name holds the bytes' SHA-256


def test_a_damaged_library_is_built_again(compiler, cache):
    path = build({"add.c": ADD}, compiler, Target.host(), cache=cache)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    again = build({"add.c": ADD}, compiler, Target.host(), cache=cache)
    assert again.read_bytes() == whole


@pytest.mark.slow
def test_builders_at_the_same_time_agree(compiler, cache):
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: build({"add.c": ADD}, compiler, Target.host(), cache=cache), range(4)))
    assert len(paths) == 1
    assert load(paths.pop()).add(1, 2) == 3


def test_success_leaves_the_library_alone_in_the_cache(compiler, cache):
    path = build({"add.c": ADD}, compiler, Target.host(), cache=cache)
    assert {entry.name for entry in cache.iterdir()} - {"zig"} == {path.name}


def test_a_failure_shows_the_first_error_and_keeps_the_sources(compiler, cache):
    with pytest.raises(ToolchainError, match=r"bad\.c:2:.*error: .*nowhere.*sources kept in") as caught:
        build({"bad.c": "int f(void) {\n return nowhere; }\n"}, compiler, Target.host(), cache=cache)
    kept = str(caught.value).rpartition("kept in ")[2].rstrip(")")
    with open(os.path.join(kept, "bad.c"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        assert "nowhere" in file.read()
    assert cache_info(cache).entries == 0
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_undefined_function_fails_to_link(compiler, cache):
    text = "int nobody(void);\n" + EXPORT + "int f(void) { return nobody(); }\n"
    with pytest.raises(ToolchainError, match="nobody"):
        build({"f.c": text}, compiler, Target.host(), cache=cache)


def test_warnings_are_errors_only_when_asked_for(compiler, cache):
    text = "int f(int unused) { return 1; }\n"
    build({"f.c": text}, compiler, Target.host(), cache=cache)
    with pytest.raises(ToolchainError, match="unused"):
        build({"f.c": text}, compiler, Target.host(), cache=cache, warnings=True)


def test_floats_contract_to_fma_where_the_target_has_it(compiler, cache):
    if "fma" not in Target.host().features:
        pytest.skip("this machine has no FMA")
    text = EXPORT + "float f(float a, float b, float c) { return a * b + c; }\n"
    results = []
    for target in (Target.host(), replace(Target.host(), features=())):
        function = load(build({"f.c": text}, compiler, target, cache=cache)).f
        function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float] * 3
        results.append(function(1 + 2**-12, 1 + 2**-12, -1))
    assert results == [2**-11 + 2**-24, 2**-11]


@pytest.mark.parametrize("name", ["../add.c", "a/b.c", "add.cpp", "-o.c", "add", ""])
def test_odd_file_names_are_refused(compiler, cache, name):
    with pytest.raises(UsageError, match="source file name"):
        build({name: ADD}, compiler, Target.host(), cache=cache)


def test_nothing_to_compile_is_refused(compiler, cache):
    with pytest.raises(UsageError, match=r"no \.c file"):
        build({"part.h": ""}, compiler, Target.host(), cache=cache)


def test_a_file_that_is_no_library_is_refused(tmp_path):
    (tmp_path / "no.so").write_text("text")
    with pytest.raises(ToolchainError, match=r"no\.so"):
        load(tmp_path / "no.so")


@pytest.mark.parametrize(
    ("target", "magic"),
    [
        pytest.param("aarch64-linux-gnu", b"\x7fELF", marks=pytest.mark.slow),
        ("x86_64-linux-musl+v3", b"\x7fELF"),
        ("aarch64-macos", b"\xcf\xfa\xed\xfe"),
        ("x86_64-windows-gnu+v4", b"MZ"),
        ("aarch64-windows-gnu", b"MZ"),
    ],
)
def test_zig_builds_for_other_systems(zig, cache, target, magic):
    export = "__declspec(dllexport)" if "windows" in target else '__attribute__((visibility("default")))'
    large = "void fill(float *x, int n);\nvoid fill(float *x, int n) { while (n--) x[n] = n; }\n"
    large += "float large(int n); float large(int n) { float x[5000]; fill(x, n); return x[n / 2]; }\n"
    sources = {**PARTS, "main.c": LIBRARY_TEXT.format(export=export), "large.c": large}
    path = build(sources, zig, Target.parse(target), cache=cache, warnings=True)
    content = path.read_bytes()
    assert content.startswith(magic)
    assert b"twice_root" in content
    assert path.suffix == Target.parse(target).library_suffix


@pytest.mark.slow
def test_arithmetic_that_the_processor_lacks_is_linked(compiler, cache):
    text = EXPORT + "int divide(int a, int b) { return (int)(((__int128)a << 70) / ((__int128)b << 70)); }\n"
    target = replace(Target.host(), features=(), machine=WIDTHS[16])
    assert load(build({"divide.c": text}, compiler, target, cache=cache)).divide(84, 2) == 42


def test_other_compilers_build_for_this_machine_only(cache):
    with pytest.raises(ToolchainError, match="use zig"):
        build({"add.c": ADD}, find("gcc"), Target.parse("riscv64-linux-gnu"), cache=cache)


@pytest.mark.skipif(Target.host().arch != "x86_64", reason="an x86-64 compiler is needed")
def test_wide_vectors_stay_whole(compiler, cache):
    text = """
    typedef float vector __attribute__((vector_size(64)));
    void step(vector *a, const vector *b);
    void step(vector *a, const vector *b) { *a += *b * *b; }
    """
    features = Target.parse("x86_64-linux-gnu+v4").features
    target = replace(Target.host(), features=features, machine=WIDTHS[64])
    content = build({"step.c": EXPORT + text}, compiler, target, cache=cache).read_bytes()
    assert re.search(rb"\x62\xf2.\x48[\x98\xa8\xb8]", content, re.DOTALL)  # vfmadd{132,213,231}ps on a zmm register


def test_stack_probe_for_windows_keeps_registers_and_touches_every_page(cache):
    """The probe is plain x86-64 code: run it here, below a guard of untouched stack."""
    if Target.host().arch != "x86_64" or Target.host().system != "linux":
        pytest.skip("needs x86-64 Linux")
    text = (
        SUPPORT
        + EXPORT
        + """
    int probe(unsigned long bytes);
    int probe(unsigned long bytes) {
        unsigned long rax = bytes, rcx = 12345;
        __asm__ volatile("sub $128, %%rsp\\n call ___chkstk_ms\\n add $128, %%rsp"
                         : "+a"(rax), "+c"(rcx) :: "memory", "cc");
        return rax == bytes && rcx == 12345;
    }
    """
    )
    library = load(build({"probe.c": text}, find("gcc"), Target.host(), cache=cache))
    library.probe.argtypes = [ctypes.c_ulong]
    assert all(library.probe(size) for size in (0, 8, 4095, 4096, 4097, 100_000))


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            "int f(int n) { char *x = malloc(9); memset(x, n, n); int y = x[1]; free(x); return y; }",
            "heap-buffer-overflow",
        ),
        ("int f(int n) { return 2147483640 + n; }", "signed integer overflow"),
    ],
)
def test_sanitizers_stop_a_faulty_program(cache, text, finding):
    gcc = find("gcc")
    source = "#include <stdlib.h>\n#include <string.h>\n" + EXPORT + "int f(int n);\n" + text + "\n"
    path = build({"f.c": source}, gcc, Target.host(), cache=cache, sanitize=True)
    program = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).f(int(sys.argv[2]))"
    environment = {**os.environ, **sanitizer_environment(gcc)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", program, str(path), n], env=environment, capture_output=True, text=True, check=False
        )
        for n in ("3", "10")
    ]
    assert runs[0].returncode == 0, runs[0].stderr
    assert runs[1].returncode != 0
    assert finding in runs[1].stderr


def test_zig_has_no_address_sanitizer(zig, cache):
    with pytest.raises(ToolchainError, match="build with gcc or clang"):
        build({"add.c": ADD}, zig, Target.host(), cache=cache, sanitize=True)


def test_importing_is_light():
    program = "import sys, json, mini_infer.toolchain; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert not {"numpy", "onnx", "numba", "ziglang"} & set(json.loads(answer.stdout))
