"""What each layer of a quantized model loses: on its own, and with all that come before it.

One session of onnxruntime runs three graphs in one, side by side::

    float   x ─ conv1 ─ a ─ conv2 ─ b              the float model
    all     x ─Q─ conv1 ─Q─ a2 ─ conv2 ─Q─ b2      the quantized one: b2 - b is the error up to conv2
    own     a ─Q─ conv2 ─Q─ b1                     each quantized layer on values of the float model: b1 - b is its own

Nothing is fused or folded in it: what quantizes and dequantizes is computed in float, by its ONNX meaning, whose
answers are a step apart from those of integers at most, and never saturate on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
from onnx import helper

from mini_infer import stages
from mini_infer.errors import UnsupportedError
from mini_infer.quantization.library import first_line
from mini_infer.quantization.losses import Distance
from mini_infer.quantization.prepare import store
from mini_infer.quantization.quantizer import Quantized, Sample, quantizable, with_float_nodes

SAMPLES = 16
"""Samples that say which layers lose most; more would not change the order."""

_INPUT = "_QuantizeLinear_Input"
"""What onnxruntime adds to a value's name where the quantized one is an output of the model."""

_INTEGER = frozenset({"ConvInteger", "MatMulInteger"})

_ALL, _OWN, _WEIGHTS = "all/", "own/", "weights/"


@dataclass(frozen=True, slots=True)
class LayerLoss:
    """What a layer lost.

    Parameters
    ----------
    name
        The node, as `Settings.keep` takes it.
    operator
        Its operator.
    value
        What it makes: the float model's value that is compared, an activation behind it included.
    own_error
        Relative error of that value (`OutputLoss.relative_error`) when this layer alone is quantized: its weights, its
        inputs and its output.
    total_error
        The same in the whole quantized model.
    """

    name: str
    operator: str
    value: str
    own_error: float
    total_error: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """A quantized node, the float model's value, and the two values of the session to compare with it."""

    node: onnx.NodeProto
    value: str
    own: str
    total: str


@dataclass(slots=True)
class _Errors:
    own: Distance = field(default_factory=Distance)
    total: Distance = field(default_factory=Distance)


