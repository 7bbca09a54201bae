"""Solve a problem piece by piece; pieces that cannot be the peak are left alone."""

from collections.abc import Callable

from mini_infer.schedule.bound import lower_bound
from mini_infer.schedule.limits import Found
from mini_infer.schedule.pieces import Cutter, segments
from mini_infer.schedule.problem import OrderProblem

Improve = Callable[[OrderProblem, int], Found]
"""A piece and the peak below which nothing is gained → an order of the piece, and its bound."""


def by_pieces(problem: OrderProblem, improve: Improve) -> Found:
    """Put the pieces between cuts in order, the largest first: its peak is the floor of the others.

    A node between two cuts that has no company cannot be moved: its step is a bound of every order.
    """
    cutter = Cutter(problem, problem.exported)
    parts = segments(problem)
    movable = {node for part in parts for node in part}
    floor = max((step for node, step in enumerate(cutter.during) if node not in movable), default=problem.start)
    peaks = {part: max(cutter.during[part.start : part.stop]) for part in parts}
    pieces = {part: cutter.cut(part.start, part.stop) for part in parts if peaks[part] > floor}
    floor = max([floor, *(lower_bound(piece.problem) for piece in pieces.values())])
    order = list(problem.exported)
    reached = floor
    for part in sorted(pieces, key=lambda part: (-peaks[part], part.start)):
        if peaks[part] <= reached:
            break
        piece = pieces[part]
        found = improve(piece.problem, reached)
        order[part.start : part.stop] = [piece.nodes[node] for node in found.order]
        if found.lower_bound > reached:  # else it says no more than that nothing better was asked for
            floor = max(floor, found.lower_bound)
        reached = max(reached, piece.problem.peak(found.order))
    return Found(tuple(order), floor)
