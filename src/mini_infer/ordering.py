"""Whether a program's steps run in the best order, and which order would be better.

`schedule` orders a graph before anything has a place. Here the steps are ordered again with everything that is known
after lowering: what works in place, which values are parts of others, how much workspace a kernel takes.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator

from mini_infer import memory, schedule
from mini_infer.ir import Graph
from mini_infer.program import Program, Space
from mini_infer.schedule import OUTSIDE, Order, OrderProblem, Schedule
from mini_infer.schedule.limits import DEFAULT_SECONDS

STRATEGIES = ("auto", "depth-first", "greedy", "breadth-first", "beam")
"""Of `schedule`, in the order in which their results are proposed."""


def of_program(program: Program) -> OrderProblem | None:
    """The order problem of a program's steps and buffers; none where control flow ties steps to their places.

    No order of the steps needs fewer bytes than the same order of this problem: a buffer lives from the step that all
    its other users depend on, until the last of them; where there is no such step, each part that a kernel writes
    lives by itself, from that kernel until the last reader of the part or of the whole.
    """
    if any(step.control for step in program.steps):
        return None
    return _Builder(program).problem()


def is_forced(program: Program) -> bool:
    """Whether the steps can run in no other order: each reads what the one before it wrote."""
    pairs = itertools.pairwise(program.steps)
    return all(
        one.control is other.control is None and not set(one.node.writes).isdisjoint(other.node.reads)
        for one, other in pairs
    )


def is_optimal(program: Program, *, time_limit: float = DEFAULT_SECONDS) -> bool:
    """Whether it is proved that no order of the program's steps has fewer bytes alive in its largest step.

    Nothing is proved of buffers that overlap: in another order, others might.
    """
    if is_forced(program):
        return True
    if program.problem.overlaps:
        return False
    problem = of_program(program)
    return problem is not None and schedule.solve(problem, time_limit=time_limit).lower_bound >= needed(program)


def proposals(
    program: Program,
    graph: Graph,
    arena: int,
    strategies: Iterable[str],
    solve: Callable[[OrderProblem, str], Schedule],
) -> Iterator[Order]:
    """Orders of a graph's nodes that may lead to a smaller arena than `arena`, which the program now has.

    There are none where that is as small as in any order of the steps. Each has at most as many bytes alive as the
    program now. `solve` orders a problem by a strategy.
    """
    problem = None if is_forced(program) else of_program(program)
    if problem is None:
        return
    names = [step.node.name for step in program.steps]
    position = {node.name: index for index, node in enumerate(graph.nodes)}
    if len(position) != len(graph.nodes) or not position.keys() <= set(names):
        return
    seen = {problem.exported}
    for strategy in strategies:
        found = solve(problem, strategy)
        if arena <= found.lower_bound:
            return
        if found.order not in seen and found.peak <= needed(program):
            seen.add(found.order)
            yield tuple(position[names[index]] for index in found.order if names[index] in position)


def needed(program: Program) -> int:
    """Bytes alive in the largest step of the order that the program has."""
    return memory.peak_bytes(program.problem.buffers)


class _Builder:
    """Collects the tensors of the problem."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sizes: list[int] = []
        self.producers: list[int] = []
        self.consumers: list[tuple[int, ...]] = []
        self.kept: list[bool] = []
        self.given, self.taken = program.given, program.taken
        self.after: list[set[int]] = [set() for _ in program.steps]
        writer: dict[str, int] = {}
        for index, step in enumerate(program.steps):
            for name in step.node.reads:
                if name in writer:
                    self.after[writer[name]].add(index)
            writer.update(dict.fromkeys(step.node.writes, index))

    def problem(self) -> OrderProblem:
        for index, readers in enumerate(self.after):
            self._add(0, index, readers)
        writers: dict[int, dict[int, str]] = {}
        users: dict[int, set[int]] = {}
        for index, step in enumerate(self.program.steps):
            for name in step.node.writes:
                if (number := self._buffer(name)) is not None and not step.is_view:
                    writers.setdefault(number, {}).setdefault(index, name)
            for name in (*step.node.reads, *step.node.writes):
                if (number := self._buffer(name)) is not None:
                    users.setdefault(number, set()).add(index)
        for number, buffer in enumerate(self.program.problem.buffers):
            if number in self.given:
                self._add(buffer.size, OUTSIDE, users.get(number, ()), kept=number in self.taken)
            elif number not in writers:
                self._add(buffer.size, buffer.start, ())
            elif number in self.taken:
                self._add_output(buffer.size, writers[number], users[number])
            else:
                self._add_buffer(buffer.size, writers[number], users[number])
        return OrderProblem(
            len(self.program.steps),
            tuple(self.sizes),
            tuple(self.producers),
            tuple(self.consumers),
            tuple(self.kept),
        )

    def _add(self, size: int, producer: int, consumers: Iterable[int], *, kept: bool = False) -> None:
        self.kept.append(kept)
        self.sizes.append(size)
        self.producers.append(producer)
        self.consumers.append(tuple(sorted(set(consumers) - {producer})))

    def _add_output(self, size: int, writers: dict[int, str], users: set[int]) -> None:
        """A buffer that lives on; from its last writer on, where several write it and any of them may come first."""
        first = min(writers) if self._all_depend_on(min(writers), users) else max(writers)
        self._add(size, first, {user for user in users if user > first}, kept=True)

    def _add_buffer(self, size: int, writers: dict[int, str], users: set[int]) -> None:
        first = min(writers)
        if len(writers) == 1 or self._all_depend_on(first, users):
            self._add(size, first, users)
            return
        readers = self._readers_of_wholes(size, users)
        for index, name in writers.items():
            kind = self.program.values[name].type
            if kind.most_bytes < size:
                self._add(
                    kind.most_bytes, index, {*self.after[index], *(reader for reader in readers if reader > index)}
                )

    def _readers_of_wholes(self, size: int, users: set[int]) -> set[int]:
        """The steps that read all of a buffer of so many bytes."""
        values = self.program.values
        return {
            index
            for index in users
            for name in self.program.steps[index].node.reads
            if name in values and values[name].space is Space.ARENA and values[name].type.most_bytes == size
        }

    def _all_depend_on(self, first: int, users: set[int]) -> bool:
        """Whether a step is one of these or comes before each of them in any order."""
        found = {first}
        for user in sorted(users):  # mostly each reads what one before it wrote: nothing else is looked at
            if user in found:
                found |= self.after[user]
        last = max(users)
        waiting = list(found)
        while waiting and not users <= found:
            news = {step for step in self.after[waiting.pop()] if step <= last} - found
            found |= news
            waiting += news
        return users <= found

    def _buffer(self, name: str) -> int | None:
        view = self.program.values.get(name)
        return view.index if view is not None and view.space is Space.ARENA else None
