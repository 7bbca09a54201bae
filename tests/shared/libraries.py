"""Models exported as libraries, and programs that use them."""

import ctypes
import os
import subprocess

import numpy as np
from exports import compiler

import mini_infer as mi
from mini_infer.export import library
from mini_infer.export.names import Names
from mini_infer.runtime import Engine
from mini_infer.toolchain import Target, host
from mini_infer.verify.samples import random_samples

HERE = f"{host.arch()}-{host.system()}"
STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror", "-O1")


def product(model, *targets, name="net", inside=True, compiler=None, **options):
    """A model's product for some targets; this machine where there is none."""
    return library.Product.of(
        lambda target: mi.build(model, target=target, threads=target.threads, **options),
        targets or (Target.host(),),
        "model.onnx",
        Names(name),
        inside=inside,
        compiler=compiler,
    )


def sample(of, seed=0):
    """Inputs of a product, and what its operators mean."""
    (given,) = random_samples(of.artifact.inputs, count=1, seed=seed)
    return given, Engine.from_artifact(of.artifact, compiler="none").create_context().run(given)


def write(of, folder):
    """Write a product; the folder."""
    library.write(of, folder, *sample(of))
    return folder


def place(folder, system=HERE):
    """Where a folder has the libraries of a system."""
    return folder / "lib" / system


def linked(folder, source, *options, static=False, with_compiler="gcc", name="net", made="program"):
    """Compile a program for this machine with a library; what runs it."""
    libraries = place(folder)
    command = [compiler(with_compiler), "-I", str(folder / "include"), *STRICT, *options, str(source)]
    command += [str(libraries / f"lib{name}.a")] if static else ["-L", str(libraries), f"-l{name}"]
    done = subprocess.run(
        [*command, "-lm", "-pthread", "-o", str(folder / made)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / made


def answer(program, folder, *words):
    """What a program says and returns, where it finds the libraries."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(place(folder))}
    return subprocess.run(
        [str(program), *map(str, words)], env=environment, capture_output=True, text=True, check=False
    )


class Loaded:
    """A library in this process, with one context."""

    def __init__(self, folder, *weights, name="net"):
        self._library = ctypes.CDLL(str(place(folder) / f"lib{name}.so"))
        self._name = name
        self.context = ctypes.c_void_p()
        self.code = self.call("create", ctypes.byref(self.context), *(os.fsencode(path) for path in weights), None)

    def call(self, function, *arguments):
        return self._library[f"{self._name}_{function}"](*arguments)

    def run(self, given, outputs):
        """Run once between arrays; the code."""
        arrays = [*given.values(), *outputs.values()]
        return self.call("run", *(ctypes.c_void_p(array.ctypes.data) for array in arrays), self.context)

    def explain(self, code, size=300):
        text = ctypes.create_string_buffer(size)
        function = self._library[f"{self._name}_explain"]
        function.restype = ctypes.c_size_t
        return text.value.decode() if size == 0 else (function(code, text, ctypes.c_size_t(size)), text.value.decode())

    def close(self):
        self.call("destroy", self.context)


def empty_outputs(of):
    """Arrays for what comes out."""
    return {name: np.empty(kind.shape, kind.dtype.numpy) for name, kind in of.artifact.outputs.items()}
