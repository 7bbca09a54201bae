"""From a path, bytes or a message to a model message, refusing everything that is not one."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import helper

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.frontend.model.tensors import LIMIT, Folder

_OWN = ("", "ai.onnx")
"""The names of ONNX's own domain."""


def load(source: str | os.PathLike[str] | bytes | onnx.ModelProto) -> tuple[onnx.ModelProto, Folder | None]:
    """The model and the folder that its external data may lie in. External data is not read.

    Raises
    ------
    ModelError
        When the file is missing, too large or not an ONNX model.
    UnsupportedError
        When the model is for a newer ONNX than the installed one.
    """
    model = onnx.ModelProto()
    folder: Folder | None = None
    if isinstance(source, onnx.ModelProto):
        label = "the model"
        model.CopyFrom(source)
    else:
        if isinstance(source, bytes):
            label, content = "the model", source
        else:
            path = Path(source)
            label, content, folder = str(path), _read_file(path), Folder.of(path)
        if not content:
            raise ModelError(f"{label} is empty")
        try:
            model.ParseFromString(content)
        except DecodeError as error:
            raise ModelError(f"{label} is not an ONNX model, or is truncated: its protobuf cannot be parsed") from error
    _check_header(model, label)
    _spell_domains(model, label)
    return model, folder


def _read_file(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ModelError(f"{path} is not a file")
        if status.st_size >= LIMIT:
            limit = "protobuf cannot hold more than 2 GiB: save its weights as external data"
            raise ModelError(f"{path} has {status.st_size} bytes, but {limit}")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error


def _check_header(model: onnx.ModelProto, label: str) -> None:
    if not model.HasField("graph") or not model.opset_import:
        missing = "opset" if model.HasField("graph") else "graph"
        raise ModelError(f"{label} is not an ONNX model, or is truncated: it has no {missing}")
    if bytes in set(map(type, _all_names(model))):
        raise ModelError(f"{label} is not an ONNX model, or is damaged: it has names that are no text")
    newest = onnx.defs.onnx_opset_version()
    for opset in model.opset_import:
        if opset.domain in _OWN and opset.version > newest:
            have = f"the installed onnx {onnx.__version__} knows {newest}: upgrade onnx"
            raise UnsupportedError(f"{label} is for ONNX opset {opset.version}, but {have}")


def _spell_domains(model: onnx.ModelProto, label: str) -> None:
    """ONNX's own domain by its empty name, which is the only one that onnx's checker, inference and inliner know."""
    versions = sorted({opset.version for opset in model.opset_import if opset.domain in _OWN})
    if len(versions) > 1:
        raise ModelError(f"{label} imports ONNX opsets {versions}, under two names of one domain: it can have one")
    for imports in (model.opset_import, *(function.opset_import for function in model.functions)):
        plain = {"" if opset.domain in _OWN else opset.domain: opset.version for opset in imports}
        del imports[:]
        imports.extend(helper.make_opsetid(*each) for each in plain.items())
    for nodes in (model.graph.node, *(function.node for function in model.functions)):
        for node in _all_nodes(nodes):
            if node.domain and node.domain in _OWN:
                node.domain = ""


def _all_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            yield from _all_nodes(attribute.g.node)


def _all_names(model: onnx.ModelProto) -> list[str | bytes]:
    """Every name that is read of a model; protobuf gives bytes for what is no UTF-8."""
    names = _names(model.graph)
    names += (opset.domain for opset in model.opset_import)
    for function in model.functions:
        names += (function.name, function.domain, function.overload, *function.input, *function.output)
        names += (*function.attribute, *(opset.domain for opset in function.opset_import))
        names += _names_of_attributes(function.attribute_proto)
        names += _names_of_nodes(function.node)
    return names


def _names(graph: onnx.GraphProto) -> list[str | bytes]:
    names: list[str | bytes] = [graph.name]
    for named in (graph.input, graph.output, graph.value_info, graph.initializer):
        names += (each.name for each in named)
    names += (sparse.values.name for sparse in graph.sparse_initializer)
    for info in graph.input:
        names += (dim.dim_param for dim in info.type.tensor_type.shape.dim)
    names += _names_of_nodes(graph.node)
    return names


def _names_of_nodes(nodes: Iterable[onnx.NodeProto]) -> list[str | bytes]:
    names: list[str | bytes] = []
    for node in nodes:
        names += (node.name, node.op_type, node.domain, node.overload)
        names += node.input
        names += node.output
        if node.attribute:
            names += _names_of_attributes(node.attribute)
    return names


def _names_of_attributes(attributes: Iterable[onnx.AttributeProto]) -> list[str | bytes]:
    names: list[str | bytes] = []
    for attribute in attributes:
        names += (attribute.name, attribute.ref_attr_name)
        for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            names += _names(graph)
    return names
