"""Exports of models, and compilers that make programs of them."""

import shutil
import subprocess

import onnx
import pytest

from mini_infer.cli import main

STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2")
OPTIONS = ("-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast")
SANITIZE = ("-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
COMPILERS = ("gcc", "clang")


def export(model, folder, *words, name="net"):
    """Export a model, a file or a message, by the command line; the folder."""
    folder.parent.mkdir(exist_ok=True)
    if not isinstance(model, str):
        path = folder.parent / "exported.onnx"
        onnx.save(model, path)
        model = str(path)
    assert main(["-q", "export", model, "-o", str(folder), "--name", name, *map(str, words)]) == 0
    return folder


def compiler(name="gcc"):
    """The path of a compiler or another tool; the test is skipped where it is missing."""
    return shutil.which(name) or pytest.skip(f"there is no {name}")


def program(folder, *options, with_compiler="gcc", name="net", files=(".c", "_weights.c", "_test.c")):
    """Compile the files of a folder; the path of the program."""
    made = folder / "program"
    sources = [str(folder / f"{name}{ending}") for ending in files]
    command = [compiler(with_compiler), *STRICT, *OPTIONS, *options, *sources, "-o", str(made), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def exit_code(made, *words):
    """What a program returns."""
    done = subprocess.run([str(made), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.stdout == done.stderr == "", done.stderr
    return done.returncode
