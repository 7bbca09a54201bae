"""How many rows all blocks of columns pass over together, before the next rows begin."""

from mini_infer.machine import Machine


def rows_of_panel(rows: int, a: int, b: int, blocks: int, machine: Machine) -> int:
    """As many of the rows as are best in one panel: all, or even parts of them that stay in the second cache.

    All rows read b once, and all of a for each block of columns; parts read b once for each part, and a from the cache.

    Parameters
    ----------
    rows
        Of a, or tiles of them.
    a, b
        Bytes of each operand.
    blocks
        Of columns, in each of which b is as large.
    """
    room = max(machine.near(1, 1) - 2 * b // max(1, blocks), machine.near(1, 4))
    if a <= room or not room:
        return max(1, rows)
    panels = -(-rows // max(1, rows * room // a))
    b_again = (panels - 1) * b * machine.read_cycles(b)
    a_from_afar = (blocks - 1) * a * (machine.read_cycles(a) - machine.read_cycles(min(a, machine.near(1))))
    return rows if a_from_afar <= b_again else -(-rows // panels)
