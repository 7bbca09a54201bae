"""Windows at the borders: which tiles are clipped alike, and the C that clips the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from mini_infer.codegen.tiling import Tiling
from mini_infer.ir import Dim
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
    """Cut the first `outputs` outputs of an axis into tiles of `wide` (the last may be narrower).

    There are none where it is found out at run time which windows are clipped.
    """
    axis = replace(axis, output=outputs)
    if axis.is_open:
        return [] if axis.clipped else _open_segments(axis, wide)
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
    tiling = Tiling(axis.output, wide)
    whole = (Run(0, axis.kernel, 0, wide),)
    found = [Segment(0, tiling.whole, wide, whole)] if tiling.some_whole else []
    for rest in tiling.rests:
        only = f"{tiling.rest} == {rest}" if isinstance(tiling.rest, Dim) else ""
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


@dataclass(frozen=True, slots=True)
class Border:
    """A tile of `wide` outputs from `o` on, of which some have clipped windows or do not exist.

    Which ones is found out at run time.
    """

    axis: Axis
    wide: int

    @property
    def is_outside(self) -> str:
        """The C condition on which the tile is such a one."""
        axis = self.axis
        reach = (self.wide - 1) * axis.stride + (axis.kernel - 1) * axis.dilation - axis.pad
        before = f"o * {axis.stride} < {axis.pad} || " if axis.pad > 0 else ""
        return f"{before}o * {axis.stride} + {reach} >= {axis.input} || o + {self.wide} > {axis.output}"

    @property
    def left(self) -> str:
        """C of how many of its outputs exist: as many as the tile is wide, or fewer."""
        return f"({self.axis.output} - o < {self.wide} ? {self.axis.output} - o : {self.wide})"

    @property
    def origin(self) -> str:
        """C of the first output's first input, which may not exist."""
        return f"o * {self.axis.stride} + {-self.axis.pad}"

    def elements(self) -> tuple[tuple[str, ...], str, str]:
        """C that precedes a loop over the window's elements that some output has, and the bounds of the loop."""
        axis, rounding = self.axis, self.axis.dilation - 1
        last = (self.wide - 1) * axis.stride
        lines = (
            f"const long origin = {self.origin}, beyond = ({axis.input} - origin + {rounding}) / {axis.dilation};",
            f"const long from_k = origin + {last} < 0 ? ({rounding - last} - origin) / {axis.dilation} : 0;",
            f"const long to_k = beyond < {axis.kernel} ? beyond : {axis.kernel};",
        )
        return lines, "from_k", "to_k"

    def outputs(self) -> tuple[str, ...]:
        """C that declares `low` and `high`, the outputs of the tile that have element `k` of the window."""
        axis, rounding = self.axis, self.axis.stride - 1
        return (
            f"const long at = origin + k * {axis.dilation};",
            f"const long low = at < 0 ? ({rounding} - at) / {axis.stride} : 0;",
            f"const long end_k = at < {axis.input} ? ({axis.input} - at + {rounding}) / {axis.stride} : 0;",
            f"const long high = end_k < {self.wide} ? end_k : {self.wide};",
        )

    def exists(self, position: int) -> str:
        """The C condition on which there is the input so far after the first output's first."""
        return f"(unsigned long)(origin + {position}) < (unsigned long){self.axis.input}"


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
