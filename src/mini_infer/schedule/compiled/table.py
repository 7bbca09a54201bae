"""A problem as arrays of bit masks, in a form that reads the same forwards and backwards in time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mini_infer.schedule.problem import OUTSIDE, OrderProblem

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

WORD = 64


@dataclass(frozen=True, slots=True)
class Table:
    """What a search looks up for each node.

    Forwards, a tensor is *opened* by its producer and *closed* by the last of its consumers to run. Backwards it is
    opened by the first of its consumers to run and closed by its producer. So a tensor has a set of openers, of which
    the first counts, and a set of closers, of which the last counts.

    Attributes
    ----------
    needs
        Node → the set of nodes that must have run: a row of words.
    followers_at, followers
        Node → the nodes that need it: ``followers[followers_at[v]:followers_at[v + 1]]``.
    opens
        Node → bytes of the tensors that it alone opens.
    shares_at, shares_mask, shares_size
        Node → the tensors that it opens unless one of the masked nodes has run.
    closes
        Node → bytes of the tensors that it alone closes.
    frees_at, frees_mask, frees_size
        Node → the tensors that it closes if all of the masked nodes have run.
    start
        Bytes alive before the first step.
    """

    needs: Words
    followers_at: Ints
    followers: Ints
    opens: Ints
    shares_at: Ints
    shares_mask: Words
    shares_size: Ints
    closes: Ints
    frees_at: Ints
    frees_mask: Words
    frees_size: Ints
    start: int


def table(problem: OrderProblem, *, backwards: bool) -> Table:
    """Lay out a problem, or the same in reversed time: a reversed order of the one is an order of the other."""
    openers: list[Collection[int]] = []
    closers: list[Collection[int]] = []
    start = problem.held
    for size, producer, consumers, kept in zip(
        problem.sizes, problem.producers, problem.consumers, problem.kept, strict=True
    ):
        first: Collection[int] = () if producer == OUTSIDE else (producer,)
        last: Collection[int] = () if kept else consumers or first
        openers.append(last if backwards else first)
        closers.append(first if backwards else last)
        if last or kept:
            start += size * (not openers[-1])
    before, after = problem.predecessors, problem.successors
    if backwards:
        before, after = after, before
    words = max(1, -(-problem.nodes // WORD))
    opens, shares_at, shares_mask, shares_size = _events(problem, openers, words)
    closes, frees_at, frees_mask, frees_size = _events(problem, closers, words)
    return Table(
        _masks(before, words),
        _offsets(after),
        np.array([node for nodes in after for node in nodes], np.int64),
        opens,
        shares_at,
        shares_mask,
        shares_size,
        closes,
        frees_at,
        frees_mask,
        frees_size,
        start,
    )


def _events(problem: OrderProblem, actors: Sequence[Collection[int]], words: int) -> tuple[Ints, Ints, Words, Ints]:
    """Node → bytes of the tensors it alone acts on, and (offsets, other actors, sizes) of those it shares."""
    alone = np.zeros(problem.nodes, np.int64)
    shared: list[list[tuple[set[int], int]]] = [[] for _ in range(problem.nodes)]
    for size, nodes in zip(problem.sizes, actors, strict=True):
        for node in nodes if size else ():
            if len(nodes) == 1:
                alone[node] += size
            else:
                shared[node].append((set(nodes) - {node}, size))
    flat = [event for events in shared for event in events]
    sizes = np.array([size for _, size in flat], np.int64)
    return alone, _offsets(shared), _masks((nodes for nodes, _ in flat), words), sizes


def _offsets(rows: Iterable[Collection[object]]) -> Ints:
    return np.cumsum([0, *map(len, rows)], dtype=np.int64)


def _masks(sets: Iterable[Iterable[int]], words: int) -> Words:
    """One row of words a set: bit v of the row says whether v is in it."""
    rows = [sum(1 << node for node in nodes).to_bytes(words * WORD // 8, "little") for nodes in sets]
    return np.frombuffer(b"".join(rows), "<u8").astype(np.uint64).reshape(len(rows), words)
