"""Whether two operands of a kernel can touch the same bytes: parts of one tensor lie between each other's rows."""

import math

from mini_infer.ir import UndecidedError
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
    beginnings = (first, start + low), (second, other_start + other_low)
    try:
        distances = sorted({distance for count, distance in walks if greatest(count) > 1 and distance})
        return any(_apart_in_rows(least, walks, *beginnings) for least in distances)
    except UndecidedError:
        return False  # perhaps they are: nothing here says so for every size


def _apart_in_rows(
    least: int, walks: list[tuple[int, int]], first: tuple[Operand, int], second: tuple[Operand, int]
) -> bool:
    """Whether the operands are apart, seen in rows: steps of at least so many bytes lead from row to row."""
    row = math.gcd(*(distance for count, distance in walks if greatest(count) > 1 and distance >= least))
    begin, end = (at % row for _, at in (first, second))
    width, other = (_width(operand, least) for operand, _ in (first, second))
    gap = (end - begin) % row
    return width <= gap and other <= row - gap


def _width(operand: Operand, least: int) -> int:
    """Bytes from the first to the last of what one row holds."""
    steps = ((count - 1) * abs(stride) * operand.element_bytes for count, stride in operand.walk)
    short = (
        step
        for step, (_, stride) in zip(steps, operand.walk, strict=True)
        if abs(stride) * operand.element_bytes < least
    )
    return sum(short) + operand.element_bytes
