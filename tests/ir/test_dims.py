"""Sizes given at run time: random expressions against plain integers, and what no file may hold."""

import json
import re
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mini_infer.ir.dims import (
    LARGEST,
    Dim,
    Quotient,
    Symbol,
    UndecidedError,
    at,
    bounds,
    ends,
    greatest,
    shown,
    symbols_in,
    up_to,
)
from mini_infer.program.classes import CLASSES
from mini_infer.program.codec import decode, encode

SYMBOLS = (Symbol("a", 0, 40, 1, 7), Symbol("seq.1", 32, 96, 32, 64), Symbol("c", 1, 7, 1, 7))
A, B, C = (symbol.dim for symbol in SYMBOLS)

SIZES = st.fixed_dictionaries({symbol.name: st.sampled_from(symbol.sizes) for symbol in SYMBOLS})

LEAVES = st.one_of(st.sampled_from([(symbol.name,) for symbol in SYMBOLS]), st.integers(0, 50))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*"), inner, inner),
        st.tuples(st.sampled_from(["//", "%"]), inner, st.integers(1, 12)),
    ),
    max_leaves=6,
)
"""Expressions: a number, the name of a symbol, or an operator between two."""

OPERATIONS = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "//": lambda one, other: one // other,
    "%": lambda one, other: one % other,
}


def value_of(tree, names):
    """What an expression is, when symbols are what `names` says: sizes, or dimensions."""
    match tree:
        case int():
            return tree
        case (name,):
            return names[name]
        case (operator, one, other):
            return OPERATIONS[operator](value_of(one, names), value_of(other, names))


def dim_of(tree):
    """The expression as a dimension; those that are none are not looked at."""
    try:
        return value_of(tree, {symbol.name: symbol.dim for symbol in SYMBOLS})
    except (UndecidedError, ValueError):  # a quotient of what may be negative, or of too many inside each other
        assume(False)


@given(TREES, SIZES)
def test_an_expression_is_what_it_is_of_numbers(tree, sizes):
    assert at(dim_of(tree), sizes) == value_of(tree, sizes)


@given(TREES)
def test_a_dimension_is_never_outside_its_bounds(tree):
    dim = dim_of(tree)
    low, high = bounds(dim)
    for sizes in ends(SYMBOLS):
        assert low <= value_of(tree, sizes) <= high
    assert greatest(dim) == high


