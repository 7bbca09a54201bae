"""How far mini-infer and onnxruntime are from an evaluation in float64.

Usage: python benchmarks/accuracy.py [--json] [--shapes NAME:DIMxDIM...] MODEL.onnx ...

An error is the largest difference from float64 over the largest magnitude of that output; of several outputs, the
worst. Inputs come from a .npz beside the model (arrays named in_NAME), or are standard normal with a fixed seed.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

import mini_infer as mi
from mini_infer import frontend, interpreter
from mini_infer.ir import DType, Graph, TensorType, ValueType
from mini_infer.ir.ranges import parse_shape
from mini_infer.verify.peers import OnnxRuntime
from mini_infer.verify.samples import random_samples

TINIEST = np.finfo(np.float64).tiny


def main() -> None:
    """Measure the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--shapes", action="append", default=[], metavar="NAME:DIMxDIM...")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    shapes = dict(parse_shape(text) for text in arguments.shapes)
    results = [measure(path, shapes) for path in arguments.models]
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    print("| model | mini-infer | onnxruntime |\n|---|---|---|")
    for result in results:
        print(f"| {result['model']} | {result['mini_infer']:.1e} | {result['onnxruntime']:.1e} |")


def measure(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, object]:
    """The two errors of one model."""
    graph = frontend.read(path, shapes=shapes, evaluate=interpreter.evaluate)
    inputs = inputs_for(path, graph)
    exact = interpreter.run_graph(in_float64(graph), {name: widen(array) for name, array in inputs.items()})
    ours = mi.compile(path, shapes=shapes).create_context().run(inputs)
    theirs = OnnxRuntime(path).run(inputs)
    return {"model": path.stem, "mini_infer": error(ours, exact), "onnxruntime": error(theirs, exact)}


def inputs_for(path: Path, graph: Graph) -> dict[str, np.ndarray]:
    """The inputs beside the model where there are some of its shapes, otherwise random ones."""
    beside = path.with_suffix(".npz")
    if beside.exists():
        arrays = {name: array for name, array in np.load(beside).items() if name.startswith("in_")}
        if all(np.shape(arrays.get(f"in_{name}")) == graph.tensor(name).shape for name in graph.inputs):
            return {name: arrays[f"in_{name}"] for name in graph.inputs}
    return random_samples({name: graph.tensor(name) for name in graph.inputs})[0]


def in_float64(graph: Graph) -> Graph:
    """The same graph with float64 in the place of float32."""
    return replace(
        graph,
        types={name: _wide_type(kind) for name, kind in graph.types.items()},
        constants={name: widen(array) for name, array in graph.constants.items()},
    )


def _wide_type(kind: ValueType) -> ValueType:
    if isinstance(kind, TensorType) and kind.dtype is DType.FLOAT32:
        return TensorType(DType.FLOAT64, kind.shape)
    return kind


def widen(array: np.ndarray) -> np.ndarray:
    """float32 as float64; anything else as it is."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def error(outputs: Mapping[str, np.ndarray], exact: Mapping[str, np.ndarray]) -> float:
    """Largest error over the largest magnitude, of the worst output."""
    return max(
        float(np.abs(outputs[name] - array).max() / max(np.abs(array).max(), TINIEST))
        for name, array in exact.items()
        if array.dtype == np.float64 and array.size
    )


if __name__ == "__main__":
    main()
