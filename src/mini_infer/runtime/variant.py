"""One way to run an engine: a program and its plan, for one set of input shapes."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from mini_infer.errors import EngineError
from mini_infer.ir import OpaqueType
from mini_infer.ir.dims import Sizes
from mini_infer.runtime.interface import Interface

if TYPE_CHECKING:
    from mini_infer.memory import Plan
    from mini_infer.program import Program


class Variant:
    """A program and its plan under the name of a profile; a model compiled for one set of shapes has one variant.

    Attributes
    ----------
    name : str
        Of the profile.
    interface : Interface
        What its native code takes to run: of an engine whose code is at hand, program and plan are read where somebody
        asks for them.

    Raises
    ------
    PlanError
        When the plan breaks a rule.
    EngineError
        When the plan is for another program.
    """

    def __init__(self, name: str, program: "Program", plan: "Plan") -> None:
        from mini_infer.memory import validate

        validate(plan)
        if plan.problem.buffers != program.problem.buffers:  # the capacity is the planner's business
            raise EngineError("the plan is for another program: its buffers are not those of the program")
        self.name = name
        self.interface = Interface.of(program, plan)
        self._read: Callable[[], tuple[Program, Plan]] = lambda: (program, plan)

    @classmethod
    def unread(cls, name: str, interface: Interface, read: "Callable[[], tuple[Program, Plan]]") -> Self:
        """A variant whose program and plan `read` gives, checked, and in agreement with the interface."""
        variant = cls.__new__(cls)
        variant.name, variant.interface, variant._read = name, interface, read  # noqa: SLF001 - its own
        return variant

    @property
    def program(self) -> "Program":
        """What runs."""
        return self._read()[0]

    @property
    def plan(self) -> "Plan":
        """Where the buffers lie."""
        return self._read()[1]

    def up_to(self, sizes: Sizes) -> "Variant":
        """The same for sizes up to these only, as far as its own are larger, with a plan for them."""
        symbols = [symbol for symbol in self.interface.symbols if symbol.name in sizes]
        lower = {symbol.name: max(symbol.low, min(symbol.high, sizes[symbol.name])) for symbol in symbols}
        return Variant(self.name, self.program.up_to(lower), self.plan_up_to(lower))

    def plan_up_to(self, sizes: Sizes, *, time_limit: float | None = None) -> "Plan":
        """The plan for sizes up to these, each one of its symbol's; of what is not named, the greatest.

        It is never larger than the plan that there is, whose offsets are right for smaller buffers, too. `time_limit`
        is in seconds, the planner's own when absent.
        """
        from mini_infer.memory import find_plan
        from mini_infer.memory.limits import DEFAULT_SECONDS

        problem = replace(self.program.problem_up_to(sizes), capacity=None)
        found = find_plan(problem, time_limit=DEFAULT_SECONDS if time_limit is None else time_limit)
        kept = replace(self.plan, problem=problem, lower_bound=found.lower_bound, pools=())
        return min(found, kept, key=lambda plan: plan.size)

    @cached_property
    def opaque_outputs(self) -> tuple[tuple[int, str], ...]:
        """(index, value) of the outputs that are no tensors: the interpreter's Python objects."""
        return tuple(
            (index, port.value)
            for index, port in enumerate(self.interface.outputs)
            if isinstance(port.type, OpaqueType)
        )
