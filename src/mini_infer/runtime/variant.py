"""One way to run an engine: a program and its plan, for one set of input shapes."""

from dataclasses import dataclass, replace
from functools import cached_property

from mini_infer.errors import EngineError
from mini_infer.ir import OpaqueType
from mini_infer.ir.dims import Sizes
from mini_infer.memory import Plan, find_plan, validate
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
        """The same for sizes up to these only, those of its symbols' that are smaller than now, with a plan for them.

        The plan is never larger than the one that there is: its offsets are right for smaller buffers, too.
        """
        lower = {each.name: sizes[each.name] for each in self.program.symbols if each.name in sizes}
        lower = {
            each.name: max(each.low, min(each.high, lower[each.name]))
            for each in self.program.symbols
            if each.name in lower
        }
        program = self.program.up_to(lower)
        found = find_plan(replace(program.problem, capacity=None))
        kept = replace(self.plan, problem=program.problem, lower_bound=found.lower_bound, pools=())
        return Variant(self.name, program, min(found, kept, key=lambda plan: plan.size))

    @cached_property
    def opaque_outputs(self) -> tuple[tuple[int, str], ...]:
        """(index, value) of the outputs that are no tensors: the interpreter's Python objects."""
        return tuple(
            (index, port.value) for index, port in enumerate(self.program.outputs) if isinstance(port.type, OpaqueType)
        )
