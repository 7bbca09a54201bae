"""Graph → the program with the smallest arena that the goal allows: what is rewritten, and in which order it runs.

A program is lowered for each possibility worth a try, and planned by the quick methods; the smaller arena is kept. What
goals give that save less is tried, too: no goal takes more bytes than one that saves less. Where a memory limit is not
met, every goal and order is tried, and each of these programs that may fit is planned in earnest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mini_infer import lowering, memory, ordering, passes, schedule, stages
from mini_infer.interpreter import evaluate
from mini_infer.lowering import timings
from mini_infer.options import Options
from mini_infer.toolchain import find

if TYPE_CHECKING:
    from mini_infer.ir import Graph
    from mini_infer.program import Program

_TWICE = 20_000
"""Simplified graphs of more nodes are arranged once: for blocks, they would have to be arranged again."""

_ROUNDS = {"memory": 5, "balanced": 1, "speed": 0}
"""Goal → how often values at the peak are made in blocks, and then in smaller ones, at most."""

_WORTH = {"memory": 0.97, "balanced": 0.9, "speed": 0.0}
"""Goal → what part of the arena must be left at most for blocks to be worth their time."""

_SHARES: Mapping[str, tuple[int, ...]] = {"memory": (6, 3), "balanced": (3,), "speed": ()}
"""Goal → values of more than this part of the arena are made in blocks, or else of more than the next one."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A model on its way: everything known before its buffers are placed and its code is built.

    `goal` is the one that its kernels and blocks were chosen for.
    """

    graph: "Graph"
    journal: passes.Journal
    program: "Program"
    goal: str

    def noted(self, text: str) -> "Lowered":
        """The same, with one more line on its arena in the journal."""
        journal = passes.Journal([*self.journal.rewrites])
        journal.made("arena", self.graph.name, text)
        return replace(self, journal=journal)


def smallest(exported: "Graph", options: Options) -> Lowered:
    """Graph → program with the smallest arena of those that the goal allows, or that the memory limit asks for."""
    search = _search(exported, options)
    wanted = lowering.GOALS.index(options.goal)
    best = min(map(search.of_goal, lowering.GOALS[wanted:]), key=search.size)
    why = "the arena is smaller"
    if options.memory_limit is not None and search.size(best) > options.memory_limit:
        best = search.within(options.memory_limit, (*reversed(lowering.GOALS[:wanted]), *lowering.GOALS[wanted:]))
        why = "the memory limit asks for it"
    return best if best.goal == options.goal else best.noted(f"for {best.goal}, not {options.goal}: {why}")


def find_plan(program: "Program", options: Options, *, quick: bool = False) -> memory.Plan:
    """The plan of a program's arena, by the quick methods or in earnest; it may be larger than the memory limit."""
    return memory.find_plan(
        program.problem,
        options.strategy if options.plan_memory else "naive",
        capacity=None if quick else options.memory_limit,
        time_limit=0 if quick else options.time_limit,
        progress=None if quick else stages.say,
    )


def _search(exported: "Graph", options: Options) -> "_Search":
    """What is computed of a model once, however often it is arranged, ordered and lowered."""
    journal = passes.Journal()
    with stages.stage(f"simplifying {len(exported.nodes)} nodes"):
        graph = passes.run(exported, passes.simplification(evaluate, optimize=options.optimize), journal)
    return _Search(graph, journal, lowering.exported_bytes(exported, options.alignment), options)


