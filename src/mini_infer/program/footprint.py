"""Whether two operands of a kernel can touch the same bytes: parts of one tensor lie between each other's rows."""

import math

from mini_infer.ir import Dim
from mini_infer.ir.dims import at_least, greatest
from mini_infer.program.operand import Operand


def apart(first: Operand, start: int, second: Operand, other_start: int) -> bool:
    """Whether no byte is touched by both.

    Parameters
    ----------
    first, second
        The operands.
    start, other_start
        Where their views begin in the memory that both lie in, in bytes.
    """
    if first.points == 0 or second.points == 0:
        return True
    (low, high), (other_low, other_high) = first.reach, second.reach
    if at_least(other_start + other_low, start + high) or at_least(start + low, other_start + other_high):
        return True
    # Rows a common distance apart: the operands are apart if what lies in one such distance is.
    walks = [(count, abs(stride) * one.element_bytes) for one in (first, second) for count, stride in one.walk]
    moving = [(count, distance) for count, distance in walks if not at_least(1, count)]
    # A distance that is given at run time leads from row to row, whatever a row is: it is a multiple of its divisor.
    distances = sorted({distance for _, distance in moving if isinstance(distance, int) and distance})
    return any(
        _apart_in_rows(least, walks, (first, start + low), (second, other_start + other_low)) for least in distances
    )


def _apart_in_rows(
    least: int, walks: list[tuple[int, int]], first: tuple[Operand, int], second: tuple[Operand, int]
) -> bool:
    """Whether the operands are apart, seen in rows: steps of at least so many bytes lead from row to row."""
    steps = (distance for count, distance in walks if not at_least(1, count) and not _is_short(distance, least))
    row = math.gcd(*(step.divisor if isinstance(step, Dim) else step for step in steps))
    width, other = (_width(operand, least) for operand, _ in (first, second))
    gap = (second[1] - first[1]) % row
    return isinstance(gap, int) and width <= gap and other <= row - gap


def _width(operand: Operand, least: int) -> int:
    """Bytes from the first to the last of what one row holds, at most."""
    walk = ((count, abs(stride) * operand.element_bytes) for count, stride in operand.walk)
    short = (greatest((count - 1) * distance) for count, distance in walk if _is_short(distance, least))
    return sum(short) + operand.element_bytes


def _is_short(distance: int, least: int) -> bool:
    """Whether a step stays in its row."""
    return isinstance(distance, int) and distance < least