def layer_losses(
    made: Quantized, samples: Sequence[Sample], calibration: Sequence[Sample] = ()
) -> tuple[LayerLoss, ...]:
    """What each quantized layer loses over samples, those that lose most on their own first.

    Parameters
    ----------
    made
        The quantized model, and the float one.
    samples
        Of them at most `SAMPLES` are run, taken evenly.
    calibration
        What the ranges follow from: a model of the format ``"qoperator"`` is quantized once more, with its values
        between its nodes.

    Raises
    ------
    UnsupportedError
        When onnxruntime does not run the three.
    """
    chosen = samples if len(samples) <= SAMPLES else [samples[i * len(samples) // SAMPLES] for i in range(SAMPLES)]
    together, layers = _side_by_side(made.prepared, _summed_in_float(with_float_nodes(made, calibration)))
    known = quantizable(made.settings)
    layers = [each for each in layers if each.node.op_type in known and each.node.name not in made.settings.keep]
    errors = [_Errors() for _ in layers]
    names = list(dict.fromkeys(name for layer in layers for name in (layer.value, layer.own, layer.total)))
    if not names:
        return ()
    with TemporaryDirectory(prefix="mini-infer-") as folder:
        path = Path(folder, "layers.onnx")
        store(together, path)
        try:
            session = _session(path)
            for index, sample in enumerate(chosen):
                stages.say("layers", index, len(chosen))
                values = dict(zip(names, session.run(names, dict(sample)), strict=True))
                for layer, error in zip(layers, errors, strict=True):
                    error.own.add(values[layer.own], values[layer.value])
                    error.total.add(values[layer.total], values[layer.value])
        except Exception as error:
            raise UnsupportedError(f"onnxruntime does not run the layers: {first_line(error)}") from error
    losses = [
        LayerLoss(layer.node.name, layer.node.op_type, layer.value, error.own.relative, error.total.relative)
        for layer, error in zip(layers, errors, strict=True)
    ]
    return tuple(sorted(losses, key=lambda loss: -loss.own_error))


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # errors come as exceptions
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _side_by_side(prepared: onnx.ModelProto, quantized: onnx.ModelProto) -> tuple[onnx.ModelProto, list[_Layer]]:
    """The three graphs as one, and the layers to compare in it."""
    there = {info.name for info in prepared.graph.input} | {
        name for node in prepared.graph.node for name in node.output
    }
    makers = {name: node for node in quantized.graph.node for name in node.output}
    everything = {name: f"{_ALL}{name}" for name in makers if name}
    everything |= {tensor.name: f"{_WEIGHTS}{tensor.name}" for tensor in quantized.graph.initializer}
    cut = {
        name: name.removesuffix(_INPUT)
        for name, maker in makers.items()
        if name.removesuffix(_INPUT) in there and maker.op_type != "DequantizeLinear"
    }
    own = {name: new.replace(_ALL, _OWN, 1) for name, new in everything.items()}

    together = onnx.ModelProto()
    together.CopyFrom(prepared)
    graph = together.graph
    del graph.value_info[:]
    del graph.output[:]
    for tensor in quantized.graph.initializer:
        graph.initializer.add().CopyFrom(tensor)
        graph.initializer[-1].name = f"{_WEIGHTS}{tensor.name}"
    graph.node.extend(_renamed(node, everything, everything, _ALL) for node in quantized.graph.node)
    graph.node.extend(_renamed(node, own | cut, own, _OWN) for node in quantized.graph.node)
    layers = []
    pairs = _quantizations(quantized.graph)
    for node, made, value in _layers(prepared, quantized, there):
        total, alone = everything[made], own[made]
        if made in pairs:  # its output is quantized: so is what it makes of the float model's values
            once, back = pairs[made]
            total, alone = everything[back.output[0]], f"{_OWN}{made}/back"
            graph.node.append(_renamed(once, {**own, made: own[made]}, {once.output[0]: f"{alone}/8"}, f"{alone}/"))
            graph.node.append(
                _renamed(back, {**own, once.output[0]: f"{alone}/8"}, {back.output[0]: alone}, f"{alone}/")
            )
        layers.append(_Layer(node, value, alone, total))
    wanted = dict.fromkeys(name for layer in layers for name in (layer.value, layer.own, layer.total))
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    known = {opset.domain for opset in together.opset_import}
    together.opset_import.extend(opset for opset in quantized.opset_import if opset.domain not in known)
    return together, layers


def _summed_in_float(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with products of floats for those of bytes, whose weights are symmetric: their zero point is 0.

    onnxruntime's products of bytes saturate on processors without VNNI.
    """
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type not in _INTEGER:
            nodes.append(node)
            continue
        (made,), (values, weights, zero) = node.output, node.input[:3]
        product = helper.make_node(
            node.op_type.removesuffix("Integer"), [f"{made}/values", f"{made}/weights"], [f"{made}/float"]
        )
        product.attribute.extend(node.attribute)
        nodes += [
            helper.make_node("Cast", [values], [f"{made}/bytes"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Cast", [zero], [f"{made}/zero"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Sub", [f"{made}/bytes", f"{made}/zero"], [f"{made}/values"]),
            helper.make_node("Cast", [weights], [f"{made}/weights"], to=onnx.TensorProto.FLOAT),
            product,
            helper.make_node("Cast", [f"{made}/float"], [made], node.name, to=onnx.TensorProto.INT32),
        ]
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def _layers(
    prepared: onnx.ModelProto, quantized: onnx.ModelProto, there: set[str]
) -> list[tuple[onnx.NodeProto, str, str]]:
    """Each float node that is quantized, what the quantized model makes of it, and the float model's value for that.

    Those that only move numbers or choose among them are left out: what they make has the scale of what they read.
    """
    makers = {name: node for node in quantized.graph.node for name in node.output}
    pairs = _quantizations(quantized.graph)
    remaining = {node.name: node for node in quantized.graph.node}
    found: dict[str, tuple[onnx.NodeProto, str, str]] = {}
    for node in prepared.graph.node:
        still = remaining.get(node.name)
        if still is None:  # other nodes do its work, or it is in the saturation of the one before
            made, is_quantized = node.output[0], node.output[0] in makers
        else:
            made = still.output[0]
            back = [
                makers[each] for each in still.input if each in makers and makers[each].op_type == "DequantizeLinear"
            ]
            is_quantized = bool(back) and not (made in pairs and pairs[made][0].input[1:] == back[0].input[1:])
        value = made.removesuffix(_INPUT)
        if is_quantized and made in makers and value in there:
            found.setdefault(value, (node, made, value))
    return list(found.values())


def _quantizations(graph: onnx.GraphProto) -> dict[str, tuple[onnx.NodeProto, onnx.NodeProto]]:
    """A value that is quantized → its QuantizeLinear, and the DequantizeLinear behind it."""
    back = {node.input[0]: node for node in graph.node if node.op_type == "DequantizeLinear"}
    return {
        node.input[0]: (node, back[node.output[0]])
        for node in graph.node
        if node.op_type == "QuantizeLinear" and node.output[0] in back
    }


def _renamed(
    node: onnx.NodeProto, inputs: Mapping[str, str], outputs: Mapping[str, str], prefix: str
) -> onnx.NodeProto:
    """A copy under other names, nested graphs included."""
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.name = f"{prefix}{node.name}" if node.name else ""
    copy.input[:] = [inputs.get(name, name) for name in node.input]
    copy.output[:] = [outputs.get(name, name) for name in node.output]
    for attribute in copy.attribute:
        for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            nested = [_renamed(each, inputs, {}, "") for each in graph.node]
            del graph.node[:]
            graph.node.extend(nested)
            for output in graph.output:
                output.name = inputs.get(output.name, output.name)
    return copy
