"""Names of the model as identifiers of C and C++."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mini_infer.errors import UsageError

KEYWORDS = frozenset(
    """
    alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch
    char class compl concept const consteval constexpr constinit const_cast continue decltype default delete do double
    dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new
    noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict
    return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try
    typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq main
    """.split()
)
"""Words that are no names in C or C++, and `main`."""
_LONGEST = 40
"""Characters of a name: with what is put around it, no compiler cuts it."""
_TAKEN = ("arena", "arenas", "state", "weights", "static_arena", "run", "step", "steps", "code", "context", "h")
"""What headers have macros, functions or parameters for."""
_ARRAY = re.compile(r"weights_\d+")
"""What the arrays of constants are called."""


def identifier(text: str) -> str:
    """The text as an identifier in lower case; `model` where nothing is left of it."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST].rstrip("_")
    if not plain:
        return "model"
    return f"m_{plain}" if plain[0].isdigit() else f"{plain}_" if plain in KEYWORDS else plain


def check_name(name: str) -> str:
    """The name, where it is one that files, functions and macros can begin with.

    Raises
    ------
    UsageError
        When it is none.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or len(name) > _LONGEST or name in KEYWORDS:
        raise UsageError(
            f"--name {name!r}: write letters, digits and _, a letter first, no word of C, at most {_LONGEST}"
        )
    return name


@dataclass(frozen=True, slots=True)
class Names:
    """How an export's files, functions and macros begin.

    Parameters
    ----------
    lower
        Of files and functions.
    """

    lower: str

    @property
    def upper(self) -> str:
        """Of macros."""
        return self.lower.upper()

    def file(self, ending: str) -> str:
        """The name of a file: `net.c`."""
        return f"{self.lower}{ending}"


def distinct(names: Iterable[str], others: Iterable[str] = ()) -> tuple[str, ...]:
    """The names as identifiers, each of which is no other's, whatever its case, and none that the header has.

    `others` are what this header has beside what all have.
    """
    taken = {*_TAKEN, *others}
    found = []
    for name in names:
        plain = unique = identifier(name)
        number = 1
        while unique in taken or _ARRAY.fullmatch(unique):
            number += 1
            unique = f"{plain}_{number}"
        taken.add(unique)
        found.append(unique)
    return tuple(found)
