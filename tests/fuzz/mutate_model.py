"""Models with fields changed: what a careless exporter or a wicked person might write."""

from collections.abc import Callable
from random import Random

import onnx
from onnx import AttributeProto, TensorProto, helper

INTEGERS = (0, 1, -1, 2, 3, 5, 8, 100, 2**31 - 1, 2**31, 2**40, 2**62, -(2**63), 2**63 - 1)
SIZES = (0, 1, -1, 2, 3, 5, 17, 64, 700, 2**31, 2**40, 2**62)
FLOATS = (0.0, -1.0, 0.5, 1e-40, 1e38, float("nan"), float("inf"), -float("inf"))
STRINGS = (b"", b"a", b"\xff\xfe", b"SAME_UPPER", b"linear", b"reverse", b"x" * 300, b"ij,jk->ik", b"bij,bjk->bik")
TYPES = (*range(24), 99)


def mutated(data: bytes, random: Random) -> tuple[bytes, str]:
    """The model with one to three fields changed, and which."""
    model = onnx.ModelProto.FromString(data)
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        graphs = list(_graphs(model.graph))
        graph = graphs[0] if random.random() < 0.5 else random.choice(graphs)
        change = random.choice(CHANGES)
        what = change(model, graph, random)
        if what:
            done.append(what)
    return model.SerializeToString(), "; ".join(done) or "nothing"


def _graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _node(graph, random):
    return random.choice(graph.node) if graph.node else onnx.NodeProto()


def _names(graph):
    return [
        "",
        "nobody",
        *(each.name for each in (*graph.input, *graph.initializer)),
        *(name for node in graph.node for name in node.output),
    ]


def _operands(_model, graph, random):
    """An input or output dropped, swapped, repeated, or another value's name."""
    node = _node(graph, random)
    names = node.output if random.random() < 0.25 else node.input
    if not names:
        return ""
    at, other = random.randrange(len(names)), random.randrange(len(names))
    match random.randrange(6):
        case 0:
            del names[at]
        case 1:
            names[at] = ""
        case 2:
            names[at], names[other] = names[other], names[at]
        case 3:
            names.append(names[at])
        case 4:
            del names[at:]
        case _:
            names[at] = random.choice(_names(graph))
    return f"operand {at} of {node.op_type}: now {list(names)}"


def _attribute(_model, graph, random):
    """A number, a list or a string of an attribute that is there."""
    node = _node(graph, random)
    if not node.attribute:
        return _new_attribute(_model, graph, random)
    attribute = random.choice(node.attribute)
    if random.random() < 0.1:
        node.attribute.remove(attribute)
        return f"{node.op_type} without {attribute.name}"
    match attribute.type:
        case AttributeProto.INT:
            attribute.i = random.choice(INTEGERS)
        case AttributeProto.FLOAT:
            attribute.f = random.choice(FLOATS)
        case AttributeProto.STRING:
            attribute.s = random.choice(STRINGS)
        case AttributeProto.INTS | AttributeProto.FLOATS | AttributeProto.STRINGS:
            kind = AttributeProto.AttributeType.Name(attribute.type).lower()
            values, pool = getattr(attribute, kind), {"ints": INTEGERS, "floats": FLOATS, "strings": STRINGS}[kind]
            if values and random.random() < 0.6:
                values[random.randrange(len(values))] = random.choice(pool)
            elif values and random.random() < 0.5:
                del values[-1]
            else:
                values.append(random.choice(pool))
        case AttributeProto.TENSOR:
            return f"attribute {attribute.name}: {_tensor(attribute.t, random)}"
        case AttributeProto.GRAPH if random.random() < 0.3:
            attribute.ClearField("g")
    if random.random() < 0.05:
        attribute.type = random.randrange(15)
    return f"{node.op_type}'s {attribute.name}: {str(helper.printable_attribute(attribute))[:80]!r}"


