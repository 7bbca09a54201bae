"""The branch of an `If` that is known to be taken, in place of the `If`."""

from collections.abc import Callable

import onnx


def inline(
    node: onnx.NodeProto, branch: onnx.GraphProto, unique: Callable[[str], str]
) -> tuple[list[onnx.NodeProto], onnx.GraphProto]:
    """The branch's nodes, to stand where the `If` stood.

    Every name that the branch defines becomes unique, the outputs take the names of the `If`'s outputs, and an output
    that the branch does not compute itself (a captured value, a constant, one it gives twice) is copied by an
    `Identity`. Nothing is changed in place.

    Returns
    -------
    tuple
        The nodes, and the renamed branch with its initializers.
    """
    branch_copy = onnx.GraphProto()
    branch_copy.CopyFrom(branch)
    computed = {name for inner in branch.node for name in inner.output if name}
    new_names: dict[str, str] = {}
    copies = []
    for mine, theirs in zip(branch.output, node.output, strict=True):
        if not theirs:
            continue
        if mine.name in computed and mine.name not in new_names:
            new_names[mine.name] = theirs
        else:
            copies.append((mine.name, theirs))
    defined = [*(tensor.name for tensor in branch.initializer), *computed]
    defined += [sparse.values.name for sparse in branch.sparse_initializer]
    for name in defined:
        if name not in new_names:
            new_names[name] = unique(f"{node.name or node.output[0]}/{name}")
    _rename(branch_copy, new_names)
    for tensor in branch_copy.initializer:
        tensor.name = new_names[tensor.name]
    for sparse in branch_copy.sparse_initializer:
        sparse.values.name = new_names[sparse.values.name]
    identities = [
        onnx.NodeProto(op_type="Identity", input=[new_names.get(mine, mine)], output=[theirs])
        for mine, theirs in copies
    ]
    return [*branch_copy.node, *identities], branch_copy


def _rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Rename what nodes read and write, also what nested graphs capture."""
    for node in graph.node:
        for fields in (node.input, node.output):
            for position, name in enumerate(fields):
                fields[position] = names.get(name, name)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                own = _defined(attribute.g)
                captured = {old: new for old, new in names.items() if old not in own}
                _rename(attribute.g, captured)
                for output in attribute.g.output:
                    output.name = captured.get(output.name, output.name)


def _defined(graph: onnx.GraphProto) -> set[str]:
    names = {info.name for info in graph.input} | {tensor.name for tensor in graph.initializer}
    names |= {sparse.values.name for sparse in graph.sparse_initializer}
    return names | {name for node in graph.node for name in node.output}
