"""Scan as a Loop whose body takes its elements out of the whole sequences."""

from collections.abc import Sequence

import onnx
from onnx import TensorProto, helper

from mini_infer.frontend.composer import Composer

_BATCHLESS = 9
"""The opset from which Scan has no batch axis."""


def scan(c: Composer) -> Sequence[str]:
    """`Scan`: as many trips as the sequences have elements; results are stacked along axis 0, then turned as asked."""
    if c.version < _BATCHLESS:
        raise c.refusal("has a batch axis")
    count = c.attribute("num_scan_inputs")
    names = list(c.node.input)
    states, sequences = names[: len(names) - count], names[len(names) - count :]
    axes = c.attribute("scan_input_axes") or [0] * count
    backwards = c.attribute("scan_input_directions") or [0] * count
    shapes = [c.shape(name) for name in sequences]
    trips = shapes[0][axes[0]]
    body = onnx.GraphProto()
    body.CopyFrom(c.attribute("body"))
    elements = [info.name for info in body.input[len(states) :]]
    prefix = f"{body.name}/{c.node.output[0]}"
    iteration, going, still, last, rest = (
        f"{prefix}/{each}" for each in ("iteration", "going", "still", "last", "rest")
    )
    taken = [
        helper.make_node("Constant", [], [last], value_int=trips - 1),
        helper.make_node("Sub", [last, iteration], [rest]),
        *(
            helper.make_node("Gather", [sequence, rest if reverse else iteration], [element], axis=axis % len(shape))
            for sequence, element, reverse, axis, shape in zip(
                sequences, elements, backwards, axes, shapes, strict=True
            )
        ),
    ]
    nodes = [*taken, *body.node, helper.make_node("Identity", [going], [still])]
    inputs = [
        helper.make_tensor_value_info(iteration, TensorProto.INT64, ()),
        helper.make_tensor_value_info(going, TensorProto.BOOL, ()),
        *body.input[: len(states)],
    ]
    outputs = [onnx.ValueInfoProto(name=still), *body.output]
    loop = helper.make_graph(nodes, body.name, inputs, outputs, body.initializer)
    loop.sparse_initializer.extend(body.sparse_initializer)
    carried = [c.constant(trips), "", *states]
    results = c.several("Loop", carried, len(body.output), body=loop)
    return [*results[: len(states)], *_turned(c, results[len(states) :], body.output[len(states) :])]


def _turned(c: Composer, stacked: Sequence[str], slices: Sequence[onnx.ValueInfoProto]) -> list[str]:
    """The stacked results, those that are collected backwards from their end, along the axes asked for."""
    axes = c.attribute("scan_output_axes") or [0] * len(stacked)
    backwards = c.attribute("scan_output_directions") or [0] * len(stacked)
    results = []
    for name, part, axis, reverse in zip(stacked, slices, axes, backwards, strict=True):
        turned = name
        if reverse:
            ends = (c.integers(value) for value in (-1, -(2**63) + 1, 0, -1))
            turned = c("Slice", turned, *ends)
        if axis:
            if not part.type.tensor_type.HasField("shape"):
                raise c.refusal("stacks along an axis of a tensor of unknown rank")
            rank = len(part.type.tensor_type.shape.dim) + 1
            place = axis % rank
            turned = c("Transpose", turned, perm=[*range(1, place + 1), 0, *range(place + 1, rank)])
        results.append(turned)
    return results