@given(TREES, SIZES)
def test_its_text_is_c(tree, sizes):
    dim = dim_of(tree)
    counts = {symbol.code: sizes[symbol.name] // symbol.step for symbol in SYMBOLS}
    text = str(dim)
    assert set(re.findall(r"[a-zA-Z_]\w*", text)) <= set(counts)
    # C rounds towards zero: what is divided is never negative, or this would differ
    assert eval(text.replace("/", "//"), {}, counts) == value_of(tree, sizes)  # noqa: S307 - a sum of products


@given(TREES, SIZES)
def test_what_people_are_shown_means_the_same(tree, sizes):
    text = shown(dim_of(tree)).replace("seq.1", "b")
    names = {"b" if name == "seq.1" else name: Fraction(size) for name, size in sizes.items()}
    text = re.sub(r"\b(\d+)\b", r"F(\1)", text)
    assert eval(text, {"F": Fraction}, names) == value_of(tree, sizes)  # noqa: S307 - a sum of products


@given(TREES, TREES, SIZES)
def test_equal_expressions_are_equal_at_every_size(one, other, sizes):
    first, second = dim_of(one), dim_of(other)
    assert first - second == (first + 3) - (second + 3)
    assert first + second == second + first
    assert first * second == second * first
    if first == second:
        assert hash(first) == hash(second)
        assert at(first, sizes) == at(second, sizes)


@given(TREES, TREES, TREES)
def test_there_is_one_form_for_sums_of_products(one, other, third):
    x, y, z = dim_of(one), dim_of(other), dim_of(third)
    assert (x + y) * z == x * z + y * z
    assert x + y - y == x


@given(TREES, TREES)
def test_what_is_decided_holds_at_every_size(one, other):
    first, second = dim_of(one), dim_of(other)
    try:
        smaller = first < second
    except UndecidedError:
        return
    assert {value_of(one, sizes) < value_of(other, sizes) for sizes in ends(SYMBOLS)} == {smaller}


def test_what_the_bounds_do_not_decide_is_not_decided():
    for ask in (lambda: A < C, lambda: bool(A), lambda: range(A), lambda: C // A, lambda: A // C, lambda: 7 // C):
        with pytest.raises(UndecidedError):
            ask()
    assert A != 3
    assert 0 not in (A, C)
    assert (B >= 32, B < 97, C > 0, bool(C)) == (True, True, True, True)
    assert (B % 32, B // 32 * 32 == B, (4 * A + 3) // 4 == A, (A * B) // B == A) == (0, True, True, True)


@given(TREES)
def test_an_engine_file_keeps_it(tree):
    dim = dim_of(tree)
    arrays = []
    text = json.dumps(encode((dim, SYMBOLS), arrays))
    found, symbols = decode(json.loads(text), arrays, CLASSES)
    assert (found, tuple(symbols), arrays) == (dim, SYMBOLS, [])
    assert str(found) == str(dim)


@given(TREES, SIZES, SIZES)
def test_up_to_smaller_sizes_it_is_the_same(tree, caps, sizes):
    dim = dim_of(tree)
    smaller = up_to(dim, caps)
    sizes = {name: min(size, caps[name]) for name, size in sizes.items()}
    assert at(smaller, sizes) == at(dim, sizes) <= greatest(smaller)
    assert all(symbol.high == caps[symbol.name] for symbol in symbols_in(smaller))


def test_up_to_one_size_it_is_still_asked_for():
    assert symbols_in(up_to(4 * A + 1, {"a": 0})) == {Symbol("a", 0, 0, 1, 0)}
    assert bounds(up_to(4 * A + 1, {"a": 0})) == (1, 1)
    assert up_to((3, "text", A), {"a": 5})[:2] == (3, "text")


def test_symbols_without_a_range_are_none():
    for numbers in ((3, 2, 1, 3), (-1, 2, 1, 0), (0, 5, 2, 4), (0, 4, 0, 0), (0, LARGEST, 1, 0), (1, 4, 1, 5)):
        with pytest.raises(ValueError, match="no range"):
            Symbol("a", *numbers)
    for wrong in (("a", True, 2), ("a", 0, 2.0), (3, 0, 2)):
        with pytest.raises(TypeError):
            Symbol(*wrong)


def quotient(dim, divisor):
    return {"$": "Quotient", "dim": dim, "divisor": divisor}


NAMED = {"$": "Symbol", "name": "a", "low": 0, "high": 40, "step": 1, "typical": 7}
DEEP = {"$": "Dim", "terms": [[[NAMED], 1]]}
for _ in range(9):
    DEEP = {"$": "Dim", "terms": [[[quotient(DEEP, 3)], 1]]}

HOSTILE = {
    "a constant": [[[], 5]],
    "nothing": [],
    "a zero": [[[NAMED], 0]],
    "a fraction": [[[NAMED], 1.5]],
    "a truth": [[[NAMED], True]],
    "terms out of order": [[[], 3], [[NAMED], 1]],
    "beyond 64 bits": [[[NAMED], 1 << 62]],
    "a power beyond 64 bits": [[[NAMED] * 12, 1]],
    "a factor that is a number": [[[7], 1]],
    "a symbol of text": [[[{**NAMED, "high": "40"}], 1]],
    "a symbol without a range": [[[{**NAMED, "high": -1}], 1]],
    "a quotient by 0": [[[quotient({"$": "Dim", "terms": [[[NAMED], 1]]}, 0)], 1]],
    "a quotient by 1": [[[quotient({"$": "Dim", "terms": [[[NAMED], 1]]}, 1)], 1]],
    "a quotient by less": [[[quotient({"$": "Dim", "terms": [[[NAMED], 1]]}, -3)], 1]],
    "a quotient of what may be negative": [[[quotient({"$": "Dim", "terms": [[[NAMED], -1], [[], 3]]}, 2)], 1]],
    "a quotient of a number": [[[quotient(8, 2)], 1]],
    "quotients without end": DEEP["terms"],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_dimension_is_refused(what):
    with pytest.raises((TypeError, ValueError)):
        decode({"$": "Dim", "terms": HOSTILE[what]}, [], CLASSES)


def test_what_is_one_is_read():
    assert decode({"$": "Dim", "terms": [[[NAMED], 2], [[], 3]]}, [], CLASSES) == 2 * A + 3
    assert decode(quotient({"$": "Dim", "terms": [[[NAMED], 1]]}, 3), [], CLASSES) == Quotient(A, 3)
    assert isinstance(A, Dim)
