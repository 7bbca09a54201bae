"""One candidate for a model's program: a simplified graph → arranged → ordered → lowered → planned quickly.

`memory_search` tries several, which differ in the objective, in what is made in blocks, and in the order. What they
have in common is computed once.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mini_infer import lowering, memory, passes, schedule, stages, streaming
from mini_infer.lowering.contraction import timings
from mini_infer.objective import Objective, Preference
from mini_infer.options import Options
from mini_infer.program.kernels.contraction.winograd import WinogradProducts
from mini_infer.toolchain import find

if TYPE_CHECKING:
    from mini_infer.ir import Graph
    from mini_infer.machine import Machine
    from mini_infer.program import Program


_COPIED = 0.25
"""Of the time that copies of parts are said to take, what they do: parts were just made, and are near."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A model on its way: everything known before its buffers are placed in earnest and its code is built.

    Parameters
    ----------
    graph, order
        What was lowered.
    remarks
        What became of the model on the way.
    program
        What it was lowered to.
    objective
        What its kernels, blocks and streams were chosen for.
    arena
        Bytes that its buffers take by the quick methods.
    """

    graph: "Graph"
    order: "schedule.Order"
    remarks: passes.Remarks
    program: "Program"
    objective: Objective
    arena: int

    def noted(self, text: str) -> "Lowered":
        """The same, with one more line on its arena among the remarks."""
        remarks = passes.Remarks([*self.remarks.entries])
        remarks.applied("arena", self.graph.name, text)
        return replace(self, remarks=remarks)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of one model.

    Parameters
    ----------
    graph, remarks
        The model after `passes.simplification`.
    exported_bytes
        Of the model as it was.
    options
        What the user decided.
    selector
        Chooses kernels, for all candidates: what they have in common is selected once.
    tried
        Every candidate that there was.
    selections
        A graph → its kernels.
    arranged
        (the most bytes of a value, how many are made twice) → the graph after `passes.arrangement`.
    orders
        (what is ordered, strategy) → the order found.
    programs
        (graph, order, objective, whether parts are copied) → the program; no objective where the lowering never asked
        for it.
    plans
        Problem → its plan by the quick methods.
    """

    graph: "Graph"
    remarks: passes.Remarks
    exported_bytes: int
    options: Options
    selector: lowering.Selector
    tried: list[Lowered] = field(default_factory=list)
    selections: "dict[Graph, lowering.Selection]" = field(default_factory=dict)
    arranged: "dict[tuple[int | None, int], tuple[Graph, passes.Remarks]]" = field(default_factory=dict)
    orders: "dict[tuple[Graph | schedule.OrderProblem, str], schedule.Schedule]" = field(default_factory=dict)
    programs: "dict[tuple[Graph, schedule.Order, Objective | None, bool], Program]" = field(default_factory=dict)
    plans: dict[memory.Problem, memory.Plan] = field(default_factory=dict)

    def candidate(self, objective: Objective, size_threshold: int | None = None, twice: int = 0) -> Lowered:
        """The program in the order that the strategy finds; parameters are those of `passes.arrangement`."""
        graph, remarks = self.arrange(size_threshold, twice)
        with stages.stage(f"ordering {len(graph.nodes)} nodes"):
            order = self.order(graph, self.options.order).order
        with stages.stage(f"choosing kernels for {len(graph.nodes)} nodes"):
            program = self._lower(graph, order, objective)
        return self._keep(Lowered(graph, order, remarks, program, objective, self.plan(program).size))

    def in_order(self, lowered: Lowered, order: "schedule.Order") -> Lowered:
        """The same graph for the same objective, in another order."""
        program = self._lower(lowered.graph, order, lowered.objective)
        return self._keep(replace(lowered, order=order, program=program, arena=self.plan(program).size))

    def streamed(self, lowered: Lowered, *, copied: bool, below: int) -> Lowered:
        """The same with streams; the very candidate, where none that its objective allows lead to a smaller arena.

        The parts of concatenations may be `copied`, so that each lives no longer than it must, where that costs no more
        time than streams may. Nothing but an arena
        `below` a number of bytes is of use.
        """
        options, target, objective = self.options, self.options.built_for, lowered.objective
        program = self._lower(lowered.graph, lowered.order, objective, copied=copied)
        spent, alone = (_nanoseconds(each, target.machine) for each in (program, lowered.program))
        slowdown = objective.slowdown - _COPIED * (spent - alone) / max(1, spent)
        if slowdown < 0:
            return lowered
        with stages.stage("choosing streams"):
            made = streaming.stream(
                program,
                target.machine,
                alignment=options.alignment,
                threads=target.threads,
                slowdown=slowdown,
                enough=options.memory_limit or 0,
                below=below,
            )
        if made.program is program:
            return lowered
        if made.plan is not None and options.memory_planning and options.strategy == "auto":
            self.plans.setdefault(made.program.problem, made.plan)
        if tight := _tight(objective, made.program, spent * target.machine.rates.clock):
            program = self._lower(lowered.graph, lowered.order, tight, copied=copied)
            again = streaming.streamed_as(program, made, alignment=options.alignment)
            made = min(made, again, key=lambda each: self.plan(each.program).size)
        remarks = passes.Remarks([*lowered.remarks.entries])
        for name, text in made.remarks:
            remarks.applied("streams", name, text)
        return self._keep(replace(lowered, remarks=remarks, program=made.program, arena=self.plan(made.program).size))

    def arrange(self, size_threshold: int | None, twice: int = 0) -> "tuple[Graph, passes.Remarks]":
        """The graph after `passes.arrangement`."""
        if (size_threshold, twice) not in self.arranged:
            remarks = passes.Remarks([*self.remarks.entries])
            pipeline = passes.arrangement(size_threshold=size_threshold, twice=twice)
            with stages.stage(f"arranging {len(self.graph.nodes)} nodes"):
                graph = passes.run(self.graph, pipeline if self.options.rewrite else (), remarks)
            self.arranged[size_threshold, twice] = graph, remarks
        return self.arranged[size_threshold, twice]

    def order(self, problem: "Graph | schedule.OrderProblem", strategy: str) -> schedule.Schedule:
        """The order that a strategy finds."""
        if (problem, strategy) not in self.orders:
            limit = self.options.time_limit
            self.orders[problem, strategy] = schedule.solve(problem, strategy, time_limit=limit)
        return self.orders[problem, strategy]

    def plan(self, program: "Program") -> memory.Plan:
        """The program's plan by the quick methods, whatever the memory limit."""
        problem = program.problem
        if problem not in self.plans:
            self.plans[problem] = find_plan(program, self.options, quick=True)
        return self.plans[problem]

    def _lower(
        self, graph: "Graph", order: "schedule.Order", objective: Objective, *, copied: bool = False
    ) -> "Program":
        """The graph's kernels in one order; for all objectives at once where none of them depends on it."""
        for key in (None, objective):
            if (known := self.programs.get((graph, order, key, copied))) is not None:
                return known
        if graph not in self.selections:
            self.selections[graph] = lowering.select(graph, self.selector)
        preference = Preference(objective)
        program = lowering.place(
            self.selections[graph],
            order,
            alignment=self.options.alignment,
            io=self.options.io,
            in_place=self.options.rewrite,
            objective=preference,
            copies_parts=copied,
        )
        program = replace(program, exported_bytes=self.exported_bytes)
        return self.programs.setdefault((graph, order, objective if preference.was_asked else None, copied), program)

    def _keep(self, lowered: Lowered) -> Lowered:
        self.tried.append(lowered)
        return lowered


