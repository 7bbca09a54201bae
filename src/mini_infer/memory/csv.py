"""Problems and plans as comma-separated values, in minimalloc's columns.

``id,lower,upper,size[,alignment][,gaps][,pools][,traffic][,overlaps][,offset][,pool]``, in any order: a row per buffer,
lifetimes half-open. Gaps are written ``3-5 8-9``, pools that a buffer may live in ``sram dram``; an empty
cell means the default. Overlaps are written ``0+512 4+64``: this buffer may share bytes with that of
the first row if it begins 512 bytes below it or more, and so on. An offset pins the buffer where the file
is read as a problem, and is the buffer's place, in `pool`, where it is read as a plan.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from mini_infer.errors import ProblemError
from mini_infer.files import read_text, write_atomically
from mini_infer.memory.overlap import Overlap
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Buffer, Pool, Problem, expect_problem

REQUIRED = ("id", "lower", "upper", "size")
OPTIONAL = ("alignment", "gaps", "pools", "traffic", "overlaps", "offset", "pool")


def read_csv(path: str | Path, pools: Sequence[Pool] = ()) -> Problem:
    """Read a problem; offsets in the file are pins.

    Raises
    ------
    ProblemError
        The file cannot be read, or a row is wrong: the message names file, row (the header is row 1) and value.
    """
    path = Path(path)
    buffers: list[Buffer] = []
    overlaps: list[Overlap] = []
    for row, cells in _rows(path):
        where = f"{path}, row {row}"
        overlaps += _overlaps(cells.pop("overlaps", ""), len(buffers), where)
        buffers.append(_buffer(cells, where))
    return _problem(path, buffers, pools, overlaps=overlaps)


def read_csv_plan(path: str | Path, pools: Sequence[Pool] = (), capacity: int | None = None) -> Plan:
    """Read a plan: every row needs an offset. Nothing is checked yet; that is what `validate` is for.

    Raises
    ------
    ProblemError
        As `read_csv`, or a row has no offset.
    """
    path = Path(path)
    buffers: list[Buffer] = []
    offsets: list[int] = []
    regions: list[str] = []
    overlaps: list[Overlap] = []
    for row, cells in _rows(path):
        where = f"{path}, row {row}"
        overlaps += _overlaps(cells.pop("overlaps", ""), len(buffers), where)
        if not cells.get("offset"):
            raise ProblemError(f"{where}: buffer {cells['id']!r} has no offset; a plan needs one in every row")
        offsets.append(_integer(cells, "offset", where))
        regions.append(cells.get("pool", ""))
        buffers.append(_buffer(cells | {"offset": ""}, where))
    problem = _problem(path, buffers, pools, capacity, overlaps)
    return Plan(problem, tuple(offsets), strategy="file", lower_bound=0, regions=tuple(regions) if pools else ())


def write_csv(what: Problem | Plan, path: str | Path) -> None:
    """Write a problem, or a plan with the offsets it found. The file appears whole or not at all."""
    problem = what.problem if isinstance(what, Plan) else what
    expect_problem(problem, "write_csv")
    buffers = problem.buffers
    columns: dict[str, Sequence[object]] = {
        "id": [buffer.id for buffer in buffers],
        "lower": [buffer.start for buffer in buffers],
        "upper": [buffer.end for buffer in buffers],
        "size": [buffer.size for buffer in buffers],
    }
    if any(buffer.alignment > 1 for buffer in buffers):
        columns["alignment"] = [buffer.alignment for buffer in buffers]
    if any(buffer.gaps for buffer in buffers):
        columns["gaps"] = [" ".join(f"{start}-{end}" for start, end in buffer.gaps) for buffer in buffers]
    if any(buffer.pools for buffer in buffers):
        columns["pools"] = [" ".join(buffer.pools) for buffer in buffers]
    if any(buffer.traffic is not None for buffer in buffers):
        columns["traffic"] = ["" if buffer.traffic is None else buffer.traffic for buffer in buffers]
    if problem.overlaps:
        cells = [""] * len(buffers)
        for each in problem.overlaps:
            cells[each.lower] = f"{cells[each.lower]} {each.upper}+{each.distance}".strip()
        columns["overlaps"] = cells
    if isinstance(what, Plan):
        columns["offset"] = what.offsets
        if what.regions:
            columns["pool"] = what.regions
    elif any(buffer.offset is not None for buffer in buffers):
        columns["offset"] = ["" if buffer.offset is None else buffer.offset for buffer in buffers]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_atomically(Path(path), [text.getvalue().encode()])


def _problem(
    path: Path,
    buffers: list[Buffer],
    pools: Sequence[Pool],
    capacity: int | None = None,
    overlaps: Sequence[Overlap] = (),
) -> Problem:
    try:
        return Problem(tuple(buffers), capacity, tuple(pools), tuple(overlaps))
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield row numbers, as an editor counts them, and cells by column."""
    try:
        yield from _checked(path, csv.reader(StringIO(read_text(path, error=ProblemError), newline="")))
    except csv.Error as error:
        raise ProblemError(f"{path}: cannot be read as CSV: {error}") from None


