"""The graph: static-shaped nodes and values, as frozen types.

A model enters here from the front end, is rewritten by passes and leaves for lowering. Nothing in this
package knows files, kernels or memory offsets.
"""

from mini_infer.ir.bounded import BOUNDED_DOMAIN, Bound, trimmed
from mini_infer.ir.dims import SIZES, SIZES_DOMAIN, Dim, Symbol, UndecidedError
from mini_infer.ir.graph import Attribute, Graph, Node
from mini_infer.ir.printer import format_graph, format_node
from mini_infer.ir.types import DType, OpaqueType, TensorType, ValueType
from mini_infer.ir.verify import verify

__all__ = [
    "BOUNDED_DOMAIN",
    "SIZES",
    "SIZES_DOMAIN",
    "Attribute",
    "Bound",
    "DType",
    "Dim",
    "Graph",
    "Node",
    "OpaqueType",
    "Symbol",
    "TensorType",
    "UndecidedError",
    "ValueType",
    "format_graph",
    "format_node",
    "trimmed",
    "verify",
]
