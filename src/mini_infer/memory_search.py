"""Memory search: which of a model's candidates has the smallest arena that the objective allows.

Candidates differ in what is made in blocks, and in the order of the steps; each is lowered and planned by the quick
methods (`candidates`), and the smaller arena is kept. What objectives choose that save less is tried, too: no objective
takes more bytes than one that saves less. Where a memory limit is not met, every objective and order is tried, and each
of these programs that may fit is planned in earnest.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mini_infer import memory, ordering, stages
from mini_infer.candidates import Candidates, Lowered, find_plan
from mini_infer.objective import OBJECTIVES, Objective
from mini_infer.passes import recompute
from mini_infer.program.validate import validate

_TWICE = 20_000
"""Simplified graphs of more nodes are arranged once: for blocks, they would have to be arranged again."""


def minimize_arena(candidates: Candidates) -> Lowered:
    """The candidate with the smallest arena of those that the objective allows, or that the memory limit asks for.

    An objective that is none of `OBJECTIVES` is tried alone.
    """
    search, options = _Search(candidates), candidates.options
    wanted, known = options.objective, tuple(OBJECTIVES.values())
    rank = known.index(wanted) if wanted in known else len(known)
    allowed = known[rank:] or (wanted,)
    best = search.smallest(allowed[0])
    for objective in allowed[1:]:
        best = search.smaller(best, search.smallest(objective, best.arena))
    why = "the arena is smaller"
    if options.memory_limit is not None and search.size(best) > options.memory_limit:
        best = search.within(options.memory_limit, (*reversed(known[:rank]), *allowed))
        why = "the memory limit asks for it"
    if any(step.stream for step in best.program.steps):  # without streams it is as it was placed, and checked there
        target = options.built_for
        validate(best.program, machine=target.machine, threads=target.threads)
    found = best.objective
    return best if found == wanted else best.noted(f"for {found.name}, not {wanted.name}: {why}")


@dataclass(frozen=True, slots=True)
class _Search:
    """What is found among the candidates; `sizes`: problem → bytes of its best plan."""

    candidates: Candidates
    sizes: dict[memory.Problem, int] = field(default_factory=dict)

    def size(self, lowered: Lowered) -> int:
        """Bytes of the program's arena when it is planned in earnest."""
        problem = lowered.program.problem
        if problem not in self.sizes:
            plan = self.candidates.plan(lowered.program)
            if not plan.optimal:
                plan = find_plan(lowered.program, replace(self.candidates.options, memory_limit=None))
            self.sizes[problem] = plan.size
        return self.sizes[problem]

    def smaller(self, best: Lowered, other: Lowered) -> Lowered:
        """The one whose arena is smaller when both are planned in earnest; `best`, where they are equal."""
        if self.candidates.plan(other.program).lower_bound >= best.arena:
            return best  # whose plan is not larger in earnest
        return min(best, other, key=self.size)

    def within(self, limit: int, objectives: Sequence[Objective]) -> Lowered:
        """A program that fits into so many bytes, of the first objective that has one, in any order of its steps.

        Where no objective's smallest program fits, all that were tried are planned in earnest; the smallest may not
        fit.
        """
        options = replace(self.candidates.options, order="auto", strategy="auto")
        candidates = replace(self.candidates, options=options, plans={})
        search = _Search(candidates)
        for objective in objectives:
            lowered = search.smallest(objective)
            if search.size(lowered) <= limit:
                return lowered

        def size(lowered: Lowered) -> int:
            quick = candidates.plan(lowered.program)
            return search.size(lowered) if quick.lower_bound <= limit else quick.size

        return min(candidates.tried, key=size)

    def smallest(self, objective: Objective, below: int = sys.maxsize) -> Lowered:
        """The program with the smallest arena, by the quick methods, of those that one objective allows.

        Streams are looked for where the arena may come `below` a number of bytes.
        """
        candidates, options = self.candidates, self.candidates.options
        best = self._ordered(objective)
        rounds = objective.rounds_of_blocks if options.rewrite and len(candidates.graph.nodes) <= _TWICE else 0
        for _ in range(rounds):
            # What is large at the peak is made in blocks, and once more what is large then: as long as it shrinks.
            for share in objective.shares:
                size_threshold = best.arena // share
                graph, _ = candidates.arrange(size_threshold)
                if [node.name for node in graph.nodes] == [node.name for node in best.graph.nodes]:
                    continue
                blocked = self._ordered(objective, size_threshold)
                if blocked.arena <= objective.worth * best.arena:
                    best = blocked.noted(f"{blocked.arena} bytes with blocks instead of {best.arena}")
                    break
            else:
                break
        best = self._reordered(best, ordering.STRATEGIES) if options.order == "auto" else best
        if not options.rewrite:
            return best
        best = self._streamed(best, below)
        return self._recomputed(best, below) if options.recompute > 1 else best

    def _streamed(self, best: Lowered, below: int) -> Lowered:
        """The candidate with streams, or else the one in the exported order, where these have a smaller arena.

        Those whose parts are copied come first: most need fewer bytes, and then the others are soon given up.
        """
        candidates, options = self.candidates, self.candidates.options
        found = [best]
        if options.order == "auto":
            found.append(candidates.in_order(best, tuple(range(len(best.graph.nodes)))))
        for lowered in {(each.graph, each.order): each for each in found}.values():
            copies = "Concat" in lowered.graph.operators and lowered.objective.slowdown > 0
            for copied in (True, False) if copies else (False,):
                streamed = candidates.streamed(lowered, copied=copied, below=min(below, best.arena))
                best = min(best, streamed, key=lambda each: each.arena)
        return best

    def _recomputed(self, best: Lowered, below: int) -> Lowered:
        """The candidate, or one that needs fewer bytes and does work twice, as much as the options allow."""
        candidates, once = self.candidates, _multiply_adds(best)
        objective, factor = best.objective, candidates.options.recompute
        for count in range(1, 1 + len(recompute.sites(best.graph))):
            twice = self._ordered(objective, twice=count)
            if _multiply_adds(twice) > factor * once:
                break
            found = self._streamed(twice, min(below, best.arena))
            if found.arena < best.arena:
                times = _multiply_adds(found) / once
                best = found.noted(f"{found.arena} bytes with {times:.3f} times the multiply-adds")
        return best

    def _ordered(self, objective: Objective, size_threshold: int | None = None, twice: int = 0) -> Lowered:
        """The candidate in the order with the smallest arena, of those that are found soon."""
        lowered = self.candidates.candidate(objective, size_threshold, twice)
        if self.candidates.options.order != "auto":
            return lowered
        # The order's peak knows nothing of work in place, workspace and packing: the arena decides.
        exported = self.candidates.in_order(lowered, tuple(range(len(lowered.graph.nodes))))
        best = min(exported, lowered, key=lambda each: each.arena)
        return self._reordered(best, ordering.STRATEGIES[:1])

    def _reordered(self, lowered: Lowered, strategies: Sequence[str]) -> Lowered:
        """The program, or the same in another order that leads to a smaller arena.

        Others are tried where one has fewer bytes alive, all being counted that shares bytes, and where the plan leaves
        a gap above the bytes alive: another order with as few may pack better.
        """
        with stages.stage("trying other orders"):
            orders = ordering.proposals(
                lowered.program, lowered.graph, lowered.arena, strategies, self.candidates.order
            )
            for order in orders:
                lowered = min(lowered, self.candidates.in_order(lowered, order), key=lambda each: each.arena)
        return lowered


def _multiply_adds(lowered: Lowered) -> int:
    """Products that a program sums up."""
    return sum(call.kernel.multiply_adds for step in lowered.program.steps for call in step.calls)