def _checked(path: Path, rows: Iterator[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    header = [name.strip() for name in next(rows, [])]
    known = {*REQUIRED, *OPTIONAL}
    if len(set(header)) < len(header) or not set(REQUIRED) <= set(header) <= known:
        raise ProblemError(
            f"{path}, row 1: the header is {','.join(header)!r}; expected {','.join(REQUIRED)} "
            f"and any of {','.join(OPTIONAL)}"
        )
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            if not row:
                continue
            raise ProblemError(f"{path}, row {number}: {len(row)} values for {len(header)} columns: {','.join(row)!r}")
        yield number, dict(zip(header, row, strict=False))


def _buffer(cells: dict[str, str], where: str) -> Buffer:
    if len(cells) == len(REQUIRED):
        try:  # most files have no more than these, and a million rows of them
            return Buffer(cells["id"].strip(), int(cells["size"]), int(cells["lower"]), int(cells["upper"]))
        except ValueError:
            pass  # said in full below
    size, start, end = (_integer(cells, column, where) for column in ("size", "lower", "upper"))
    alignment = _integer(cells, "alignment", where) if cells.get("alignment") else 1
    offset = _integer(cells, "offset", where) if cells.get("offset") else None
    traffic = _integer(cells, "traffic", where) if cells.get("traffic") else None
    gaps, pools = _gaps(cells.get("gaps", ""), where), tuple(cells.get("pools", "").split())
    try:
        return Buffer(cells["id"].strip(), size, start, end, alignment, offset, gaps, pools, traffic)
    except ProblemError as error:
        raise ProblemError(f"{where}: {error}") from None


def _integer(cells: dict[str, str], column: str, where: str) -> int:
    try:
        return int(cells[column])
    except ValueError:
        raise ProblemError(f"{where}: {column} is {_short(cells[column])}, which is no integer") from None


def _short(text: str) -> str:
    """The text in quotes, or the beginning of it."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}… ({len(text)} characters)"


_LONGEST = 60
"""Characters that a number or a gap may have, and that are quoted of a wrong one."""


def _overlaps(text: str, lower: int, where: str) -> list[Overlap]:
    found = []
    for each in text.split():
        upper, plus, distance = each.partition("+")
        if not (plus and upper.isdecimal() and distance.isdecimal() and len(each) < _LONGEST):
            raise ProblemError(f"{where}: overlaps has {_short(each)}; write row+distance, such as 0+512")
        found.append(Overlap(lower, int(upper), int(distance)))
    return found


def _gaps(text: str, where: str) -> tuple[tuple[int, int], ...]:
    gaps: list[tuple[int, int]] = []
    for gap in text.split():
        start, dash, end = gap.partition("-")
        if not (dash and start.isdecimal() and end.isdecimal() and len(gap) < _LONGEST):
            raise ProblemError(f"{where}: gaps has {_short(gap)}; write first-end, such as 3-5")
        gaps.append((int(start), int(end)))
    return tuple(gaps)