def _new_attribute(_model, graph, random):
    """One that the operator has and the node has not, or that belongs to another operator."""
    node = _node(graph, random)
    try:
        known = sorted(onnx.defs.get_schema(node.op_type, node.domain).attributes)
    except onnx.defs.SchemaError:
        known = []
    name = random.choice([*known, "axis", "pads", "group"])
    value = random.choice((*INTEGERS, *FLOATS, *STRINGS, [0], [1, 1], [-1, 5], [0.5]))
    kept = [each for each in node.attribute if each.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, value)])
    return f"{node.op_type} with {name}={str(value)[:40]}"


def _tensor(tensor, random):
    match random.randrange(6):
        case 0 if tensor.dims:
            tensor.dims[random.randrange(len(tensor.dims))] = random.choice(SIZES)
        case 1:
            tensor.dims.append(random.choice((0, 1, 1, 2, 2**40)))
        case 2 if tensor.dims:
            del tensor.dims[-1]
        case 3:
            tensor.data_type = random.choice(TYPES)
        case 4 if tensor.raw_data:
            raw = bytearray(tensor.raw_data)
            at = random.randrange(len(raw))
            raw[at : at + 8] = random.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" * 8, random.randbytes(8)))[
                : len(raw) - at
            ]
            tensor.raw_data = bytes(raw)
        case _:
            tensor.raw_data = tensor.raw_data[: len(tensor.raw_data) // 2]
    return f"{tensor.name or 'a tensor'} now of type {tensor.data_type}, {list(tensor.dims)}"


def _initializer(_model, graph, random):
    if not graph.initializer:
        return ""
    tensor = random.choice(graph.initializer)
    if random.random() < 0.05:
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=random.choice(("/etc/passwd", "../a", "a", "")))
        return f"{tensor.name} is external"
    if random.random() < 0.1:
        graph.initializer.append(tensor)
        return f"{tensor.name} twice"
    return _tensor(tensor, random)


def _port(_model, graph, random):
    """A dimension or type of an input or output."""
    infos = graph.input if random.random() < 0.7 else graph.output
    if not infos:
        return ""
    info = random.choice(infos)
    kind = info.type.tensor_type
    dims = kind.shape.dim
    match random.randrange(8):
        case 0:
            kind.elem_type = random.choice(TYPES)
        case 1 if dims:
            del dims[random.randrange(len(dims))]
        case 2:
            dims.add().dim_value = random.choice(SIZES)
        case 3:
            info.ClearField("type")
        case 4 if dims:
            random.choice(dims).dim_param = "N"
        case 5 if len(infos) > 1:
            infos.remove(info)
            return f"{info.name} is no port"
        case _ if dims:
            random.choice(dims).dim_value = random.choice(SIZES)
    return f"{info.name} now of type {kind.elem_type}, {[each.dim_param or each.dim_value for each in dims]}"


def _nodes(_model, graph, random):
    """A node repeated, removed, moved, or of another operator."""
    if not graph.node:
        return ""
    at = random.randrange(len(graph.node))
    node = graph.node[at]
    match random.randrange(5):
        case 0:
            graph.node.append(node)
        case 1:
            del graph.node[at]
        case 2:
            node.op_type = random.choice(OPERATORS)
        case 3:
            node.domain = random.choice(("ai.onnx", "com.microsoft", "ai.onnx.ml", "own", "mini_infer"))
        case _:
            nodes = list(graph.node)
            random.shuffle(nodes)
            del graph.node[:]
            graph.node.extend(nodes)
    return f"node {at}: {node.op_type} of {node.domain!r}"


def _version(model, _graph, random):
    for each in model.opset_import:
        each.version = random.choice((1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 22, 23, 24, 99, 0, -1))
    return f"opset {[each.version for each in model.opset_import]}"


OPERATORS = sorted({schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain})
CHANGES: tuple[Callable, ...] = (
    *[_operands] * 4,
    *[_attribute] * 4,
    *[_new_attribute] * 2,
    *[_initializer] * 4,
    *[_port] * 4,
    _nodes,
    _version,
)
