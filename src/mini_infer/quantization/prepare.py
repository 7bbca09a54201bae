"""A float model made ready for onnxruntime's quantizer: loaded whole, every node named, of a late opset, simplified."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
from onnx import external_data_helper, version_converter

from mini_infer.errors import InputError, ModelError, UnsupportedError, did_you_mean
from mini_infer.frontend.model.source import load
from mini_infer.quantization.library import first_line, quiet

LEAST_OPSET = 13
"""The first in which DequantizeLinear has a scale for each channel."""

LEAST_IR = 7
"""That of opset 12: weights need not be inputs any more."""

_IN_ONE_FILE = 1 << 30
"""Bytes of weights that are written into a model's file; protobuf ends at twice that."""

_FILE = (1 << 31) - (1 << 24)
"""Bytes of weights that a file can have: protobuf holds 2 GiB, some of which are for the nodes."""

_BIASED = frozenset({"Conv", "ConvTranspose", "Gemm"})
_BIAS = 2
"""Which input of these is the bias."""

_QUANTIZED = frozenset(
    "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul ConvInteger MatMulInteger".split()
)


def prepare(model: str | os.PathLike[str] | bytes | onnx.ModelProto) -> onnx.ModelProto:
    """The model with its weights in it, folded and fused as far as onnxruntime does that before it quantizes.

    Nodes that have no name get one, their operator and position, the one that they have in an engine.

    Raises
    ------
    InputError
        When it is quantized already.
    ModelError, UnsupportedError
        When the model is broken, or its opset is too old and cannot be upgraded.
    """
    message, folder = load(model)
    if folder is not None:
        try:
            external_data_helper.load_external_data_for_model(message, str(folder.path))
        except Exception as error:
            raise ModelError(f"{os.fspath(folder.path)}: external data cannot be read: {first_line(error)}") from error
    found = next((node for node in message.graph.node if node.op_type in _QUANTIZED), None)
    if found is not None:
        raise InputError(f"the model is quantized already: it has a {found.op_type} ({found.name or found.output[0]})")
    weights = {tensor.name for tensor in message.graph.initializer}
    inputs = [info for info in message.graph.input if info.name not in weights]
    del message.graph.input[:]
    message.graph.input.extend(inputs)
    message = _upgraded(message)
    _name_nodes(message.graph)
    message = _simplified(message)
    _part_biases(message.graph)
    return message


def kept(model: onnx.ModelProto, prepared: onnx.ModelProto, names: Iterable[str]) -> tuple[str, ...]:
    """The prepared model's nodes that stand for the nodes of these names, of either model.

    Raises
    ------
    InputError
        When there is no such node, or it was folded into the weights of another.
    """
    there = {node.name for node in prepared.graph.node}
    makers = {name: node.name for node in prepared.graph.node for name in node.output}
    before = {node.name: node for node in model.graph.node}
    found = []
    for name in names:
        if name in there:
            found.append(name)
        elif name not in before:
            raise InputError(f"no node is called {name!r}{did_you_mean(name, [*there, *before])}")
        elif parts := [each for each in there if each.startswith(f"{name}/")]:  # what onnxruntime made of it
            found += sorted(parts)
        elif (maker := next((makers[each] for each in before[name].output if each in makers), None)) is not None:
            found.append(maker)
        else:
            raise InputError(f"{name!r} cannot stay float: it was folded into others before anything was quantized")
    return tuple(found)


def store(model: onnx.ModelProto, path: Path) -> bool:
    """Write a model for onnxruntime; returns whether its weights went to files beside it, since they are too many."""
    apart = weight_bytes(model) > _IN_ONE_FILE
    copy = model
    if apart:  # onnx empties the message that it writes so
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
    onnx.save(copy, path, save_as_external_data=apart)
    return apart


def file_content(model: onnx.ModelProto) -> bytes:
    """A model's file, its weights in it.

    Raises
    ------
    UnsupportedError
        When these are more than a file holds.
    """
    size = weight_bytes(model)
    if size > _FILE:
        raise UnsupportedError(f"the quantized model has {size} bytes of weights, more than a file of ONNX holds")
    content: bytes = model.SerializeToString()
    return content


def weight_bytes(model: onnx.ModelProto) -> int:
    """Bytes of a model's weights."""
    return sum(len(tensor.raw_data) or tensor.ByteSize() for tensor in model.graph.initializer)


def _upgraded(model: onnx.ModelProto) -> onnx.ModelProto:
    version = next((opset.version for opset in model.opset_import if not opset.domain), LEAST_OPSET)
    if version < LEAST_OPSET:
        try:
            model = version_converter.convert_version(model, LEAST_OPSET)
        except Exception as error:
            raise UnsupportedError(
                f"opset {version} is too old to quantize, and onnx does not upgrade the model to {LEAST_OPSET}: "
                f"{first_line(error)}; export it for opset {LEAST_OPSET} or later"
            ) from error
    model.ir_version = max(model.ir_version, LEAST_IR)
    return model


def _name_nodes(graph: onnx.GraphProto) -> None:
    taken: set[str] = set()
    for index, node in enumerate(graph.node):
        name = wanted = node.name or f"{node.op_type}_{index}"
        repeats = 1
        while name in taken:
            repeats += 1
            name = f"{wanted}_{repeats}"
        node.name = name
        taken.add(name)


def _part_biases(graph: onnx.GraphProto) -> None:
    """Give each bias that others read, too, a copy of its own.

    A bias has the scale of its node's products: onnxruntime quantizes a tensor once, and gives it to all that read it.
    """
    weights = {tensor.name: tensor for tensor in graph.initializer}
    readers = Counter(_read(graph.node))
    taken = {*weights, *readers, *(name for node in graph.node for name in node.output)}
    for node in graph.node:
        if node.op_type in _BIASED and len(node.input) > _BIAS and readers[node.input[_BIAS]] > 1:
            tensor = weights.get(node.input[_BIAS])
            if tensor is None:
                continue
            readers[tensor.name] -= 1
            name = next(each for n in count(1) if (each := f"{tensor.name}_{n}") not in taken)
            taken.add(name)
            graph.initializer.add().CopyFrom(tensor)
            graph.initializer[-1].name = node.input[_BIAS] = name


def _read(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    """The names that nodes read, and the nodes of graphs in them."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _read(graph.node)
                yield from (output.name for output in graph.output)


def _simplified(model: onnx.ModelProto) -> onnx.ModelProto:
    """What onnxruntime makes of a model before it quantizes: BatchNormalization in weights, constants, types."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(prefix="mini-infer-") as folder, quiet():
        given, made = Path(folder, "given.onnx"), Path(folder, "made.onnx")
        apart = store(model, given)
        for without_symbols in (False, True):  # which knows contributed operators, and gives up on some others
            try:
                quant_pre_process(
                    given,
                    made,
                    skip_symbolic_shape=without_symbols,
                    auto_merge=True,
                    save_as_external_data=apart,
                    all_tensors_to_one_file=True,
                )
                break
            except Exception as error:
                if without_symbols:
                    raise UnsupportedError(f"onnxruntime does not prepare the model: {first_line(error)}") from error
        return _without_unused_domains(onnx.load(made))


def _without_unused_domains(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the domains that onnxruntime imports into every model that it writes."""
    used = {node.domain for node in chain(model.graph.node, *(function.node for function in model.functions))}
    imports = [opset for opset in model.opset_import if not opset.domain or opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(imports)
    return model
