"""Loop nests in C over strided operands, cut into items for the threads."""

import math
from collections.abc import Mapping, Sequence

from mini_infer.codegen.statements import For, Statement, text
from mini_infer.codegen.tiling import Body, Tiling
from mini_infer.ir.dims import at

_ENOUGH_ITEMS = 64
"""Outer dimensions become items until there are this many; the rest are loops inside an item."""


def nest(shape: Sequence[int], walks: Mapping[str, Sequence[int]], *body: Statement) -> tuple[str, int]:
    """Write `body` inside loops over a shape.

    Parameters
    ----------
    shape
        Sizes of the loops, outermost first.
    walks
        Name → strides: the body sees a `const long` of this name, the sum of index times stride over the loops.
    body
        C.

    Returns
    -------
    text
        C statements that run items `[begin, end)`.
    items
        How many items there are: the outermost loops together.
    """
    split = next((k for k in range(len(shape)) if at(math.prod(shape[:k])) >= _ENOUGH_ITEMS), len(shape))
    sums = {
        name: " + ".join(f"i{axis} * {stride}" for axis, stride in enumerate(strides) if stride != 0) or "0"
        for name, strides in walks.items()
    }
    inner: list[Statement] = [*(f"const long {name} = {offset};" for name, offset in sums.items()), *body]
    for axis in reversed(range(split, len(shape))):
        inner = [For(f"i{axis}", shape[axis], inner)]
    used = [axis for axis in range(split) if any(strides[axis] != 0 for strides in walks.values())]
    indices = [f"const long i{axis} = {_index(shape, axis, split)};" for axis in used]
    return each_item(*indices, *inner), math.prod(shape[:split])


def each_item(*body: Statement) -> str:
    """Write `body` in a loop over the items, with `item` for the index."""
    return text([For("item", "end", body, first="begin")])


def chunks(size: int, chunk: int, *body: Statement) -> tuple[str, int]:
    """Write `body`, which works on elements `[start, stop)` of `size`, so that `chunk` elements make an item."""
    items = -(-size // chunk)
    bounds = f"const long start = begin * {chunk}, stop = end == {items} ? {size} : end * {chunk};"
    return text([bounds, *body]), items


def tiled_nest(
    shape: Sequence[int],
    walks: Mapping[str, Sequence[int]],
    first: str,
    width: int,
    body: Body,
    before: Sequence[Statement] = (),
    *,
    counts: bool = False,
) -> tuple[str, int]:
    """Write a `nest` whose last loop is over tiles of `width` neighbors, `before` in front of each tile's body.

    The number of a tile's first neighbor has the name `first`, where the last tile is narrower than others. Of
    `counts`, see `Tiling`.
    """
    *outer, size = shape
    tiling = Tiling(size, width, counts)
    walks = {name: (*strides[:-1], strides[-1] * width) for name, strides in walks.items()}
    if tiling.narrower:
        walks[first] = (*(0 for _ in outer), width)
    inner = tiling.here(f"{first} <= {size - width}", body)
    return nest([*outer, tiling.tiles], walks, *before, *inner)


def _index(shape: Sequence[int], axis: int, split: int) -> str:
    """The index along one of the dimensions that make an item."""
    inner = math.prod(shape[axis + 1 : split])
    quotient = "item" if inner == 1 else f"item / {inner}"
    return quotient if axis == 0 else f"{quotient} % {shape[axis]}"
