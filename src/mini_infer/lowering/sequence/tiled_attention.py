"""Attention that an exporter wrote out, fused into one node: its body is a product, a softmax, another product."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import at
from mini_infer.ir.fusion import is_attention
from mini_infer.lowering.attributes import integer, integers, listed
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction import tiles
from mini_infer.lowering.shapes import merge
from mini_infer.lowering.window import Window, copy
from mini_infer.machine import Machine
from mini_infer.program import Call
from mini_infer.program.kernels import Tile
from mini_infer.program.kernels.sequence.attention import Attention, Rows, TiledAttention

_AXES = 2
"""Axes of heads: batch and heads."""
_MASKS = (DType.BOOL, DType.FLOAT32)


def lower_fused_attention(node: Node, build: Builder) -> Sequence[Call]:
    """Lower attention whose body the pass `attention` put together."""
    if not build.machine.has_vectors:
        raise NotNativeError(f"attention in register tiles takes vectors, which {build.machine} does not have")
    parts = _Body(node, build)
    (q, q_scale), (k, k_scale), (v, v_scale) = (parts.operand(name) for name in parts.operands)
    k = k.permute((*range(len(k.shape) - 2), len(k.shape) - 1, len(k.shape) - 2))
    q, v = (window if window.strides[-1] == 1 else parts.dense(window) for window in (q, v))
    y = parts.result()
    if y.strides[-1] != 1 or v_scale != 1:
        raise ValueError("attention whose results are scaled or no neighbors")
    scores = (*q.shape[:-1], k.shape[-2])
    mask = parts.mask(scores)
    outer = q.shape[:-2]
    walks = [window.strides[:-2] for window in (q, k, v, y)]
    walks.append(mask.strides[:-2] if mask else (0,) * len(outer))
    sizes, strides = (outer, walks) if k.shape[:-2] != outer else merge(outer, walks)
    batch, heads = (1, *sizes)[-_AXES:]  # attention has four axes at most, two of them of heads
    ways = [(0, *stride)[-_AXES:] for stride in strides]
    rows = [Rows(way[0], way[1], window.strides[-2]) for way, window in zip(ways, (q, k, v, y), strict=False)]
    scores_tile, values_tile = choose_tiles(q.shape[-2], k.shape[-2], q.shape[-1], v.shape[-1], build.machine)
    kernel = TiledAttention(
        batch=batch,
        heads=heads,
        queries=q.shape[-2],
        keys=k.shape[-2],
        qk_dim=q.shape[-1],
        v_dim=v.shape[-1],
        q_per_kv=1 if k.shape[:-2] == outer else outer[1] // k.shape[1],
        q=rows[0],
        k=rows[1],
        v=rows[2],
        y=rows[3],
        k_element=k.strides[-1],
        scale=q_scale * k_scale * parts.scale,
        mask=mask.view.type.dtype if mask else None,
        mask_rows=Rows(ways[4][0], ways[4][1], mask.strides[-2]) if mask else Rows(0, 0, 0),
        mask_key=mask.strides[-1] if mask else 0,
        masked_score=parts.hidden,
        mask_is_inverted=parts.inverted,
        window_right=-1,
        offset=0,
        zero_masked_rows=False,
        zero_nan_rows=any(inner.op == "IsNaN" for inner in node.body),
        scores_tile=scores_tile,
        values_tile=values_tile,
    )
    scratch = build.workspace(TensorType(DType.FLOAT32, (build.threads, kernel.scratch)))
    masks = (mask.view,) if mask else ()
    return [*parts.copies, Call(kernel, (q.place, k.place, v.place, *masks, scratch, y.view))]


def tiled(kernel: Attention, machine: Machine) -> TiledAttention | None:
    """The same attention a few queries at a time, where there are a few and nothing needs a query by itself."""
    plain = (
        machine.has_vectors
        and kernel.dtype is DType.FLOAT32
        and not kernel.softcap
        and not kernel.has_kv_lengths
        and kernel.window_left < 0
    )
    if not plain or not is_attention(kernel.queries, kernel.keys) or kernel.scores >= 0:
        return None
    if kernel.mask is not None and (kernel.mask not in _MASKS or kernel.mask_keys < kernel.keys):
        return None
    scores_tile, values_tile = choose_tiles(kernel.queries, kernel.keys, kernel.qk_dim, kernel.v_dim, machine)
    names = {own.name for own in fields(TiledAttention)}
    return TiledAttention(
        **{own.name: getattr(kernel, own.name) for own in fields(kernel) if own.name in names},
        k_element=1,
        mask_key=1,
        masked_score=-math.inf,
        mask_is_inverted=False,
        zero_masked_rows=True,
        scores_tile=scores_tile,
        values_tile=values_tile,
    )


def choose_tiles(queries: int, keys: int, size: int, width: int, machine: Machine) -> tuple[Tile, Tile]:
    """The tiles of both products of attention, of as many rows, with the fewest estimated cycles together."""
    rows = tiles.typical_rows(queries)
    products = at((tiles.Work(rows, keys, size), tiles.Work(rows, width, keys)))
    best: list[dict[int, tuple[float, int, Tile]]] = []
    for work, wide in zip(products, (True, False), strict=True):
        found: dict[int, tuple[float, int, Tile]] = {}
        for tile in tiles.candidates(work, machine, whole=wide):
            cost = (tiles.cycles(work, tile, machine), tile.vectors, tile)
            if tile.rows not in found or cost[:2] < found[tile.rows][:2]:
                found[tile.rows] = cost
        best.append(found)
    first, second = best
    rows = min(first.keys() & second.keys(), key=lambda rows: (first[rows][0] + second[rows][0], rows))
    return first[rows][2], second[rows][2]


@dataclass(frozen=True, slots=True)
class _Body:
    """The parts of a fused node's body; `copies` come first: they make operands that no strides reach."""

    node: Node
    build: Builder
    copies: list[Call] = field(default_factory=list)

    @property
    def _weighed(self) -> str:
        """What the softmax reads."""
        return next(inner.inputs[0] for inner in self.node.body if inner.op == "Softmax")

    @property
    def _products(self) -> tuple[Node, Node]:
        first, second = (inner for inner in self.node.body if inner.op == "MatMul")
        return first, second

    @property
    def operands(self) -> tuple[str, str, str]:
        """What the products read: q, k (by column) and v."""
        first, second = self._products
        return first.inputs[0], first.inputs[1], second.inputs[1]

    @property
    def _producers(self) -> dict[str, Node]:
        """Value → the node of the body that makes it."""
        return {name: inner for inner in self.node.body for name in inner.outputs}

    def _number(self, name: str) -> float:
        """The value of a constant of one element, or of one number many times."""
        return float(self.build.known(name).flat[0])

    def _factor(self, node: Node) -> tuple[str, float]:
        """What a `Mul` or `Div` by a number reads, and the factor."""
        left, right = node.inputs
        known = self.build.constant(right)
        if known is None or known.size != 1:  # the number comes first
            return right, self._number(left)
        number = self._number(right)
        return left, float(1 / np.float32(number)) if node.op == "Div" else number

    def operand(self, name: str) -> tuple[Window, float]:
        """An operand where it lies, and the number it is multiplied with."""
        node = self._producers.get(name)
        if node is None:
            return Window.of(self.build.strided(name)), 1.0
        if node.op in {"Mul", "Div"}:
            source, factor = self._factor(node)
            window, before = self.operand(source)
            return window, before * factor
        if (repeat := self._producers.get(node.inputs[0])) is not None and repeat.op == "Expand":
            return self.operand(self._producers[repeat.inputs[0]].inputs[0])  # heads that several of q share
        window, factor = self.operand(node.inputs[0])
        if node.op == "Transpose":
            return window.permute(integers(node, "perm") or tuple(range(len(window.shape)))[::-1]), factor
        if node.op == "Gather":
            return window.at(integer(node, "axis"), int(self._number(node.inputs[1]))), factor
        shape = _reshaped(window.shape, node, self.build)
        return window.reshape(shape) or Window.of(self.dense(window).view, shape), factor

    def dense(self, window: Window) -> Window:
        """A copy of a window, in workspace."""
        target = Window.of(self.build.workspace(TensorType(window.view.type.dtype, window.shape)))
        self.copies.extend(copy(window, target))
        return target

    @property
    def scale(self) -> float:
        """What the scores are multiplied with."""
        factor = 1.0
        name, end = self._unmasked(), self._products[0].outputs[0]
        while name != end:
            name, one = self._factor(self._producers[name])
            factor *= one
        return factor

    def _masking(self) -> Node | None:
        node = self._producers.get(self._weighed)
        return node if node is not None and node.op in {"Add", "Where"} else None

    def _unmasked(self) -> str:
        """The scores before they are masked."""
        node = self._masking()
        if node is None:
            return self._weighed
        return next(name for name in node.inputs if name in self._producers)

    def mask(self, shape: Sequence[int]) -> Window | None:
        """The mask, repeated to the shape of the scores."""
        node = self._masking()
        if node is None:
            return None
        name = next(name for name in node.inputs if name not in self._producers)
        return Window.of(self.build.view(name)).broadcast(shape)

    @property
    def inverted(self) -> bool:
        """Whether the mask's true values hide."""
        node = self._masking()
        return node is not None and node.op == "Where" and node.inputs[2] in self._producers

    @property
    def hidden(self) -> float:
        """The score of what a mask of truth values hides."""
        node = self._masking()
        if node is None or node.op != "Where":
            return 0.0
        return self._number(node.inputs[1 if self.inverted else 2])

    def result(self) -> Window:
        """The result of the second product where it lies in the node's output."""
        window = Window.of(self.build.strided(self.node.outputs[0]))
        last = self._products[1].outputs[0]
        name = self.node.outputs[0]
        while name != last:
            node = self._producers[name]
            order = integers(node, "perm") or tuple(range(len(window.shape)))[::-1]
            window = window.permute([order.index(axis) for axis in range(len(order))])
            name = node.inputs[0]
        return window


def _reshaped(given: tuple[int, ...], node: Node, build: Builder) -> tuple[int, ...]:
    """The shape that a view makes of a given one."""
    if "shape" in node.attributes:
        return integers(node, "shape")
    axes = listed(node, build, "axes", 1) or ()  # of Reshape the sizes
    match node.op:
        case "Flatten":
            axis = integer(node, "axis", 1) % (len(given) + 1)
            return math.prod(given[:axis]), math.prod(given[axis:])
        case "Squeeze":
            gone = {axis % len(given) for axis in axes} if axes else {i for i, size in enumerate(given) if size == 1}
            return tuple(size for i, size in enumerate(given) if i not in gone)
        case "Unsqueeze":
            rank = len(given) + len(axes)
            new, old = {axis % rank for axis in axes}, iter(given)
            return tuple(1 if i in new else next(old) for i in range(rank))
        case "Reshape":
            keeps_zeros = bool(integer(node, "allowzero"))
            sizes = [given[i] if size == 0 and not keeps_zeros else size for i, size in enumerate(axes)]
            known = math.prod(size for size in sizes if size != -1)
            return tuple(math.prod(given) // known if size == -1 else size for size in sizes)
    raise ValueError(f"{node.op} is no view of attention's operands")
