"""Which operators onnx does not know: all of them at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import onnx

from mini_infer.errors import UnsupportedError
from mini_infer.frontend.contrib import is_expressible


@dataclass(frozen=True, slots=True)
class UnknownOperator:
    """A node whose operator neither onnx nor the model itself defines, and that `contrib` cannot express.

    `version` is the opset that the model imports for the domain; `None` when it imports none.
    """

    node: str
    op: str
    domain: str
    version: int | None

    def __str__(self) -> str:
        opset = "an opset that the model does not import" if self.version is None else f"opset {self.version}"
        return f"node {self.node!r}: {_plain(self.op)} of {_plain(self.domain) or 'ai.onnx'}, {opset}"


def unknown_operators(model: onnx.ModelProto) -> tuple[UnknownOperator, ...]:
    """Every node with an operator that nobody defines, nested graphs and functions included, in order."""
    defined = {(function.domain, function.name) for function in model.functions}
    found = list(_unknown(model.graph.node, opset_versions(model.opset_import), defined))
    for function in model.functions:
        found += _unknown(function.node, opset_versions(function.opset_import), defined)
    return tuple(found)


def check_operators(model: onnx.ModelProto) -> None:
    """Refuse a model with unknown operators.

    Raises
    ------
    UnsupportedError
        Naming all of them.
    """
    found = unknown_operators(model)
    if found:
        count = f"{len(found)} operator{'s' if len(found) > 1 else ''}"
        raise UnsupportedError(f"{count} unknown: " + "; ".join(map(str, found)))


def opset_versions(imports: "onnx.ModelProto.opset_import") -> dict[str, int]:
    """Domain → version; ONNX's own domain is the empty name."""
    return {plain_domain(opset.domain): opset.version for opset in imports}


def plain_domain(domain: str) -> str:
    """The domain, ONNX's own as the empty name."""
    return "" if domain == "ai.onnx" else domain


def _plain(text: str) -> str:
    """The text, quoted where it would break a line."""
    return text if text.isprintable() else repr(text)


def _unknown(
    nodes: "onnx.GraphProto.node", versions: dict[str, int], defined: set[tuple[str, str]]
) -> Iterator[UnknownOperator]:
    known: dict[tuple[str, str], bool] = {}
    for node in nodes:
        key = node.domain, node.op_type
        if key not in known:
            version = versions.get(plain_domain(node.domain))
            defines = version is not None and (_has_schema(node, version) or is_expressible(*key))
            known[key] = key in defined or defines
        if not known[key]:
            domain = plain_domain(node.domain)
            yield UnknownOperator(node.name, node.op_type, domain, versions.get(domain))
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _unknown(attribute.g.node, versions, defined)


def _has_schema(node: onnx.NodeProto, version: int) -> bool:
    try:
        schema = onnx.defs.get_schema(node.op_type, version, plain_domain(node.domain))
    except (onnx.defs.SchemaError, TypeError):  # the latter when the version is beyond 32 bits
        return False
    return not schema.deprecated
