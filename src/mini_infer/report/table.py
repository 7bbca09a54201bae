"""Columns of text, aligned."""

from collections.abc import Sequence

LEAST_WIDTH = 16
"""Characters that the last column keeps, however narrow the terminal."""


def format_table(rows: Sequence[Sequence[str]], columns: str, *, indent: str = "  ", width: int = 0) -> list[str]:
    """The rows as lines, columns padded to equal width and two spaces apart.

    Parameters
    ----------
    rows
        Cells; all rows have as many as `columns` has characters.
    columns
        One character per column: ``<`` left, ``>`` right.
    indent
        In front of every line.
    width
        Characters that a line may have (0: any): the last column is cut to it, in its middle, but not below 16.
    """
    if not rows:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if width:
        before = len(indent) + sum(widths[:-1]) + 2 * (len(widths) - 1)
        widths[-1] = min(widths[-1], max(width - before, LEAST_WIDTH))
    return [
        (
            indent
            + "  ".join(
                f"{shorten(cell, size):{side}{size}}" for cell, side, size in zip(row, columns, widths, strict=True)
            )
        ).rstrip()
        for row in rows
    ]


def shorten(text: str, width: int) -> str:
    """The text, its middle replaced by one ellipsis where it is longer than `width` characters (0: any)."""
    if not width or len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"
