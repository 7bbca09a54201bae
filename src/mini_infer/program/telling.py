"""Which runs of one kernel tell of all: where the outermost stay inside their memory, those between them do, too."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.ir import Dim
from mini_infer.program.types import Space


@dataclass(frozen=True, slots=True)
class Span:
    """What a kernel does with one operand, wherever that begins.

    Parameters
    ----------
    place
        The memory that it lies in.
    low, high
        The bytes that are touched, from where it begins on; equal where none are.
    unit
        What it must begin at a multiple of, in bytes.
    written
        Whether any of these bytes may change.
    table
        Whether its values are looked at.
    """

    place: tuple[Space, int]
    low: int
    high: int
    unit: int
    written: bool
    table: bool


def telling(offsets: Sequence[Sequence[int]], spans: Sequence[Span]) -> list[int]:
    """The numbers of the runs to look at: if they are right, all are that differ only in where operands begin.

    These are the first run and, for each operand, those in which it begins lowest and highest. Where two operands may
    touch the same bytes, of which some are written, it is one run for each distance between them. All are looked at
    where operands begin at odd places, in states, or at sizes that are given at run time, and where values count.

    Parameters
    ----------
    offsets
        For each run, where its operands begin, in bytes.
    spans
        For each operand, what is done with it.
    """
    columns = list(zip(*offsets, strict=True))
    for column, span in zip(columns, spans, strict=True):
        odd = span.table or span.place[0] is Space.STATE or any(isinstance(each, Dim) for each in column)
        if odd or any((each - column[0]) % span.unit for each in column):
            return list(range(len(offsets)))
    chosen = {0}
    for column in columns:
        chosen |= {column.index(min(column)), column.index(max(column))}
    for one, other in itertools.combinations(range(len(spans)), 2):
        if _may_meet(columns[one], spans[one], columns[other], spans[other]):
            distances = {
                second - first: run
                for run, (first, second) in enumerate(zip(columns[one], columns[other], strict=True))
            }
            chosen |= set(distances.values())
    return sorted(chosen)


def _may_meet(column: Sequence[int], span: Span, other_column: Sequence[int], other: Span) -> bool:
    """Whether all that one operand touches in any run, and all that another does, have bytes in common."""
    if span.place != other.place or not (span.written or other.written):
        return False
    if span.low == span.high or other.low == other.high:
        return False
    return (
        min(column) + span.low < max(other_column) + other.high
        and min(other_column) + other.low < max(column) + span.high
    )
