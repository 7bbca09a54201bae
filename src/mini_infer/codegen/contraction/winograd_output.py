"""How the tiles of Winograd's method leave the registers."""

from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.codegen.contraction.epilogue import applied, is_light
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.vectors.vector import load, store
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradOutput


@dataclass(frozen=True, slots=True)
class WinogradOutputWriter:
    """How a tile of sums, the variables `y<row>_<column>`, leaves the registers: pooled, with the epilogue applied.

    A whole tile is written out. Tiles that reach over the end of the output, and all those whose epilogue is long, go
    through a small array, over which loops run.
    """

    kernel: WinogradConv | WinogradOutput
    lanes: int

    @property
    def stored(self) -> tuple[int, int]:
        """Rows and columns of numbers that a whole tile stores."""
        high, wide = (self.kernel.shape.size // pool for pool in self.kernel.pool)
        return high, wide

    @property
    def ragged(self) -> bool:
        """Whether some tile reaches over the output's end."""
        return any(axis.output % self.kernel.shape.size != 0 for axis in self.kernel.shape.conv.axes)

    def position(self) -> list[str]:
        """C that declares where the tile's first number goes, and how many `rows` and `columns` of it exist."""
        conv, stored = self.kernel.shape.conv, self.stored
        down, right = conv.axes
        in_image = f"row * {stored[0] * down.y_stride} + column * {stored[1] * right.y_stride}"
        start = f"{conv.y_start} + n * {conv.image.y_stride} + {in_image} + block * {self.kernel.shape.tile.block}"
        lines = [f"const long to = {start};"]
        if self.ragged:
            for name, index, axis in (("rows", "row", 0), ("columns", "column", 1)):
                left = f"{conv.axes[axis].output // self.kernel.pool[axis]} - {index} * {stored[axis]}"
                lines.append(f"const long {name} = {left} < {stored[axis]} ? {left} : {stored[axis]};")
        return lines

    def store(self) -> list[Statement]:
        """C that pools the sums and stores what remains, with the epilogue."""
        kernel = self.kernel
        stored = [(i, j) for i in range(self.stored[0]) for j in range(self.stored[1])]
        lines: list[Statement] = [*self._pool(stored)]
        if kernel.epilogue.bias:
            lines.append(f"const vf b = mi_load(bias + (block * {kernel.shape.tile.block} + c));")
            lines += [f"{_kept(kernel, place)} += b;" for place in stored]
        rest = kernel.shape.conv.out_channels % self.lanes
        unlike = ["rows == {} && columns == {}".format(*self.stored)] if self.ragged else []
        unlike += [self._whole()] if rest else []
        looped = self._looped(stored, rest)
        if not is_light(kernel.epilogue.expression):
            return [*lines, *looped]
        down, right = kernel.shape.conv.axes
        written = [
            self._vector(_kept(kernel, (i, j)), f"{i * down.y_stride + j * right.y_stride}", self.lanes)
            for i, j in stored
        ]
        if not unlike:
            return [*lines, *written]
        return [*lines, If(" && ".join(unlike), written, looped)]

    def _whole(self) -> str:
        """Whether all lanes from column `c` of the block on are columns that exist."""
        shape = self.kernel.shape
        return f"block * {shape.tile.block} + c <= {shape.conv.out_channels - self.lanes}"

    def _pool(self, stored: Sequence[tuple[int, int]]) -> list[str]:
        """C that leaves in each pool's first sum the greatest; a first NaN stays, later ones are ignored."""
        high, wide = self.kernel.pool
        return [
            f"{_kept(self.kernel, (i, j))} = v{self.lanes}_greatest({_kept(self.kernel, (i, j))}, y{row}_{column});"
            for i, j in stored
            for row in range(i * high, (i + 1) * high)
            for column in range(j * wide, (j + 1) * wide)
            if (row, column) != (i * high, j * wide)
        ]

    def _looped(self, stored: Sequence[tuple[int, int]], rest: int) -> list[Statement]:
        """C that stores by way of an array as much of the tile as exists."""
        down, right = self.kernel.shape.conv.axes
        high, wide = self.stored
        at = f"i * {down.y_stride} + j * {right.y_stride}"
        store = [self._vector("sums[i][j]", at, self.lanes)]
        if rest:
            store = [f"if ({self._whole()}) {store[0]}", f"else {self._vector('sums[i][j]', at, rest)}"]
        return [
            f"_Alignas(64) vf sums[{high}][{wide}];",
            *(f"sums[{i}][{j}] = {_kept(self.kernel, (i, j))};" for i, j in stored),
            For("i", "rows" if self.ragged else high, [For("j", "columns" if self.ragged else wide, store)]),
        ]

    def _vector(self, value: str, at: str, valid: int) -> str:
        """C that applies the epilogue to one vector of sums and stores its first lanes, `at` floats after `to`."""
        epilogue, part = self.kernel.epilogue, valid % self.lanes
        place = f"(to + c + {at})"
        residual = [f"const vf r = {load(f'residual + {place}', part)};"] if epilogue.residual else []
        lines = [f"vf sum = {value};", *residual, *applied(epilogue, valid), store(f"y + {place}", "sum", part)]
        return "{ " + " ".join(lines) + " }"


def _kept(kernel: WinogradConv | WinogradOutput, place: tuple[int, int]) -> str:
    """The variable of the first sum of a pool."""
    return f"y{place[0] * kernel.pool[0]}_{place[1] * kernel.pool[1]}"
