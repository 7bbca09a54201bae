"""Local improvement of an order: exact search among few neighboring steps, everything else left as it is."""

from mini_infer.schedule.limits import Budget
from mini_infer.schedule.pieces import Cutter
from mini_infer.schedule.problem import Order, OrderProblem

WIDTHS = (20, 40, 80, 160)
WINDOW_STATES = 20_000
MOST_STATES = 600_000
"""In one window, and in all of them."""

MOST_ROUNDS = 200
MOST_STEPS = 1_000_000
"""Steps traced in all rounds together; each round traces the whole order."""


def improve_windows(problem: OrderProblem, order: Order, floor: int, budget: Budget) -> Order:
    """Reorder the steps around the largest one until no width of window makes it smaller, or it is within `floor`.

    What it searches is counted in `budget`, but has limits of its own: it comes when the budget is used up. A window
    leaves the same bytes alive at its end whatever the order inside, so no step outside changes.
    """
    from mini_infer.schedule.strategies.exact import prove

    nodes = list(order)
    width = 0
    before = budget.states
    for _ in range(min(MOST_ROUNDS, MOST_STEPS // max(problem.nodes, 1))):
        cutter = Cutter(problem, nodes)
        peak = max(cutter.during)
        late = not budget.left and budget.timed_out
        if peak <= floor or width == len(WIDTHS) or budget.states - before > MOST_STATES or late:
            break
        middle = cutter.during.index(peak)
        start = max(0, middle - WIDTHS[width] // 2)
        end = min(len(nodes), start + WIDTHS[width])
        piece = cutter.cut(start, end)
        within = Budget(WINDOW_STATES / Budget.STATES_PER_SECOND)
        found = prove(piece.problem, piece.problem.exported, floor, peak, within).order
        budget.spend(within.states, within.searched)
        if piece.problem.peak(found) < peak:
            nodes[start:end] = [piece.nodes[node] for node in found]
            width = 0
        else:
            width += 1
    return tuple(nodes)
