"""C statements as values: emitters nest them, and one function prints them with their indentation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_STEP = "  "


@dataclass(frozen=True, slots=True)
class Block:
    """Statements in braces: what they declare ends with them."""

    body: Sequence["Statement"]


@dataclass(frozen=True, slots=True)
class For:
    """A loop over a `long` from `first` to before `stop`, C expressions; `also` moves with it, `p += 2`."""

    index: str
    stop: int | str
    body: Sequence["Statement"]
    first: int | str = 0
    step: int = 1
    also: str = ""


@dataclass(frozen=True, slots=True)
class If:
    """Statements where a condition holds, and others where it does not."""

    condition: str
    then: Sequence["Statement"]
    otherwise: Sequence["Statement"] = ()


Statement = str | Block | For | If
"""What a C function's body is made of; a text is complete statements, of one line or several."""


def text(statements: Iterable[Statement]) -> str:
    """C of statements, each on a line of its own, what is inside others moved to the right."""
    return "\n".join(_lines(statements, ""))


def _lines(statements: Iterable[Statement], margin: str) -> Iterator[str]:
    for statement in statements:
        match statement:
            case str():
                yield from (f"{margin}{line}" if line else line for line in statement.split("\n"))
                continue
            case Block(body):
                yield f"{margin}{{"
            case For(index, stop, body, first, step, also):
                advance = [f"{index} += {step}" if step > 1 else f"++{index}", *([also] if also else [])]
                yield f"{margin}for (long {index} = {first}; {index} < {stop}; {', '.join(advance)}) {{"
            case _:
                yield f"{margin}if ({statement.condition}) {{"
                body = statement.then
                if statement.otherwise:
                    yield from _lines(body, margin + _STEP)
                    yield f"{margin}}} else {{"
                    body = statement.otherwise
        yield from _lines(body, margin + _STEP)
        yield f"{margin}}}"
