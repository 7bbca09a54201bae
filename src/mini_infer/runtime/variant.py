"""One way to run an engine: a program and its plan, for one set of input shapes."""

from dataclasses import dataclass, replace
from functools import cached_property

from mini_infer.errors import EngineError
from mini_infer.ir import OpaqueType
from mini_infer.ir.dims import Sizes
from mini_infer.memory import Plan, find_plan, validate
from mini_infer.memory.limits import DEFAULT_SECONDS
from mini_infer.program import Program


@dataclass(frozen=True)
class Variant:
    """A program and its plan under the name of a profile; a model compiled for one set of shapes has one variant.

    Raises
    ------
    PlanError
        When the plan breaks a rule.
    EngineError
        When the plan is for another program.
    """

    name: str
    program: Program
    plan: Plan

    def __post_init__(self) -> None:
        validate(self.plan)
        if self.plan.problem.buffers != self.program.problem.buffers:  # the capacity is the planner's business
            raise EngineError("the plan is for another program: its buffers are not those of the program")

    def up_to(self, sizes: Sizes) -> "Variant":
        """The same for sizes up to these only, as far as its own are larger, with a plan for them."""
        symbols = [symbol for symbol in self.program.symbols if symbol.name in sizes]
        lower = {symbol.name: max(symbol.low, min(symbol.high, sizes[symbol.name])) for symbol in symbols}
        return Variant(self.name, self.program.up_to(lower), self.plan_up_to(lower))

    def plan_up_to(self, sizes: Sizes, *, time_limit: float = DEFAULT_SECONDS) -> Plan:
        """The plan for sizes up to these, each one of its symbol's; of what is not named, the greatest.

        It is never larger than the plan that there is, whose offsets are right for smaller buffers, too.
        """
        problem = replace(self.program.problem_up_to(sizes), capacity=None)
        found = find_plan(problem, time_limit=time_limit)
        kept = replace(self.plan, problem=problem, lower_bound=found.lower_bound, pools=())
        return min(found, kept, key=lambda plan: plan.size)

    @cached_property
    def opaque_outputs(self) -> tuple[tuple[int, str], ...]:
        """(index, value) of the outputs that are no tensors: the interpreter's Python objects."""
        return tuple(
            (index, port.value) for index, port in enumerate(self.program.outputs) if isinstance(port.type, OpaqueType)
        )
