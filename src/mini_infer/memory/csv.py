"""Problems and plans as comma-separated values, in minimalloc's columns.

``id,lower,upper,size[,alignment][,gaps][,offset]``, in any order: a row per buffer, lifetimes half-open.
Gaps are written ``3-5 8-9``; an empty cell means the default. An offset pins the buffer where the file
is read as a problem, and is the buffer's place where it is read as a plan.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from mini_infer.errors import ProblemError
from mini_infer.files import write_atomically
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Buffer, Problem

REQUIRED = ("id", "lower", "upper", "size")
OPTIONAL = ("alignment", "gaps", "offset")


def read_csv(path: str | Path) -> Problem:
    """Read a problem; offsets in the file are pins.

    Raises
    ------
    ProblemError
        The file cannot be read, or a row is wrong: the message names file, row (the header is row 1) and value.
    """
    path = Path(path)
    buffers = tuple(buffer for _, buffer in _read_rows(path))
    return _problem(path, buffers)


def read_plan(path: str | Path, *, capacity: int | None = None) -> Plan:
    """Read a plan: every row needs an offset. Nothing is checked yet; that is what `validate` is for.

    Raises
    ------
    ProblemError
        As `read_csv`, or a row has no offset.
    """
    path = Path(path)
    buffers: list[Buffer] = []
    offsets: list[int] = []
    for row, cells in _cells(path):
        where = f"{path}, row {row}"
        if not cells.get("offset"):
            raise ProblemError(f"{where}: buffer {cells['id']!r} has no offset; a plan needs one in every row")
        offsets.append(_integer(cells, "offset", where))
        buffers.append(_buffer(cells | {"offset": ""}, where))
    return Plan(_problem(path, tuple(buffers), capacity), tuple(offsets), strategy="file", lower_bound=0)


def write_csv(what: Problem | Plan, path: str | Path) -> None:
    """Write a problem, or a plan with the offsets it found. The file appears whole or not at all."""
    problem = what if isinstance(what, Problem) else what.problem
    offsets = [b.offset for b in problem.buffers] if isinstance(what, Problem) else list(what.offsets)
    columns = [
        *REQUIRED,
        *(["alignment"] if any(buffer.alignment > 1 for buffer in problem.buffers) else []),
        *(["gaps"] if any(buffer.gaps for buffer in problem.buffers) else []),
        *(["offset"] if any(offset is not None for offset in offsets) else []),
    ]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for buffer, offset in zip(problem.buffers, offsets, strict=True):
        cells = {
            "id": buffer.id,
            "lower": buffer.start,
            "upper": buffer.end,
            "size": buffer.size,
            "alignment": buffer.alignment,
            "gaps": " ".join(f"{start}-{end}" for start, end in buffer.gaps),
            "offset": "" if offset is None else offset,
        }
        writer.writerow([cells[column] for column in columns])
    write_atomically(path, [text.getvalue().encode()])


def _problem(path: Path, buffers: tuple[Buffer, ...], capacity: int | None = None) -> Problem:
    try:
        return Problem(buffers, capacity)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None


def _read_rows(path: Path) -> Iterator[tuple[int, Buffer]]:
    for row, cells in _cells(path):
        yield row, _buffer(cells, f"{path}, row {row}")


def _cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            yield from _checked_rows(path, csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProblemError(f"{path}: cannot be read as CSV: {error}") from None


def _checked_rows(path: Path, rows: Iterator[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    header = [name.strip() for name in next(rows, [])]
    known = (*REQUIRED, *OPTIONAL)
    if len(set(header)) < len(header) or not set(REQUIRED) <= set(header) <= set(known):
        raise ProblemError(
            f"{path}, row 1: the header is {','.join(header)!r}; expected {','.join(REQUIRED)} "
            f"and any of {','.join(OPTIONAL)}"
        )
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise ProblemError(f"{path}, row {number}: {len(row)} values for {len(header)} columns: {','.join(row)!r}")
        yield number, dict(zip(header, row, strict=True))


def _buffer(cells: dict[str, str], where: str) -> Buffer:
    try:
        return Buffer(
            cells["id"].strip(),
            _integer(cells, "size", where),
            _integer(cells, "lower", where),
            _integer(cells, "upper", where),
            alignment=_integer(cells, "alignment", where) if cells.get("alignment") else 1,
            offset=_integer(cells, "offset", where) if cells.get("offset") else None,
            gaps=_gaps(cells.get("gaps", ""), where),
        )
    except ProblemError as error:
        message = str(error)
        raise ProblemError(message if message.startswith(where) else f"{where}: {message}") from None


def _integer(cells: dict[str, str], column: str, where: str) -> int:
    try:
        return int(cells[column])
    except ValueError:
        raise ProblemError(f"{where}: {column} is {cells[column]!r}, which is no integer") from None


def _gaps(text: str, where: str) -> tuple[tuple[int, int], ...]:
    gaps: list[tuple[int, int]] = []
    for gap in text.split():
        start, dash, end = gap.partition("-")
        if not (dash and start.isdecimal() and end.isdecimal()):
            raise ProblemError(f"{where}: gaps has {gap!r}; write first-last, such as 3-5")
        gaps.append((int(start), int(end)))
    return tuple(gaps)
