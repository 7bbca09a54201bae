"""A fused node taken apart: its product or pool, what is done to each result, a pool after it, and the layouts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mini_infer.ir import Node, TensorType
from mini_infer.ir.operators import traits
from mini_infer.lowering.attributes import integers
from mini_infer.program import Space, View


@dataclass(frozen=True, slots=True)
class Layout:
    """A tensor in ONNX's order of axes, batch and channels first, with the strides it has in memory."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @classmethod
    def at(cls, view: View, *, channels_last: bool) -> "Layout":
        """The layout of a tensor where it lives, perhaps with gaps."""
        order = channels_last_order(len(view.walk)) if channels_last else range(len(view.walk))
        return cls(tuple(view.type.shape[axis] for axis in order), tuple(view.walk[axis] for axis in order))

    @classmethod
    def of(cls, kind: TensorType, *, channels_last: bool) -> "Layout":
        """The layout of a dense tensor."""
        return cls.at(View(Space.ARENA, 0, 0, kind), channels_last=channels_last)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a fused node consists of; a plain node is its own product and nothing else.

    Parameters
    ----------
    before
        What makes the product's first operand, element by element, if anything does: it is a value of its own.
    product
        The node that everything is built around, reading the fused node's inputs and what is made `before`.
    pointwise
        What follows it element by element, likewise.
    pool
        A pool at the end.
    channels_last
        Inputs that the body reads transposed from channels-last.
    writes_channels_last
        Whether the output is transposed to channels-last.
    """

    before: tuple[Node, ...]
    product: Node
    pointwise: tuple[Node, ...]
    pool: Node | None
    channels_last: frozenset[str]
    writes_channels_last: bool

    def alike(self, name: str) -> bool:
        """Whether an input has the output's layout."""
        return (name in self.channels_last) == self.writes_channels_last


def take_apart(node: Node) -> Parts:
    """Find the parts of a node.

    Raises
    ------
    ValueError
        When the body has another form than converted data, transposed data, a product, elementwise nodes, a pool, a
        transpose.
    """
    if not node.body:
        return Parts((), node, (), None, frozenset(), writes_channels_last=False)
    outer: dict[str, str] = {}
    rest = list(node.body)
    before = tuple(rest.pop(0) for _ in range(node.body[0].op == "QuantizeLinear"))
    given = {*node.inputs, *(inner.outputs[0] for inner in before)}
    while len(rest) > 1 and rest[0].op == "Transpose" and rest[0].inputs[0] in given:
        _require(rest[0], channels_last_order)
        outer[rest[0].outputs[0]] = rest[0].inputs[0]
        rest.pop(0)
    writes_channels_last = len(rest) > 1 and rest[-1].op == "Transpose"
    if writes_channels_last:
        _require(rest.pop(), planar_order)
    pool = rest.pop() if len(rest) > 1 and traits(rest[-1]).pool else None
    product, *pointwise = (
        replace(inner, inputs=tuple(outer.get(name, name) for name in inner.inputs)) for inner in rest
    )
    return Parts(before, product, tuple(pointwise), pool, frozenset(outer.values()), writes_channels_last)


def channels_last_order(rank: int) -> tuple[int, ...]:
    """The permutation from channels-last to ONNX's order."""
    return (0, rank - 1, *range(1, rank - 1))


def planar_order(rank: int) -> tuple[int, ...]:
    """The permutation from ONNX's order to channels-last."""
    return (0, *range(2, rank), 1)


def _require(transpose: Node, order: Callable[[int], tuple[int, ...]]) -> None:
    """Check that a Transpose changes between the two layouts."""
    permutation = integers(transpose, "perm")
    if permutation != order(len(permutation)):
        raise ValueError(f"the transpose by {permutation} inside a fused node is no change of layout")
