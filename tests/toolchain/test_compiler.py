import sys

import pytest

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import compiler as module
from mini_infer.toolchain import find


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
