import sys
from contextlib import nullcontext

import pytest

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import Compiler, Target, build, find
from mini_infer.toolchain import compiler as module


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    monkeypatch.delenv("MINI_INFER_CC", raising=False)


def test_a_found_compiler_is_named_and_has_one_line_of_version(compiler):
    assert find(compiler.name) == compiler
    assert compiler.name in compiler.version
    assert "\n" not in compiler.version


def test_a_path_is_recognised_by_what_the_program_says(compiler):
    found = find(compiler.command[0])
    assert found is not None
    assert (found.name, found.version) == (compiler.name, compiler.version)


def test_without_preference_the_first_installed_is_taken(monkeypatch, compiler):
    searches = {name: (lambda: None) for name in ("clang", "zig")}
    monkeypatch.setattr(module, "_SEARCHES", {**searches, compiler.name: lambda: compiler})
    assert find() == compiler


def test_none_means_no_compiler(monkeypatch):
    assert find("none") is None
    monkeypatch.setenv("MINI_INFER_CC", "none")
    assert find() is None


def test_nothing_installed_is_no_error(monkeypatch):
    monkeypatch.setattr(module, "_SEARCHES", {"gcc": lambda: None})
    assert find() is None


def test_the_preference_outranks_the_environment(monkeypatch, compiler):
    monkeypatch.setenv("MINI_INFER_CC", "/no/such/compiler")
    assert find(compiler.name) == compiler


def test_a_missing_explicit_compiler_says_what_to_install():
    with pytest.raises(ToolchainError, match=r"'/no/such/cc' was asked for.*pip install ziglang"):
        find("/no/such/cc")


def test_a_missing_compiler_of_the_environment_names_the_variable(monkeypatch):
    monkeypatch.setenv("MINI_INFER_CC", "/no/such/cc")
    with pytest.raises(ToolchainError, match="MINI_INFER_CC"):
        find()


def test_a_missing_name_says_what_was_looked_for(monkeypatch):
    monkeypatch.setattr(module, "_SEARCHES", {"zig": lambda: None})
    with pytest.raises(ToolchainError, match="the Python package 'ziglang'"):
        find("zig")


def test_a_program_that_is_no_compiler_is_refused():
    with pytest.raises(ToolchainError, match="missing or does not run"):
        find(sys.executable)


def test_a_compiler_without_float16_is_taken_only_where_there_is_no_other(monkeypatch):
    old, new = Compiler("clang", ("old",), "clang 14", halves=False), Compiler("gcc", ("new",), "gcc 12")
    monkeypatch.setattr(module, "_SEARCHES", {"clang": lambda: old, "zig": lambda: None, "gcc": lambda: new})
    assert find() == new
    monkeypatch.setattr(module, "_SEARCHES", {"clang": lambda: old, "zig": lambda: None})
    assert find() == old


def test_whether_a_compiler_has_float16_follows_from_its_version(compiler, tmp_path):
    source = {"half.c": "_Float16 half(float x) { return (_Float16)x; }\n"}
    with nullcontext() if compiler.halves else pytest.raises(ToolchainError, match=r"_Float16.*float16 needs clang 15"):
        build(source, compiler, Target.host(), cache=tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is a shell script")
@pytest.mark.parametrize(
    ("said", "halves"),
    [
        ("Debian clang version 14.0.6", False),
        ("Ubuntu clang version 18.1.3 (1ubuntu1)", True),
        ("gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0\nCopyright Free Software Foundation", False),
        ("gcc (Debian 12.2.0-14) 12.2.0\nCopyright Free Software Foundation", True),
    ],
)
def test_versions_and_what_is_said_where_float16_is_missing(tmp_path, said, halves):
    script = tmp_path / "cc"
    script.write_text(
        f"#!/bin/sh\n[ \"$1\" = --version ] && printf '%s\\n' '{said}' && exit 0\n"
        "echo \"half.c:1:1: error: unknown type name '_Float16'\" >&2; exit 1\n"
    )
    script.chmod(0o700)
    found = find(str(script))
    assert found.halves == halves
    with pytest.raises(ToolchainError, match=r"float16 needs clang 15, gcc 12 or zig: .*pip install ziglang"):
        build({"half.c": "_Float16 x;\n"}, found, Target.host(), cache=tmp_path / "cache")
