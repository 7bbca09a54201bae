"""Sizes that are given at run time: whole numbers that are expressions of symbols, with bounds.

A `Dim` is a polynomial over symbols and floored quotients of such polynomials, in one canonical form: what is equal for
every size is the same expression. It does arithmetic as an int does, and where it is constant it is an int. What a
comparison says must hold for every size in the ranges:

- ``a == b`` says whether both are the same expression, and so equal for every size; there must be a general way for
  what differs at some sizes only. ``0 in shape`` is false where a dimension can be 0 and can be another number.
- ``a < b`` is decided by the bounds, or raises `UndecidedError`.

`str` of a dimension is C of it: symbols are variables of the names `Symbol.code`.
"""

import dataclasses
import hashlib
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    _Base = int
else:
    _Base = object

LARGEST = 2**62
"""Every size is smaller, so that C counts it in 64 bits."""

_FEW = 1 << 14
"""Combinations of sizes that are looked at one by one, where intervals do not decide."""

_DEEPEST = 8
"""Quotients inside each other, at most."""


class UndecidedError(Exception):
    """What is asked of a size has another answer at other sizes; the text says what was asked."""


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A size that is given at run time: `step` times a whole number.

    Parameters
    ----------
    name
        By which the user gives it.
    low, high
        The least and the greatest, multiples of the step.
    step
        From one size to the next.
    typical
        What is chosen for, where a choice costs only time.
    """

    name: str
    low: int
    high: int
    step: int = 1
    typical: int = 0

    def __post_init__(self) -> None:
        numbers = (self.low, self.high, self.step, self.typical)
        if not isinstance(self.name, str) or any(type(number) is not int for number in numbers):
            raise TypeError("a symbol is a name and four whole numbers")
        fits = 0 <= self.low <= self.typical <= self.high < LARGEST and self.step >= 1
        if not fits or self.low % self.step or self.high % self.step:
            raise ValueError(f"no range: {self.name} in {self.low}..{self.high} by {self.step}, like {self.typical}")

    @property
    def code(self) -> str:
        """The C variable that holds how many steps there are; names that C has not get a digest."""
        plain = re.sub(r"\W", "_", self.name, flags=re.ASCII)
        digest = "" if plain == self.name else f"_{hashlib.sha256(self.name.encode()).hexdigest()[:6]}"
        return f"n_{plain[:40]}{digest}"

    @property
    def sizes(self) -> range:
        """Every size that it can be."""
        return range(self.low, self.high + 1, self.step)

    @property
    def said(self) -> str:
        """The sizes for people: `1 to 512`, `32 to 960 in steps of 32`."""
        ends = f"{self.low} to {self.high}" if self.low < self.high else str(self.low)
        return ends + (f" in steps of {self.step}" if self.step > 1 and self.low < self.high else "")

    def up_to(self, sizes: "Sizes") -> "Symbol":
        """The same with sizes up to one of them, if that is given."""
        high = sizes.get(self.name, self.high)
        return dataclasses.replace(self, high=high, typical=min(self.typical, high))

    @property
    def dim(self) -> int:
        """The size as a dimension; a number where there is only one."""
        return self.low if self.low == self.high else _made({(self,): self.step})


@dataclass(frozen=True, slots=True)
class Quotient:
    """A dimension divided by a number, rounded down; the dimension is never negative."""

    dim: "Dim"
    divisor: int

    def __post_init__(self) -> None:
        if not isinstance(self.dim, Dim) or type(self.divisor) is not int:
            raise TypeError("a quotient is of a dimension and a whole number")
        if self.divisor <= 1 or self.dim.depth >= _DEEPEST or any(number < 0 for _, number in self.dim.terms):
            raise ValueError(f"no quotient: {self.dim.terms!r:.200} / {self.divisor}")


Atom = Symbol | Quotient
"""A factor of a term; in symbols, how many steps there are. None is negative."""

Monomial = tuple[Atom, ...]
"""Factors, in the order of their texts; none: 1."""


@dataclass(frozen=True, eq=False)
class Dim(_Base):
    """A size that depends on symbols: the sum of its terms, each a number times factors.

    For annotations it is an int, as every size and distance may be one; nothing takes it for an int when it runs.
    """

    terms: tuple[tuple[Monomial, int], ...]

    def __post_init__(self) -> None:
        for monomial, number in self.terms:
            if (
                type(number) is not int
                or not number
                or not all(isinstance(atom, Symbol | Quotient) for atom in monomial)
            ):
                raise TypeError("a dimension is a sum of numbers times symbols and quotients")
        if list(self.terms) != sorted(self.terms, key=_term_order) or not any(monomial for monomial, _ in self.terms):
            raise ValueError("a dimension is not in its canonical form")
        if not -LARGEST < self.interval[0] <= self.interval[1] < LARGEST:
            raise ValueError("a dimension is beyond 64-bit integers")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def key(self) -> str:
        """A text that no other dimension has."""
        return "+".join(f"{number}*{'*'.join(map(_atom_key, monomial))}" for monomial, number in self.terms)

    @cached_property
    def depth(self) -> int:
        """How many quotients are inside each other."""
        quotients = [atom for monomial, _ in self.terms for atom in monomial if isinstance(atom, Quotient)]
        return max((1 + each.dim.depth for each in quotients), default=0)

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """What it depends on."""
        atoms = [atom for monomial, _ in self.terms for atom in monomial]
        inner = (frozenset({each}) if isinstance(each, Symbol) else each.dim.symbols for each in atoms)
        return frozenset[Symbol]().union(*inner)

    @property
    def symbol(self) -> Symbol | None:
        """The symbol that it is; None where it is an expression, such as `2*n` or `h*w`."""
        return next((symbol for symbol in self.symbols if self == symbol.dim), None)

    @cached_property
    def interval(self) -> tuple[int, int]:
        """Numbers that it is never outside of; it need not reach them where terms of both signs share a symbol."""
        low = high = 0
        for monomial, number in self.terms:
            ends = [_atom_interval(atom) for atom in monomial]
            least, most = (number * math.prod(end[side] for end in ends) for side in (0, 1))
            low += min(least, most)
            high += max(least, most)
        return low, high

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest it can be, where that is found out; numbers that it is never outside of, else."""
        if (remainder := _remainder(self)) is not None:
            return remainder
        symbols = sorted(self.symbols)
        mixed = any(number < 0 for _, number in self.terms) and any(number > 0 for _, number in self.terms)
        if not mixed:
            return self.interval
        if (quotient := _one_quotient(self)) is not None:
            return quotient
        found, is_exact = _by_remainders(self)
        if is_exact or math.prod(len(symbol.sizes) for symbol in symbols) > _FEW:
            return found
        values = [at(self, sizes) for sizes in every_size(symbols)]
        return min(values), max(values)

    @property
    def divisor(self) -> int:
        """The greatest number that divides it whatever the sizes."""
        return math.gcd(*(number for _, number in self.terms))

    def __add__(self, other: int) -> int:
        terms = dict(self.terms)
        for monomial, number in _terms(other):
            terms[monomial] = terms.get(monomial, 0) + number
        return _made(terms)

    __radd__ = __add__

    def __neg__(self) -> int:
        return _made({monomial: -number for monomial, number in self.terms})

    def __sub__(self, other: int) -> int:
        return self + -other

    def __rsub__(self, other: int) -> int:
        return -self + other

    def __mul__(self, other: int) -> int:
        terms: dict[Monomial, int] = {}
        for one, number in self.terms:
            for two, factor in _terms(other):
                monomial = tuple(sorted((*one, *two), key=_atom_key))
                terms[monomial] = terms.get(monomial, 0) + number * factor
        return _made(terms)

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> int:
        if isinstance(other, Dim):
            exact = _divided(self, other)
            if exact is None:
                raise UndecidedError(f"{shown(self)} / {shown(other)}")
            return exact
        divisor = operator.index(other)
        if divisor < 0:
            return -self // -divisor
        if divisor == 1:
            return self
        if self.bounds[1] <= 0:
            return -((-self + (divisor - 1)) // divisor)
        whole = {monomial: number // divisor for monomial, number in self.terms}
        rest = _made({monomial: number % divisor for monomial, number in self.terms})
        return _made(whole) + _quotient(rest, divisor)

    def __rfloordiv__(self, other: int) -> int:
        if 0 <= other < self.bounds[0]:
            return 0
        raise UndecidedError(f"{other} / {shown(self)}")

    def __mod__(self, other: int) -> int:
        return self - self // other * other

    def __rmod__(self, other: int) -> int:
        self.__rfloordiv__(other)
        return other

    def __divmod__(self, other: int) -> tuple[int, int]:
        quotient = self // other
        return quotient, self - quotient * other

    def __lt__(self, other: int) -> bool:
        return _decided(self - other, "<", self, other)

    def __ge__(self, other: int) -> bool:
        return not self < other

    def __gt__(self, other: int) -> bool:
        return _decided(-self + other, ">", self, other)

    def __le__(self, other: int) -> bool:
        return not self > other

    def __abs__(self) -> int:
        return self if self >= 0 else -self

    def __bool__(self) -> bool:
        low, high = self.bounds
        if low <= 0 <= high:
            raise UndecidedError(f"whether {shown(self)} is 0")
        return True

    def __index__(self) -> int:
        raise UndecidedError(f"a number for {shown(self)}")

    def __str__(self) -> str:
        text = " + ".join(map(_term_code, self.terms)).replace("+ -", "- ")
        (monomial, number), *others = self.terms
        return text if not others and number == 1 and len(monomial) == 1 else f"({text})"

    __format__ = object.__format__

    def __repr__(self) -> str:
        return shown(self)


def _term_order(term: tuple[Monomial, int]) -> tuple[int, list[str]]:
    """Constants last."""
    return -len(term[0]), [*map(_atom_key, term[0])]


@lru_cache(maxsize=4096)
def _atom_key(atom: Atom) -> str:
    return repr(atom) if isinstance(atom, Symbol) else f"[{atom.dim.key}]/{atom.divisor}"


def _atom_interval(atom: Atom) -> tuple[int, int]:
    if isinstance(atom, Symbol):
        return atom.low // atom.step, atom.high // atom.step
    low, high = atom.dim.interval
    return low // atom.divisor, high // atom.divisor


def _terms(value: int) -> tuple[tuple[Monomial, int], ...]:
    return value.terms if isinstance(value, Dim) else (((), operator.index(value)),)


def _made(terms: Mapping[Monomial, int]) -> int:
    kept = {monomial: number for monomial, number in terms.items() if number}
    if not any(kept):
        return kept.get((), 0)
    return Dim(tuple(sorted(kept.items(), key=_term_order)))


def _quotient(dim: int, divisor: int) -> int:
    """`dim / divisor` rounded down, whose numbers are none of them negative and all smaller than the divisor."""
    if not isinstance(dim, Dim):
        return dim // divisor
    if dim.interval[1] < divisor:
        return 0
    shared = math.gcd(divisor, *(number for monomial, number in dim.terms if monomial))
    if shared > 1:
        reduced = _made({monomial: number // shared for monomial, number in dim.terms})
        return reduced // (divisor // shared)
    constant = dict(dim.terms).get((), 0)
    (monomial, number), *others = dim.terms
    if number == 1 and len(monomial) == 1 and isinstance(monomial[0], Quotient) and len(others) == (constant > 0):
        inner = monomial[0]
        return (inner.dim + constant * inner.divisor) // (inner.divisor * divisor)
    return _made({(Quotient(dim, divisor),): 1})


def _divided(dim: Dim, by: Dim) -> int | None:
    """The quotient where there is no rest: leading terms divided one after the other."""
    leading, factor = by.terms[0]
    quotient: int = 0
    rest: int = dim
    while isinstance(rest, Dim):
        monomial, number = rest.terms[0]
        left = [*monomial]
        for atom in leading:
            if atom not in left:
                return None
            left.remove(atom)
        if number % factor:
            return None
        part = _made({tuple(left): number // factor})
        quotient, rest = quotient + part, rest - part * by
    return quotient if rest == 0 else None


def _remainder(dim: Dim) -> tuple[int, int] | None:
    """The bounds of a number of times what is left of a division, and a number more; `None` where it is nothing so."""
    for monomial, number in dim.terms:
        if number < 0 and len(monomial) == 1 and isinstance(atom := monomial[0], Quotient):
            times, rest = divmod(-number, atom.divisor)
            more = dim - atom.dim * times + _made({monomial: -number}) if rest == 0 else dim
            if not isinstance(more, Dim):
                return more, more + times * min(atom.divisor - 1, atom.dim.interval[1])
    return None


def _one_quotient(dim: Dim) -> tuple[int, int] | None:
    """The bounds of a quotient and whole numbers that are added to it, or that it is taken from, as of one quotient."""
    others = sum(isinstance(atom, Quotient) for monomial, _ in dim.terms for atom in monomial) - 1
    for monomial, number in dim.terms:
        alone = abs(number) == 1 and len(monomial) == 1
        if alone and isinstance(atom := monomial[0], Quotient) and (atom.dim.depth or not others):
            rest = dim - _made({monomial: number})
            low, high = bounds(rest * atom.divisor + atom.dim * number)
            up = atom.divisor - 1 if number < 0 else 0  # what is taken away was rounded down
            return (low + up) // atom.divisor, (high + up) // atom.divisor
    return None


_Polynomial = dict[tuple[Symbol, ...], int]
"""Symbols that are multiplied → the number that they are multiplied by."""


@lru_cache(maxsize=4096)
def _by_remainders(dim: Dim) -> tuple[tuple[int, int], bool]:
    """Numbers that a dimension is never outside of, and whether it reaches them.

    Symbols are `first + modulus * turns`, for each of the first ones: with a modulus that all divisors divide,
    quotients are polynomials of the turns, none of which is negative. Where all numbers in such a polynomial have one
    sign, it is least or greatest at no turns.
    """
    modulus, symbols = _modulus(dim), sorted(dim.symbols)
    counts = {symbol: (symbol.low // symbol.step, symbol.high // symbol.step) for symbol in symbols}
    firsts = [range(low, min(low + modulus, high + 1)) for low, high in counts.values()]
    if math.prod(map(len, firsts)) > _FEW:
        return dim.interval, False
    least, most, is_exact = [], [], True
    for starts in product(*firsts):
        begun = {symbol: {(): start, (symbol,): modulus} for symbol, start in zip(symbols, starts, strict=True)}
        turns = {each: (counts[each][1] - start) // modulus for each, start in zip(symbols, starts, strict=True)}
        polynomial = _polynomial(dim, begun)
        low = high = polynomial.pop((), 0)
        for factors, number in polynomial.items():
            end = number * math.prod(turns[symbol] for symbol in factors)
            low, high = low + min(end, 0), high + max(end, 0)
        is_exact = is_exact and not min(polynomial.values(), default=0) < 0 < max(polynomial.values(), default=0)
        least.append(low)
        most.append(high)
    return (min(least), max(most)), is_exact


def _modulus(dim: Dim) -> int:
    """A number that every quotient's divisor divides, as often as quotients are inside each other."""
    atoms = [atom for monomial, _ in dim.terms for atom in monomial if isinstance(atom, Quotient)]
    return math.lcm(*(atom.divisor * _modulus(atom.dim) for atom in atoms))


def _polynomial(dim: Dim, begun: Mapping[Symbol, _Polynomial]) -> _Polynomial:
    """A dimension as a polynomial of turns, given that of every symbol."""
    found: _Polynomial = {}
    for monomial, number in dim.terms:
        term: _Polynomial = {(): number}
        for atom in monomial:
            factor = begun[atom] if isinstance(atom, Symbol) else _polynomial(atom.dim, begun)
            if isinstance(atom, Quotient):
                factor = {key: value // atom.divisor for key, value in factor.items()}  # all but the first: exact
            multiplied: _Polynomial = {}
            for one, left in term.items():
                for two, right in factor.items():
                    key = tuple(sorted((*one, *two)))
                    multiplied[key] = multiplied.get(key, 0) + left * right
            term = multiplied
        for key, value in term.items():
            found[key] = found.get(key, 0) + value
    return found


def _decided(difference: int, sign: str, one: int, other: int) -> bool:
    """Whether a difference is negative."""
    low, high = bounds(difference)
    if high < 0 or low >= 0:
        return high < 0
    raise UndecidedError(f"whether {shown(one)} {sign} {shown(other)}")


def _term_code(term: tuple[Monomial, int]) -> str:
    monomial, number = term
    factors = [_atom_code(atom) for atom in monomial]
    if abs(number) != 1 or not factors:
        factors.insert(0, str(abs(number)))
    return "-" * (number < 0) + " * ".join(factors)


def _atom_code(atom: Atom) -> str:
    return atom.code if isinstance(atom, Symbol) else f"({atom.dim} / {atom.divisor})"


def shown(size: int) -> str:
    """A size for people, in the user's names: `seq`, `2*h + 1`, `h/32`."""
    if not isinstance(size, Dim):
        return str(size)
    parts = []
    for monomial, number in size.terms:
        over = math.prod(atom.step for atom in monomial if isinstance(atom, Symbol))
        shared = math.gcd(number, over)
        ahead = [str(abs(number) // shared)] if abs(number) != shared or not monomial else []
        alone = len(monomial) == 1 and not ahead and number > 0
        factors = [each.name if isinstance(each, Symbol) else _quotient_shown(each, alone=alone) for each in monomial]
        below = f"/{over // shared}" if over != shared else ""
        parts.append("-" * (number < 0) + "*".join([*ahead, *factors]) + below)
    return "+".join(parts).replace("+-", "-")


def _quotient_shown(quotient: Quotient, *, alone: bool) -> str:
    inner = shown(quotient.dim)
    plain = len(quotient.dim.terms) == 1 and not set(inner) & set("*/(")
    text = f"{inner if plain else f'({inner})'}//{quotient.divisor}"
    return text if alone else f"({text})"


def bounds(size: int) -> tuple[int, int]:
    """The least and the greatest that a size can be."""
    return size.bounds if isinstance(size, Dim) else (size, size)


def greatest(size: int) -> int:
    """The greatest that a size can be."""
    return bounds(size)[1]


def at_least(size: int, other: int) -> bool:
    """Whether one size is never smaller than another."""
    return bounds(size - other)[0] >= 0


def divides(one: int, other: int) -> bool:
    """Whether one size divides another at every size."""
    try:
        return other % one == 0
    except UndecidedError:
        return False


Sizes = Mapping[str, int]
"""Symbol → its size."""

TYPICAL: Sizes = MappingProxyType({})
"""Every symbol's typical size."""


def at_most(value: T) -> T:
    """A value with every dimension in it the number that it is at the greatest sizes."""
    return at(value, {symbol.name: symbol.high for symbol in symbols_in(value)})


def ends(symbols: "Iterable[Symbol]") -> Iterator[dict[str, int]]:
    """Every combination of the least, the typical and the greatest sizes."""
    symbols = list(symbols)
    for combination in product(*(dict.fromkeys((each.low, each.typical, each.high)) for each in symbols)):
        yield {symbol.name: size for symbol, size in zip(symbols, combination, strict=True)}


def every_size(symbols: "list[Symbol]") -> Iterator[dict[str, int]]:
    """Every combination of sizes."""
    for combination in product(*(symbol.sizes for symbol in symbols)):
        yield {symbol.name: size for symbol, size in zip(symbols, combination, strict=True)}


def at(value: T, sizes: Sizes = TYPICAL) -> T:
    """A value with every dimension in it a number: those in tuples, mappings and dataclasses, too.

    Parameters
    ----------
    value
        Anything; what has no dimension in it stays the very object.
    sizes
        Of each symbol; the typical one where it is absent.
    """

    def number(dim: Dim) -> int:
        total = 0
        for monomial, factor in dim.terms:
            total += factor * math.prod(_atom_at(atom, sizes) for atom in monomial)
        return total

    return _changed(value, number)


def up_to(value: T, sizes: Sizes) -> T:
    """A value for sizes up to these only: every dimension in it is of symbols whose range ends there.

    Parameters
    ----------
    value
        Anything; what has no dimension in it stays the very object. Dimensions stay dimensions, of one size, too.
    sizes
        The greatest of each symbol, one of its sizes; as it is where it is absent.
    """

    def smaller(dim: Dim) -> int:
        terms: dict[Monomial, int] = {}
        for monomial, factor in dim.terms:
            atoms = tuple(sorted((_atom_up_to(atom, sizes) for atom in monomial), key=_atom_key))
            terms[atoms] = terms.get(atoms, 0) + factor
        return _made(terms)

    return _changed(value, smaller)


def _changed(value: T, change: Callable[[Dim], int]) -> T:
    """A value with every dimension in it changed."""
    match value:
        case Dim():
            return change(value)  # type: ignore[return-value]
        case tuple():
            items = tuple([_changed(item, change) for item in value])
            same = all(one is other for one, other in zip(items, value, strict=True))
            return value if same else items  # type: ignore[return-value]
        case dict() | MappingProxyType():
            found = {key: _changed(item, change) for key, item in value.items()}
            return value if all(found[key] is value[key] for key in found) else found  # type: ignore[return-value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for field in dataclasses.fields(value):
        if field.init and (new := _changed(old := getattr(value, field.name), change)) is not old:
            changed[field.name] = new
    return dataclasses.replace(value, **changed) if changed else value


def _atom_at(atom: Atom, sizes: Sizes) -> int:
    if isinstance(atom, Symbol):
        return sizes.get(atom.name, atom.typical) // atom.step
    return at(atom.dim, sizes) // atom.divisor


def _atom_up_to(atom: Atom, sizes: Sizes) -> Atom:
    return Quotient(up_to(atom.dim, sizes), atom.divisor) if isinstance(atom, Quotient) else atom.up_to(sizes)


def symbols_in(value: Any) -> frozenset[Symbol]:
    """The symbols that a value depends on: those of dimensions in tuples, mappings and dataclasses."""
    if isinstance(value, Dim):
        return value.symbols
    if isinstance(value, tuple):
        return frozenset[Symbol]().union(*map(symbols_in, value))
    if isinstance(value, Mapping):
        return symbols_in(tuple(value.values()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return symbols_in(tuple(getattr(value, field.name) for field in dataclasses.fields(value) if field.init))
    return frozenset()


SIZES = "Sizes"
"""The operator without inputs that gives numbers which follow from sizes: its attribute `values`, as int64."""

SIZES_DOMAIN = "mini_infer.sizes"
