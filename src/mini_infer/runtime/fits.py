"""The largest sizes that fit into so many bytes: a search in which every plan is made, and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mini_infer.ir import Symbol
from mini_infer.runtime.variant import Variant

if TYPE_CHECKING:
    from mini_infer.memory import Plan


@dataclass(frozen=True, slots=True)
class Fit:
    """What fits into a number of bytes.

    Parameters
    ----------
    dims
        The dimensions that grow; all others are at their largest.
    sizes
        Of every dimension: the largest that fit, or the least where not even these do.
    plan
        For sizes up to these.
    fits
        Whether they fit.
    """

    dims: tuple[str, ...]
    sizes: dict[str, int]
    plan: "Plan"
    fits: bool


def largest_that_fit(variant: Variant, limit: int) -> list[Fit]:
    """The largest size of each dimension alone, the others at their largest; then of all at once, where there are more.

    All at once, each is at the same share of its range. Larger sizes never take fewer bytes: no buffer shrinks.
    """
    symbols = variant.interface.symbols
    greatest = {symbol.name: symbol.high for symbol in symbols}
    found = [
        _largest((symbol.name,), len(symbol.sizes), partial(_alone, greatest, symbol), variant, limit)
        for symbol in symbols
    ]
    if len(symbols) > 1:
        most = max(len(symbol.sizes) for symbol in symbols)
        found.append(_largest(tuple(greatest), most, partial(_together, symbols, most), variant, limit))
    return found


def _alone(greatest: dict[str, int], symbol: Symbol, index: int) -> dict[str, int]:
    return {**greatest, symbol.name: symbol.sizes[index]}


def _together(symbols: tuple[Symbol, ...], most: int, index: int) -> dict[str, int]:
    last = max(most - 1, 1)
    return {symbol.name: symbol.sizes[(len(symbol.sizes) - 1) * index // last] for symbol in symbols}


def _largest(
    dims: tuple[str, ...], count: int, sizes: Callable[[int], dict[str, int]], variant: Variant, limit: int
) -> Fit:
    """The last of so many sizes that fits, by bisection."""
    best, plan = -1, None
    first, end = 0, count
    while first < end:
        # The largest first: it is what is asked, and mostly fits.
        middle = end - 1 if end == count and best < 0 and first == 0 else (first + end) // 2
        tried = _plan(variant, sizes(middle), limit)
        if tried.size <= limit:
            best, plan, first = middle, tried, middle + 1
        else:
            end = middle
    if plan is None:
        return Fit(dims, sizes(0), _plan(variant, sizes(0), limit), fits=False)
    return Fit(dims, sizes(best), plan, fits=True)


def _plan(variant: Variant, sizes: dict[str, int], limit: int) -> "Plan":
    """A plan by the quick methods, in earnest only where these do not decide it."""
    quick = variant.plan_up_to(sizes, time_limit=0)
    return quick if quick.size <= limit or quick.lower_bound > limit else variant.plan_up_to(sizes)
