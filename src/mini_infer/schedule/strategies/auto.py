"""The smallest peak that can be had: cheap methods first, then a proof, and the best effort where that is too long."""

from mini_infer.schedule.bound import MOST_NODES
from mini_infer.schedule.decompose import by_pieces
from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem
from mini_infer.schedule.strategies import beam, breadth_first, depth_first, exact, greedy
from mini_infer.schedule.windows import improve_windows

CHEAP = (depth_first.order, greedy.order, breadth_first.order)


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Put each piece between cuts in order, unless the exported order is as good as what comes out.

    1. Depth first, greedy and breadth first; done when one meets the bound.
    2. Exact search below the best of these.
    3. Where the budget of that ended: beam search, then exact search in windows around the largest step.
    """
    found = by_pieces(problem, lambda piece, floor: _best(piece, floor, budget))
    exported = problem.exported
    return found if problem.peak(found.order) < problem.peak(exported) else Found(exported, found.lower_bound)


def _best(problem: OrderProblem, floor: int, budget: Budget) -> Found:
    orders = [problem.exported, *(method(problem, budget).order for method in CHEAP)]
    best = min(orders, key=problem.peak)
    peak = problem.peak(best)
    if peak <= floor or not budget.seconds:
        return Found(best, floor)
    proved = exact.prove(problem, best, floor, peak, budget)
    peak = problem.peak(proved.order)
    if peak <= max(floor, proved.lower_bound):
        return proved
    orders = [proved.order]
    if problem.nodes <= MOST_NODES:
        orders.append(beam.narrow(problem, beam.WIDTH, proved.lower_bound))
    best = min(orders, key=problem.peak)
    return Found(improve_windows(problem, best, proved.lower_bound, budget), proved.lower_bound)
