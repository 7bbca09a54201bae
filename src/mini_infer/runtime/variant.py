"""One way to run an engine: a program and its plan, for one set of input shapes."""

from dataclasses import dataclass
from functools import cached_property

from mini_infer.errors import EngineError
from mini_infer.ir import OpaqueType
from mini_infer.memory import Plan, validate
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

    @cached_property
    def opaque_outputs(self) -> tuple[tuple[int, str], ...]:
        """(index, value) of the outputs that are no tensors: the interpreter's Python objects."""
        return tuple(
            (index, port.value) for index, port in enumerate(self.program.outputs) if isinstance(port.type, OpaqueType)
        )
