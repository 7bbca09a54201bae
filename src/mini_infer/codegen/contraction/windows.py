"""Windows at the borders: which tiles are clipped alike, and the C that clips the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from mini_infer.codegen.tiling import Tiling
from mini_infer.ir import Dim, UndecidedError
from mini_infer.program.kernels.contraction.spatial import Axis


@dataclass(frozen=True, slots=True)
class Run:
    """Window elements `[start, stop)` that exist for exactly the outputs `[low, high)` of a tile."""

    start: int
    stop: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Segment:
    """`tiles` neighboring tiles of `width` outputs from `start` on whose windows are clipped alike.

    Parameters
    ----------
    runs
        The window elements that exist, for which outputs of a tile.
    only
        The C condition on which there are such tiles; empty: always.
    """

    start: int
    tiles: int
    width: int
    runs: tuple[Run, ...]
    only: str = ""


def segments(axis: Axis, outputs: int, wide: int) -> list[Segment]:
    """Cut the first `outputs` outputs of an axis into tiles of `wide` (the last may be narrower)."""
    axis = replace(axis, output=outputs)
    if isinstance(outputs, Dim):
        return _open_segments(axis, wide)
    whole = never_clipped(axis, wide)  # all alike: one is looked at
    found: list[Segment] = []
    for tile in chain(range(whole.start), whole[:1], range(whole.stop, -(-outputs // wide))):
        start, count = tile * wide, len(whole) if tile in whole else 1
        width = min(wide, outputs - start)
        runs = _runs(axis, start, width)
        if found and (found[-1].width, found[-1].runs) == (width, runs):
            found[-1] = replace(found[-1], tiles=found[-1].tiles + count)
        else:
            found.append(Segment(start, count, width, runs))
    return found


def _open_segments(axis: Axis, wide: int) -> list[Segment]:
    """The tiles of an axis whose length is given at run time, and whose windows are never clipped."""
    if axis.clipped:
        raise UndecidedError("where windows are clipped")
    tiling = Tiling(axis.output, wide)
    whole = (Run(0, axis.kernel, 0, wide),)
    found = [Segment(0, tiling.whole, wide, whole)] if tiling.some_whole else []
    for rest in tiling.rests:
        only = f"{tiling.rest} == {rest}"
        found.append(Segment(tiling.whole * wide, 1, rest, (Run(0, axis.kernel, 0, rest),), only))
    return found


def _runs(axis: Axis, start: int, width: int) -> tuple[Run, ...]:
    """The runs of one tile, in the order of the window's elements; elements that no output has are left out."""

    def having(k: int) -> tuple[int, int]:
        outputs = axis.having(k)
        low, high = max(0, outputs.start - start), min(width, outputs.stop - start)
        return (low, high) if low < high else (0, 0)

    groups = [(bounds, list(group)) for bounds, group in groupby(range(axis.kernel), having)]
    return tuple(Run(elements[0], elements[-1] + 1, low, high) for (low, high), elements in groups if low < high)


def never_clipped(axis: Axis, together: int) -> range:
    """Which groups of `together` neighboring outputs have only whole windows."""
    first, last = axis.having(0), axis.having(axis.kernel - 1)
    low, high = -(-first.start // together), last.stop // together
    return range(low, high) if low < high else range(0)


def coordinates(sizes: Sequence[int], number: str) -> list[str]:
    """C that takes a number apart into `n` and the coordinates `o0`, `o1`, … (the last one runs fastest)."""
    lines = []
    for index in reversed(range(len(sizes))):
        lines.append(f"const long o{index} = {number} % {sizes[index]};")
        number = f"{number} / {sizes[index]}"
    return [*lines, f"const long n = {number};"]


def clip(axis: Axis, position: str, suffix: str) -> list[str]:
    """C that declares `firstS` and `lastS`, the window elements that exist, for a suffix S.

    The window begins at input `position` less the padding, which is declared as `beginS`.
    """
    begin = f"begin{suffix}"
    rounding = axis.dilation - 1
    below = f"(-{begin} + {rounding}) / {axis.dilation}" if rounding else f"-{begin}"
    above = f"({axis.input} - {begin} + {rounding}) / {axis.dilation}" if rounding else f"{axis.input} - {begin}"
    return [
        f"const long {begin} = {position} - {axis.pad}, end{suffix} = {above};",
        f"const long first{suffix} = {begin} < 0 ? {below} : 0;",
        f"const long last{suffix} = end{suffix} < {axis.kernel} ? end{suffix} : {axis.kernel};",
    ]
