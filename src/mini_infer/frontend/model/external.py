"""Which files besides its own a model is made of."""

from collections.abc import Iterator
from pathlib import Path

import onnx

from mini_infer.frontend.model.source import load
from mini_infer.frontend.model.tensors import nested_tensors


def external_files(path: Path) -> tuple[Path, ...]:
    """The files that a model's tensors lie in, whether they are there or not. Errors are those of `source.load`."""
    model, _ = load(path)
    locations = {
        entry.value
        for tensor in _tensors(model)
        if tensor.data_location == onnx.TensorProto.EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location" and isinstance(entry.value, str)  # protobuf gives bytes for what is no UTF-8
    }
    return tuple(path.parent / location for location in sorted(locations))


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from model.graph.initializer
    yield from (part for sparse in model.graph.sparse_initializer for part in (sparse.values, sparse.indices))
    yield from nested_tensors(model.graph.node)
    for function in model.functions:
        yield from nested_tensors(function.node)
