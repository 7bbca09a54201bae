"""The peak that no order can avoid."""

import numpy as np

from mini_infer.schedule.problem import OUTSIDE, OrderProblem

MOST_NODES = 4000
"""Above this many nodes the bound is that of single steps: reachability takes a byte for each pair of nodes."""


def lower_bound(problem: OrderProblem) -> int:
    """Bytes that every order of the problem needs in some step.

    While node v runs, in whatever order, a tensor is alive if v or one of its ancestors wrote it and v or one of its
    descendants reads it. The bound is the largest sum of these over the nodes.
    """
    if problem.nodes > MOST_NODES:
        return max(map(_single_step(problem).__getitem__, range(problem.nodes)), default=problem.start)
    reaches = np.zeros((problem.nodes, problem.nodes), np.bool_)
    """Whether row comes before column in every order, or is it."""
    np.fill_diagonal(reaches, val=True)
    for node in reversed(range(problem.nodes)):
        for later in problem.successors[node]:
            reaches[node] |= reaches[later]
    reached_by = np.ascontiguousarray(reaches.T)
    live = np.full(problem.nodes, problem.held, np.int64)
    for size, producer, readers, kept in zip(
        problem.sizes, problem.producers, problem.consumers, problem.kept, strict=True
    ):
        if not size:
            continue
        needed = np.full(problem.nodes, kept)
        for reader in readers:
            needed |= reached_by[reader]
        if producer != OUTSIDE:
            needed[producer] = True
            needed &= reaches[producer]
        live += size * needed
    return max(int(live.max(initial=0)), problem.start)


def _single_step(problem: OrderProblem) -> list[int]:
    """Node → bytes of what it reads and writes, and of what is always alive."""
    always = problem.held + sum(
        size
        for size, producer, kept in zip(problem.sizes, problem.producers, problem.kept, strict=True)
        if kept and producer == OUTSIDE
    )
    steps = [always] * problem.nodes
    for tensor, size in enumerate(problem.sizes):
        producer, kept = problem.producers[tensor], problem.kept[tensor]
        if producer != OUTSIDE:
            steps[producer] += size
        if producer != OUTSIDE or not kept:
            for reader in problem.consumers[tensor]:
                steps[reader] += size
    return steps
