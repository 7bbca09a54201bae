"""How a kernel's items count blocks of columns and rows of tiles."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Slabs of rows; in each slab all blocks; for each of these the slab's rows.

    A slab's part of x stays in the cache while all blocks pass over it; one slab of all rows reads each block's weights
    only once.
    """

    rows: int
    blocks: int
    slab: int

    @property
    def items(self) -> int:
        """How many items there are."""
        return self.rows * self.blocks

    def decode(self) -> list[str]:
        """C that declares `block` and, where there are several, `row` of `item`."""
        if self.rows == 1:
            return [f"const long block = {'item' if self.blocks > 1 else 0};"]
        if self.blocks == 1:
            return ["const long block = 0, row = item;"]
        if self.slab >= self.rows:
            return [f"const long block = item / {self.rows}, row = item % {self.rows};"]
        return [
            f"const long slab = item / {self.blocks * self.slab}, within = item % {self.blocks * self.slab};",
            f"const long rest = {self.rows} - slab * {self.slab}, height = rest < {self.slab} ? rest : {self.slab};",
            f"const long block = within / height, row = slab * {self.slab} + within % height;",
        ]
