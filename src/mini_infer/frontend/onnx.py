"""An ONNX model as a graph: the front end on one page."""

import os
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import ArrayLike

from mini_infer.errors import ModelError
from mini_infer.frontend import contrib
from mini_infer.frontend.composer import RefusedError
from mini_infer.frontend.functions import inline_functions
from mini_infer.frontend.graphs import GraphReader
from mini_infer.frontend.inference.scope import Evaluate, Scope
from mini_infer.frontend.model.check import check
from mini_infer.frontend.model.dims import fix_dims, ranges_in
from mini_infer.frontend.model.operators import check_operators
from mini_infer.frontend.model.shapes import fix_shapes, named_shapes
from mini_infer.frontend.model.source import load
from mini_infer.frontend.model.states import carry
from mini_infer.frontend.model.tensors import Data
from mini_infer.frontend.model.values import fix_values
from mini_infer.frontend.model.weights import detach_weights
from mini_infer.frontend.order import sort_nodes
from mini_infer.ir import Graph, verify
from mini_infer.ir.ranges import Dims, Shape

_NONE: Mapping[str, Shape] = MappingProxyType({})
_NO_DIMS: Dims = MappingProxyType({})
_NO_VALUES: Mapping[str, ArrayLike] = MappingProxyType({})
_NO_STATE: Mapping[str, str] = MappingProxyType({})


def read(
    source: str | os.PathLike[str] | bytes | onnx.ModelProto,
    *,
    shapes: Mapping[str, Shape] = _NONE,
    dims: Dims = _NO_DIMS,
    fixed: Mapping[str, ArrayLike] = _NO_VALUES,
    state: Mapping[str, str] = _NO_STATE,
    evaluate: Evaluate,
) -> Graph:
    """Read a model; every value gets a static type where it has one.

    Parameters
    ----------
    source
        A file, its content, or a model message (which stays as it is). External data is read from the file's folder
        and from nowhere else.
    shapes
        Input name → shape, for inputs whose shape the model leaves open; ranges in it are those of its dimensions.
    dims
        The name of an open dimension → its size, or the range of sizes that it has at run time.
    fixed
        Input name → value: the input becomes a constant, and an `If` that depends on it is resolved.
    state
        Input name → the output that it is in the next run.
    evaluate
        Computes a node from its inputs' values: the interpreter's.

    Raises
    ------
    ModelError
        When the model cannot be read or is wrong, or a dimension of an input stays open.
    CapacityError
        When a tensor is larger than any machine's memory.
    UnsupportedError
        When onnx does not know an operator: naming all of them.
    """
    model, folder = load(source)
    try:
        check_operators(model)
        contrib.move(model)
        sort_nodes(model.graph)
        model, weights, data = detach_weights(model, folder)  # from here on, nothing has the message with the weights
        return carry(_read(model, weights, data, shapes, dims, fixed, evaluate), state)
    except ModelError as error:
        if isinstance(source, bytes | onnx.ModelProto):
            raise
        tried = (shapes or dims) and str(error).startswith("node ")
        hint = "; mini-infer doctor says which sizes it takes, if none are given" if tried else ""
        raise ModelError(f"{os.fspath(source)}: {error}{hint}") from error


def _read(
    model: onnx.ModelProto,
    weights: Mapping[str, np.ndarray],
    data: Data,
    shapes: Mapping[str, Shape],
    dims: Dims,
    fixed: Mapping[str, ArrayLike],
    evaluate: Evaluate,
) -> Graph:
    inputs = [info for info in model.graph.input if info.name not in weights]
    constants = {**weights, **fix_values(inputs, fixed)}
    inputs = [info for info in inputs if info.name not in constants]
    shapes = named_shapes(inputs, shapes)
    ranges = fix_dims(inputs, {**ranges_in(inputs, shapes), **dims})
    fix_shapes(inputs, shapes, ranges)
    check(model)
    model = inline_functions(model)
    scope = Scope(evaluate, dims=ranges)
    for name, array in constants.items():
        scope.define_constant(name, array)
    for info in inputs:
        scope.define(info.name, info.type)
    reader = GraphReader(model, data)
    graph = reader.read(model.graph, scope, [info.name for info in inputs])
    if reader.refusals:
        raise RefusedError(reader.refusals)
    verify(graph)
    return graph