@dataclass(frozen=True, slots=True)
class _Search:
    """All that is tried for one model.

    Parameters
    ----------
    graph, journal
        The model after `passes.simplification`.
    exported_bytes
        Of the model as it was.
    options
        What the user decided.
    arranged
        (the most bytes of a value, heavy) → the graph after `passes.arrangement`.
    tried
        Every program that was looked at.
    sizes
        Problem → bytes of its best plan.
    quick
        Problem → its plan by the quick methods.
    orders
        (what is ordered, strategy) → the order found.
    programs
        (graph, order, goal) → the program; the goal is empty where the lowering never asked for it.
    """

    graph: "Graph"
    journal: passes.Journal
    exported_bytes: int
    options: Options
    arranged: "dict[tuple[int | None, bool], tuple[Graph, passes.Journal]]" = field(default_factory=dict)
    tried: list[Lowered] = field(default_factory=list)
    sizes: dict[memory.Problem, int] = field(default_factory=dict)
    quick: dict[memory.Problem, memory.Plan] = field(default_factory=dict)
    orders: "dict[tuple[Graph | schedule.OrderProblem, str], schedule.Schedule]" = field(default_factory=dict)
    programs: "dict[tuple[Graph, schedule.Order, str], Program]" = field(default_factory=dict)

    def size(self, lowered: Lowered) -> int:
        """Bytes of the program's arena when it is planned in earnest."""
        problem = lowered.program.problem
        if problem not in self.sizes:
            plan = self.quick_plan(lowered.program)
            if not plan.optimal:
                plan = find_plan(lowered.program, replace(self.options, memory_limit=None))
            self.sizes[problem] = plan.size
        return self.sizes[problem]

    def within(self, limit: int, goals: Sequence[str]) -> Lowered:
        """A program that fits into so many bytes, of the first goal that has one, in any order of its steps.

        Where no goal's smallest program fits, all that were tried are planned in earnest; the smallest may not fit.
        """
        search = replace(self, options=replace(self.options, order="auto", strategy="auto"), sizes={}, quick={})
        for goal in goals:
            lowered = search.of_goal(goal)
            if search.size(lowered) <= limit:
                return lowered

        def size(lowered: Lowered) -> int:
            quick = search.quick_plan(lowered.program)
            return search.size(lowered) if quick.lower_bound <= limit else quick.size

        return min(self.tried, key=size)

    def of_goal(self, goal: str) -> Lowered:
        """The program with the smallest arena, by the quick methods, of those that one goal allows."""
        best = self._lower(goal)
        rounds = _ROUNDS[goal] if self.options.optimize and len(self.graph.nodes) <= _TWICE else 0
        for _ in range(rounds):
            # What is large at the peak is made in blocks, and once more what is large then: as long as it shrinks.
            arena = self._arena(best.program)
            for share in _SHARES[goal]:
                graph, _ = self._arrange(goal, arena // share)
                if [node.name for node in graph.nodes] == [node.name for node in best.graph.nodes]:
                    continue
                blocked = self._lower(goal, arena // share)
                smaller = self._arena(blocked.program)
                if smaller <= _WORTH[goal] * arena:
                    best = blocked.noted(f"{smaller} bytes with blocks instead of {arena}")
                    break
            else:
                break
        if self.options.order == "auto":
            best = self._reordered(best, ordering.STRATEGIES)
        return best

    def _arrange(self, goal: str, above: int | None) -> "tuple[Graph, passes.Journal]":
        """The graph arranged; values of more than `above` bytes are made in blocks where that can be."""
        key = above, goal == "memory" and above is not None
        if key not in self.arranged:
            journal = passes.Journal([*self.journal.rewrites])
            pipeline = passes.arrangement(optimize=self.options.optimize, above=above, heavy=key[1])
            with stages.stage(f"arranging {len(self.graph.nodes)} nodes"):
                self.arranged[key] = passes.run(self.graph, pipeline, journal), journal
        return self.arranged[key]

    def _lower(self, goal: str, above: int | None = None) -> Lowered:
        """The program in the order with the smallest arena."""
        graph, journal = self._arrange(goal, above)
        exported = tuple(range(len(graph.nodes)))
        with stages.stage(f"ordering {len(graph.nodes)} nodes"):
            order = self._order(graph, self.options.order).order
        with stages.stage(f"choosing kernels for {len(graph.nodes)} nodes"):
            lowered = self._note(Lowered(graph, journal, self._program(graph, order, goal), goal))
        if self.options.order == "auto":
            if order != exported:
                # The order's peak knows nothing of work in place, workspace and packing: the arena decides.
                other = self._note(replace(lowered, program=self._program(graph, exported, goal)))
                lowered = min(other, lowered, key=lambda each: self._arena(each.program))
            lowered = self._reordered(lowered, ordering.STRATEGIES[:1])
        return lowered

    def _program(self, graph: "Graph", order: "schedule.Order", goal: str) -> "Program":
        """The graph lowered in one order, once; for all goals at once where none of its kernels depends on the goal."""
        known = self.programs.get((graph, order, "")) or self.programs.get((graph, order, goal))
        if known is not None:
            return known
        options, target, wanted = self.options, self.options.built_for, lowering.Goal(goal)
        program = lowering.lower(
            graph,
            order,
            machine=target.machine,
            threads=target.threads,
            alignment=options.alignment,
            in_place=options.optimize,
            goal=wanted,
            tiles=_tiles(options),
            exported_bytes=self.exported_bytes,
        )
        return self.programs.setdefault((graph, order, goal if wanted.was_asked else ""), program)

    def _order(self, problem: "Graph | schedule.OrderProblem", strategy: str) -> schedule.Schedule:
        """The order that a strategy finds, looked for once."""
        if (problem, strategy) not in self.orders:
            limit = self.options.time_limit
            self.orders[problem, strategy] = schedule.solve(problem, strategy, time_limit=limit)
        return self.orders[problem, strategy]

    def _reordered(self, lowered: Lowered, strategies: Sequence[str]) -> Lowered:
        """The program, or the same in another order that leads to a smaller arena.

        Others are tried where one has fewer bytes alive, all being counted that shares bytes, and where the plan leaves
        a gap above the bytes alive: another order with as few may pack better.
        """
        arena = self._arena(lowered.program)
        graph = lowered.graph
        with stages.stage("trying other orders"):
            for order in ordering.proposals(lowered.program, graph, arena, strategies, self._order):
                other = self._note(replace(lowered, program=self._program(graph, order, lowered.goal)))
                smaller = self._arena(other.program)
                if smaller < arena:
                    lowered, arena = other, smaller
        return lowered

    def _note(self, lowered: Lowered) -> Lowered:
        self.tried.append(lowered)
        return lowered

    def quick_plan(self, program: "Program") -> memory.Plan:
        """The program's plan by the quick methods, whatever the memory limit."""
        problem = program.problem
        if problem not in self.quick:
            self.quick[problem] = find_plan(program, self.options, quick=True)
        return self.quick[problem]

    def _arena(self, program: "Program") -> int:
        """Bytes of the program's arena by the quick methods."""
        return self.quick_plan(program).size


def timed_machine(options: Options) -> str | None:
    """What measured tiles are true for: processor, vectors and C compiler. `None` without one."""
    found = find(options.compiler)
    return None if found is None else f"{options.built_for} {found.name}"


def _tiles(options: Options) -> timings.Tiles:
    """What was measured for the machine that the options name."""
    if options.timings is None:
        return {}
    return timings.read(Path(options.timings)).get(timed_machine(options) or "", {})