def _nanoseconds(program: "Program", machine: "Machine") -> int:
    """What all calls take."""
    return sum(call.cost(machine).nanoseconds for step in program.steps for call in step.calls)


def _tight(objective: Objective, program: "Program", cycles: float) -> Objective | None:
    """The objective where workspace costs what bytes at the peak are worth; none where there is no such workspace.

    A program with streams needs so few bytes that workspace which was small before them may not be any more.
    """
    peak = memory.peak(program.problem)
    calls = [call for step in program.steps[peak.start : peak.end] for call in step.calls]
    if objective.winograd is None or not any(isinstance(call.kernel, WinogradProducts) for call in calls):
        return None
    price = max(objective.winograd.workspace_price, objective.winograd.arena_price * cycles / peak.size)
    return replace(objective, winograd=replace(objective.winograd, workspace_price=price))


def find_plan(program: "Program", options: Options, *, quick: bool = False) -> memory.Plan:
    """The plan of a program's arena, by the quick methods or in earnest; it may be larger than the memory limit."""
    return memory.find_plan(
        program.problem,
        options.strategy if options.memory_planning else "naive",
        capacity=None if quick else options.memory_limit,
        time_limit=0 if quick else options.time_limit,
        progress=None if quick else stages.say,
    )


def selector_for(options: Options) -> lowering.Selector:
    """What chooses kernels for the machine that the options name, by what was measured there."""
    target = options.built_for
    return lowering.Selector(target.machine, target.threads, _tiles(options), options.half)


def timed_machine(options: Options) -> str | None:
    """What measured tiles are true for: processor, vectors and C compiler. `None` without one."""
    found = find(options.compiler)
    return None if found is None else f"{options.built_for} {found.name}"


def _tiles(options: Options) -> timings.Tiles:
    """What was measured for the machine that the options name."""
    if options.timings is None:
        return {}
    return timings.read(Path(options.timings)).get(timed_machine(options) or "", {})
