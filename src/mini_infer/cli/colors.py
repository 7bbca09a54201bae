"""Colors for answers on a terminal: headings bold, verdicts green, yellow or red. Elsewhere text stays plain."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

BOLD, FAINT, RED, GREEN, YELLOW = (f"\x1b[{code}m" for code in (1, 2, 31, 32, 33))
PLAIN = "\x1b[0m"

VERDICTS: Mapping[str, str] = {
    r"\boptimal\b.*|\bpassed\b|\bnothing in the way\b|\bno difference beyond tolerance\b|\[PASS\]|^valid\b": GREEN,
    r"[\d.,]+ % above (?:it|the lower bound)\b|\b[1-9][\d,]* interpreted\b": YELLOW,
    r"\bFAILED\b|\bNOT met\b|^first difference\b|^  unknown operator\b|\[FAIL\]|^ *FAIL\b": RED,
}
"""What a verdict looks like → its color."""

_TITLES = re.compile(r"\s+[^\d\s][^\d]*")
"""The titles of a table's columns: indented, without a number."""


def write(text: str) -> None:
    """Write an answer to standard output, in colors where they are wanted."""
    sys.stdout.write(paint(text) if wanted() else text)


def wanted() -> bool:
    """Whether standard output shows colors, and nobody objects (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and understands_escapes(sys.stdout)


def understands_escapes(stream: TextIO) -> bool:
    """Whether a stream is a terminal that obeys escape sequences; on Windows only its newer terminal is known to."""
    able = os.name != "nt" or "WT_SESSION" in os.environ
    return able and os.environ.get("TERM") != "dumb" and stream.isatty()


def paint(text: str) -> str:
    """The text with the first line of each paragraph bold, column titles faint, and verdicts in their colors."""
    return "".join(_painted(text))


def _painted(text: str) -> Iterator[str]:
    place = 0  # of the line in its paragraph
    for line in text.splitlines(keepends=True):
        body, end = line.rstrip("\n"), line[len(line.rstrip("\n")) :]
        for pattern, color in VERDICTS.items():
            body = re.sub(pattern, rf"{color}\g<0>{PLAIN}", body)
        if body == line.rstrip("\n"):
            if place == 0:
                body = f"{BOLD}{body}{PLAIN}" if body else body
            elif place == 1 and _TITLES.fullmatch(body):
                body = f"{FAINT}{body}{PLAIN}"
        place = place + 1 if line.strip() else 0
        yield body + end
