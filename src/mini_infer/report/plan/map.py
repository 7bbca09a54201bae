"""A plan drawn with letters: steps down, addresses across, as far as a terminal can show it."""

import string

from mini_infer.memory import Plan, alive_bytes
from mini_infer.program import Program
from mini_infer.report.facts import operators_text
from mini_infer.report.sizes import exact_bytes
from mini_infer.report.table import LEAST_WIDTH, format_table, shorten

LETTERS = string.ascii_uppercase + string.ascii_lowercase
OTHER, FREE = "#", "."
WIDTH = 100
MAP_ROWS = 40


def map_text(program: Program, plan: Plan, *, width: int = WIDTH, rows: int = MAP_ROWS) -> str:
    """The picture, and the names of the largest buffers, which have letters; ``#`` is any other, ``.`` nothing.

    Each character stands for the same number of bytes, and shows the buffer that holds the first of them. Of programs
    with more steps than `rows`, a row stands for several steps and shows the one with most bytes alive.
    """
    alive = alive_bytes(plan.problem.buffers, len(program.steps), plan.problem.overlaps)
    largest = sorted(range(len(plan.problem.buffers)), key=lambda i: (-plan.problem.buffers[i].size, i))
    letters = dict(zip(largest, LETTERS, strict=False))
    shown = _shown_steps(alive, rows)
    heads = [f"{step:>{len(str(len(alive)))}} " for step in shown]
    tails = [f" {alive[step]:>{len(exact_bytes(max(alive, default=0)))},} " for step in shown]
    columns = max(16, width // 2)
    cells = [_row(plan, step, letters, columns) for step in shown]
    lines = []
    for head, row, tail, step in zip(heads, cells, tails, shown, strict=True):
        node = program.steps[step].node
        line = f"{head}|{row}|{tail}"
        lines.append(line + shorten(f"{operators_text(node)} {node.name}", max(width - len(line), LEAST_WIDTH)))
    scale = f"one character is {exact_bytes(-(-plan.size // columns))} bytes; right of each row: bytes alive, node"
    drawn = set().union(*cells)
    buffers = plan.problem.buffers
    names = [(letter, exact_bytes(buffers[i].size), buffers[i].id) for i, letter in letters.items() if letter in drawn]
    return "\n".join([*lines, scale, *format_table(names, "<><", width=width)]) + "\n"


def _row(plan: Plan, step: int, letters: dict[int, str], columns: int) -> str:
    cells = [FREE] * columns
    for index, (buffer, offset) in enumerate(zip(plan.problem.buffers, plan.offsets, strict=True)):
        if buffer.size and any(start <= step < end for start, end in buffer.intervals):
            first = -(-offset * columns // plan.size)
            last = -(-(offset + buffer.size) * columns // plan.size)
            for cell in range(min(first, columns - 1), max(last, first + 1) if first < columns else columns):
                cells[cell] = letters.get(index, OTHER)
    return "".join(cells)


def _shown_steps(alive: list[int], rows: int) -> list[int]:
    """At most `rows` steps: of each group of neighbors the one with most bytes alive."""
    group = max(1, -(-len(alive) // rows))
    groups = (range(first, min(first + group, len(alive))) for first in range(0, len(alive), group))
    return [max(steps, key=lambda step: (alive[step], -step)) for steps in groups]
