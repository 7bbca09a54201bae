"""Columns of text, aligned, and lines that fit a terminal: names give way in their middle, sentences are broken."""

import textwrap
from collections.abc import Sequence

LEAST_WIDTH = 16
"""Characters that a column of text keeps, however narrow the terminal."""

ROOMY_WIDTH = 20
"""Characters that columns of text keep as long as there is a column to leave out."""


def format_table(
    rows: Sequence[Sequence[str]], columns: str, *, indent: str = "  ", width: int = 0, spare: Sequence[int] = ()
) -> list[str]:
    """The rows as lines, columns padded to equal width and two spaces apart.

    Parameters
    ----------
    rows
        Cells; all rows have as many as `columns` has characters.
    columns
        One character per column: ``<`` text, to the left, ``>`` numbers, to the right.
    indent
        In front of every line.
    width
        Characters that a line may have (0: any). The widest texts are cut to it, in their middle, but not below 16
        characters each; numbers are never cut.
    spare
        Columns to leave out where the texts would be cut below 20 characters, the first of them first.
    """
    if not rows:
        return []
    kept = list(range(len(columns)))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if width:
        for index in (*spare, None):
            least = LEAST_WIDTH if index is None else ROOMY_WIDTH
            room = width - len(indent) - 2 * (len(kept) - 1)
            fitted = _narrowed([(widths[i], columns[i]) for i in kept], room, least)
            if sum(fitted) <= room or index is None:
                break
            kept.remove(index)
        for i, size in zip(kept, fitted, strict=True):
            widths[i] = size
    return [
        (indent + "  ".join(f"{shorten(row[i], widths[i]):{columns[i]}{widths[i]}}" for i in kept)).rstrip()
        for row in rows
    ]


def _narrowed(columns: Sequence[tuple[int, str]], room: int, least: int) -> list[int]:
    """The columns' widths, of which the widest texts are narrowed until all fit into the room, or have the least."""
    widths = [width for width, _ in columns]
    while sum(widths) > room:
        texts = [i for i, (_, side) in enumerate(columns) if side == "<" and widths[i] > least]
        if not texts:
            break
        widest = max(texts, key=lambda i: widths[i])
        next_widest = max([least, *(widths[i] for i in texts if widths[i] < widths[widest])])
        widths[widest] -= max(1, min(widths[widest] - next_widest, sum(widths) - room))
    return widths


def shorten(text: str, width: int) -> str:
    """The text, its middle replaced by one ellipsis where it is longer than `width` characters (0: any)."""
    if not width or len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def fitted(text: str, width: int) -> str:
    """The text in lines of at most `width` characters (0: any): longer ones are broken between words.

    What is broken goes on under its column. Nothing is lost but the middle of words of more than half a line: names.
    """
    if not width:
        return text
    return "".join(line if len(line) <= width else _broken(line, width) for line in text.splitlines(keepends=True))


def _broken(line: str, width: int) -> str:
    body = line.rstrip("\n")
    indent = body[: len(body) - len(body.lstrip())]
    words = body[len(indent) :].split(" ")
    last_cell = body.rfind("  ") + 2
    hang = last_cell if len(indent) + 2 < last_cell <= width - ROOMY_WIDTH else len(indent) + 4
    longest = max(ROOMY_WIDTH, width // 2)
    lines = textwrap.wrap(
        indent + " ".join(shorten(word, longest) for word in words),
        width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) + line[len(body) :]
