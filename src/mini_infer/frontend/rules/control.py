"""Operators with nested graphs, and those of sequences: what goes in and out is as many as the graphs say."""

from collections.abc import Mapping

import onnx

from mini_infer.frontend.rules.claims import Claim, axis, ranks, single, typed
from mini_infer.frontend.rules.operands import Operands
from mini_infer.ir import DType


def _graph(o: Operands, name: str) -> onnx.GraphProto:
    graph = o.attribute(name)
    if not isinstance(graph, onnx.GraphProto):
        raise o.wrong(f"attribute {name} is missing, or is no graph")
    return graph


def _count(o: Operands, what: str, have: int, wanted: int) -> None:
    if have != wanted:
        raise o.wrong(f"{what}: {have} instead of {wanted}")


def _if(o: Operands) -> None:
    """Both branches take nothing and give what the node does."""
    for name in ("then_branch", "else_branch"):
        branch = _graph(o, name)
        _count(o, f"inputs of its {name}", len(branch.input), 0)
        _count(o, f"outputs of its {name}", len(branch.output), len(o.node.output))


def _loop(o: Operands) -> None:
    """The body takes a number, a condition and what is carried; it gives a condition, that, and a row of the rest."""
    body, carried = _graph(o, "body"), len(o.node.input) - 2
    if carried < 0:
        raise o.wrong("it must have a trip count and a condition, each of which may be empty")
    _count(o, "inputs of its body", len(body.input), 2 + carried)
    _count(o, "outputs of its body", len(body.output), 1 + len(o.node.output))
    if len(o.node.output) < carried:
        raise o.wrong(f"{carried} values are carried, but it has {len(o.node.output)} outputs")


def _scan(o: Operands) -> None:
    """The body takes the states and an element of each sequence, and gives the states and the results."""
    body, count = _graph(o, "body"), o.integer("num_scan_inputs", 0)
    given = len(o.node.input) - (1 if o.version < 9 else 0)  # noqa: PLR2004 - until then lengths came first
    if not 1 <= count <= given:
        raise o.wrong(f"attribute num_scan_inputs is {count}, but it has {given} inputs")
    states = given - count
    results = len(o.node.output) - states
    _count(o, "inputs of its body", len(body.input), given)
    _count(o, "outputs of its body", len(body.output), len(o.node.output))
    if results < 0:
        raise o.wrong(f"{states} states are carried, but it has {len(o.node.output)} outputs")
    for name, wanted in (
        ("scan_input_axes", count),
        ("scan_input_directions", count),
        ("directions", count),
        ("scan_output_axes", results),
        ("scan_output_directions", results),
    ):
        listed = o.listed(name)
        if listed is not None:
            _count(o, f"values of attribute {name}", len(listed), wanted)


def _scanned(o: Operands) -> None:
    """Sequences have the axes along which they are read, and as many elements each."""
    if o.version < 9:  # noqa: PLR2004
        return
    count = o.integer("num_scan_inputs", 0)
    first = len(o.node.input) - count
    axes = o.listed("scan_input_axes") or (0,) * count
    lengths = []
    for k, along in enumerate(axes):
        rank = o.rank(first + k)
        if not -rank <= along < rank:
            raise o.wrong(f"attribute scan_input_axes has {along}, which is no axis: {o.say(first + k)}")
        lengths.append(o.size(first + k, along))
    if len(set(lengths)) > 1:
        raise o.wrong(f"its sequences have {', '.join(map(str, lengths))} elements, but must have as many")


def _map(o: Operands) -> None:
    body = _graph(o, "body")
    _count(o, "inputs of its body", len(body.input), len(o.node.input))
    _count(o, "outputs of its body", len(body.output), len(o.node.output))


RULES: Mapping[str, tuple[Claim, ...]] = {
    "If": (single(0), typed(DType.BOOL, 0), _if),
    "Loop": (single(0), single(1), typed(DType.INT64, 0), typed(DType.BOOL, 1), _loop),
    "Scan": (_scan, _scanned),
    "SequenceAt": (single(1),),
    "SequenceErase": (single(1),),
    "SequenceInsert": (single(2),),
    "SequenceMap": (_map,),
    "SplitToSequence": (axis(0), ranks(1, 0, 1)),
}
"""Operator → what must be so."""
