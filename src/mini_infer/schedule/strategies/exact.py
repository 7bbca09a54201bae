"""The smallest peak, proved, as far as the budget goes."""

from mini_infer import clock
from mini_infer.schedule.bound import MOST_NODES
from mini_infer.schedule.decompose import by_pieces
from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem

FIRST_ROUND = 20_000
GROWTH = 6
MOST_BYTES = 1 << 29
"""Of the states of one search."""

UNLIMITED = 1 << 62


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Search each piece between cuts; what the budget does not reach keeps its exported order."""
    return by_pieces(problem, lambda piece, floor: prove(piece, piece.exported, floor, UNLIMITED, budget))


def prove(problem: OrderProblem, known: tuple[int, ...], floor: int, ceiling: int, budget: Budget) -> Found:
    """Search forwards and backwards in turn, with ever more states, for a peak below `ceiling`.

    Peaks up to `floor` are equally good. `known` is an order whose peak is `ceiling` at most: what to return when there
    is none below, when the budget ends, or for more than `MOST_NODES` nodes.
    """
    if problem.nodes > MOST_NODES:
        return Found(known, floor)
    from mini_infer.schedule.compiled import search
    from mini_infer.schedule.compiled.table import WORD, Table, table

    tables: list[Table] = []
    bound = floor
    states = FIRST_ROUND
    most_states = MOST_BYTES // (48 + 2 * (-(-problem.nodes // WORD)) * (WORD // 8))
    while budget.left:
        for backwards in (False, True):
            if len(tables) <= backwards:
                tables.append(table(problem, backwards=backwards))
            room = min(states, most_states, budget.left)
            if not room:
                break
            began = clock.seconds()
            status, bottleneck, found, expanded = search.search(tables[backwards], bound, ceiling, room + 1)
            budget.spend(expanded, clock.seconds() - began)
            bound = max(bound, bottleneck)
            if status == search.SOLVED:
                return Found(tuple(reversed(found)) if backwards else tuple(found), bound)
            if status == search.NOTHING_BELOW_CEILING:
                return Found(known, ceiling)
        if states >= most_states:
            break
        states *= GROWTH
    return Found(known, bound)
