"""The statements of a segment: calls at constant addresses and control flow, for one thread or for several.

What several threads run is written once and run by all of them. A parallel call gives each a range of its items; any
other is run by worker 0. There is a barrier where a call depends on an earlier one (`parallelism.MemoryAccess`), around
control flow, so that all take the same branch, and after a call that can fail, so that all get its error code.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from mini_infer.codegen.function import Function
from mini_infer.codegen.functions import Functions
from mini_infer.codegen.interrupts import CHECK
from mini_infer.codegen.parallelism import MemoryAccess, memory_access
from mini_infer.codegen.stream import Case, Table
from mini_infer.ir import DType, TensorType
from mini_infer.memory import Plan
from mini_infer.program import Call, Control, ControlKind, Port, Program, Ring, Space, Step, Stream, View
from mini_infer.program.abi import UNUSABLE_BRANCH


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a program's values lie, in C.

    Parameters
    ----------
    program, plan
        The program and its plan.
    offsets
        For each buffer, the name of its offset.
    constants
        For each constant, the name of its array; none: they lie in one block, `constants`.
    """

    program: Program
    plan: Plan
    offsets: Sequence[str]
    constants: Sequence[str] = ()

    def of(self, view: View, *, written: bool = False, private: int = 0, moved: str = "") -> str:
        """The address of a view, to be read or written; with `private` bytes, that of this `worker`.

        `moved` is C that says where it begins instead of the view's offset.
        """
        qualifier = "" if written else "const "
        base = {
            Space.ARENA: lambda: self.buffer(view.index),
            Space.INPUT: lambda: f"(const uint8_t *)inputs[{view.index}]{self._image(self.program.inputs, view)}",
            Space.OUTPUT: lambda: f"(uint8_t *)outputs[{view.index}]{self._image(self.program.outputs, view)}",
            Space.STATE: lambda: f"states + {self.program.state_offsets[view.index]}",
            Space.CONSTANT: lambda: self._constant(view.index),
        }[view.space]()
        start = f" + {moved or view.offset}" if moved or view.offset != 0 else ""
        own = f" + worker * {private}" if private else ""
        return f"({qualifier}void *)({base}{start}{own})"

    def buffer(self, index: int) -> str:
        """Where a buffer begins: in `arena`, or, where the plan has regions, in the `arena_` of its region."""
        arena = f"arena_{self.plan.regions[index]}" if self.plan.regions else "arena"
        return f"{arena} + {self.offsets[index]}"

    def _constant(self, index: int) -> str:
        """Where a constant begins."""
        if self.constants:
            return f"(const uint8_t *){self.constants[index]}"
        return f"constants + {self.program.constants[index].offset}"

    def _image(self, ports: Sequence[Port], view: View) -> str:
        """How far the current image is from the first."""
        kind = self.program.of_one(ports[view.index]).type
        counts = self.program.images != 1 and isinstance(kind, TensorType)
        return f" + image * {kind.bytes}" if counts and isinstance(kind, TensorType) else ""

    def arguments(
        self, views: Sequence[View], function: Function, *, worker: bool, moved: Sequence[str] | None = None
    ) -> str:
        """Operands that lie in these views; `worker`: whether several workers run it; `moved`: as in `of`."""
        return ", ".join(
            self.of(view, written=each.written, private=each.reach[1] if worker and each.private else 0, moved=where)
            for view, each, where in zip(views, function.operands, moved or [""] * len(views), strict=True)
        )


def invocation(
    function: Function,
    arguments: str,
    threads: int,
    failure: str,
    who: str = "",
    given: Sequence[str] | None = None,
) -> str:
    """The call of a function on each of so many threads; `failure` is what happens where it gives a `code`.

    `given` is C of how many items there are, and of the function's symbols; as in the segment, if that is absent.
    """
    count, *sizes = given or [str(function.body.items), *(symbol.code for symbol in function.symbols)]
    items = f"{count} * worker / {threads}, {count} * (worker + 1) / {threads}" if threads > 1 else f"0, {count}"
    call = f"{function.name}({', '.join([arguments, items, *sizes])});"
    return who + (f"{{ const int code = {call} if (code) {failure} }}" if function.body.can_fail else call)


class Statements(ABC):
    """Writes the statements of a segment, one step after the other.

    Where it is `interruptible`, there is a flag `interrupted` to check.
    """

    def __init__(self, addresses: Addresses, functions: Functions, *, interruptible: bool) -> None:
        self.addresses = addresses
        self.functions = functions
        self.interruptible = interruptible
        self.lines: list[str] = []

    def check_interrupt(self) -> None:
        """Check the flag, if there is one."""
        if self.interruptible:
            self.lines.append(CHECK)

    def step(self, step: Step, index: int, threads: Sequence[int]) -> None:
        """The calls of a step, each on so many threads."""
        if step.stream is not None:
            self.stream(step.calls, step.stream, index, threads)
            return
        for call, count in zip(step.calls, threads, strict=True):
            self.call(call, index, count)

    @abstractmethod
    def call(self, call: Call, step: int, threads: int) -> None:
        """One kernel, on so many threads."""

    @abstractmethod
    def stream(self, calls: Sequence[Call], stream: Stream, step: int, threads: Sequence[int]) -> None:
        """The calls of a step a band of rows at a time, each on so many threads."""

    def runs(self, calls: Sequence[Call], stream: Stream, failure: str, threads: Sequence[int]) -> list[str]:
        """The loop over a stream's runs; `failure` is what happens where a kernel gives a `code`."""
        table = Table.of(calls, stream, self.functions)
        lines = [table.declaration(), "    while (run < end) {"]
        lines += [f"    {CHECK}"] if self.interruptible else []
        lines.append("      switch (*run) {")
        shared = max(threads) > 1
        for number, case in enumerate(table.cases):
            numbers = 1 + sum(case.varies)
            statement = self._run(case, stream, failure, threads)
            lines.append(f"      case {number}: {statement} run += {numbers}; break;")
        return [*lines, "      }", *(["      if (mi_barrier(pool)) return;"] if shared else []), "    }"]

    def _run(self, case: Case, stream: Stream, failure: str, threads: Sequence[int]) -> str:
        """The statement of a case, where `run` is in the table."""
        piece, shared = case.piece, max(threads) > 1
        if isinstance(piece, Ring):
            apron = f"{self.addresses.buffer(stream.buffer)} + {piece.offset}"
            moved = f"{apron}, {apron} + {piece.revolution * piece.row}, {piece.apron * piece.row}"
            return f"{'if (worker == 0) ' if shared else ''}__builtin_memmove({moved});"
        function, count = self.functions.of(piece.kernel), threads[piece.run.call]
        places = accumulate(case.varies, initial=1)
        fields = [f"run[{place}]" if moves else "" for moves, place in zip(case.varies, places, strict=False)]
        many = len(piece.views)
        given = [field or str(number) for field, number in zip(fields[many:], case.numbers[0][many:], strict=True)]
        arguments = self.addresses.arguments(piece.views, function, worker=count > 1, moved=fields[:many])
        return invocation(function, arguments, count, failure, "" if not shared else f"if (worker < {count}) ", given)

    def end_image(self) -> None:  # noqa: B027 - one thread does one after the other
        """The end of the steps of an image, before those of the next."""

    @abstractmethod
    def control(self, control: Control, step: int) -> None:
        """A control step."""

    def branch(self, control: Control) -> str:
        """The beginning, middle or end of a branch, or the end of a loop."""
        if control.kind is ControlKind.IF:
            return f"  if (*(const uint8_t *){self.addresses.of(control.operands[0])}) {{"
        return "  } else {" if control.kind is ControlKind.ELSE else "  }"

    def loop(self, control: Control, step: int) -> str:
        """The beginning of a loop."""
        trips, condition = (self.addresses.of(view) for view in control.operands[:2])
        more = f"trip{step} < *(const int64_t *){trips} && *(const uint8_t *){condition}"
        return f"  for (int64_t trip{step} = 0; {more}; ++trip{step}) {{"

    def iteration(self, control: Control, step: int) -> str:
        """Store the iteration number where the loop's body reads it."""
        return f"*(int64_t *){self.addresses.of(control.operands[2], written=True)} = trip{step};"

    def append(self, control: Control) -> str:
        """Copy the result of an iteration to its place among those of all iterations."""
        source, number = (self.addresses.of(view) for view in (control.operands[0], control.operands[2]))
        size = control.operands[0].type.bytes
        target = f"(uint8_t *){self.addresses.of(control.operands[1], written=True)}"
        return f"__builtin_memcpy({target} + {size} * *(const int64_t *){number}, {source}, {size});"


class Serial(Statements):
    """The statements that one thread runs."""

    def call(self, call: Call, step: int, threads: int) -> None:  # noqa: ARG002 - one
        """One kernel."""
        function = self.functions.of(call.kernel)
        arguments = self.addresses.arguments(call.operands, function, worker=False)
        self.lines.append(f"  {invocation(function, arguments, 1, f'return {256 * step} + code;')}")

    def stream(self, calls: Sequence[Call], stream: Stream, step: int, threads: Sequence[int]) -> None:
        """The calls of a step, a band of rows at a time."""
        self.lines += ["  {", *self.runs(calls, stream, f"return {256 * step} + code;", threads), "  }"]

    def control(self, control: Control, step: int) -> None:
        """A control step."""
        match control.kind:
            case ControlKind.LOOP:
                self.lines.append(self.loop(control, step))
                self.check_interrupt()
                self.lines.append(f"  {self.iteration(control, step)}")
            case ControlKind.APPEND:
                self.lines.append(f"  {self.append(control)}")
            case ControlKind.FAIL:
                self.lines.append(f"  return {256 * step + UNUSABLE_BRANCH};")
            case _:
                self.lines.append(self.branch(control))


class Parallel(Statements):
    """The statements that each of the `threads` of a pool runs, as number `worker`; it checks the flag at barriers."""

    def __init__(self, addresses: Addresses, functions: Functions, threads: int) -> None:
        super().__init__(addresses, functions, interruptible=False)
        self.threads = threads
        self._since_barrier: list[MemoryAccess] = []

    def call(self, call: Call, step: int, threads: int) -> None:
        """One kernel, or this worker's range of its items."""
        function = self.functions.of(call.kernel)
        self._add_access(
            threads, [(view, to.written) for view, to in zip(call.operands, function.operands, strict=True)]
        )
        arguments = self.addresses.arguments(call.operands, function, worker=threads > 1)
        who = "" if threads == self.threads else f"if (worker < {threads}) "
        failure = f"mi_fail(pool, {256 * step} + code);"
        self.lines.append(f"  {invocation(function, arguments, threads, failure, who)}")
        if function.body.can_fail:
            self._barrier()

    def stream(self, calls: Sequence[Call], stream: Stream, step: int, threads: Sequence[int]) -> None:
        """The calls of a step, a band of rows at a time: by worker 0 alone, or by all, who meet after each run."""
        rings = View(Space.ARENA, stream.buffer, 0, TensorType(DType.UINT8, (1,)))
        operands = [
            (view, operand.written)
            for call in calls
            for view, operand in zip(call.operands, call.kernel.operands(), strict=True)
            if view.space is not Space.RING
        ]
        self._add_access(max(threads), [*operands, (rings, True)])
        failure = f"{{ mi_fail(pool, {256 * step} + code); run = end; break; }}"
        who = "" if max(threads) > 1 else "if (worker == 0) "
        self.lines += [f"  {who}{{", *self.runs(calls, stream, failure, threads), "  }"]
        self._barrier()

    def control(self, control: Control, step: int) -> None:
        """A control step: all threads take the same branch, since nothing writes its condition between the barriers."""
        match control.kind:
            case ControlKind.APPEND:
                source, target, number = control.operands
                self._add_access(1, [(source, False), (target, True), (number, False)])
                self.lines.append(f"  if (worker == 0) {self.append(control)}")
                return
            case ControlKind.FAIL:
                self.lines.append(f"  mi_fail(pool, {256 * step + UNUSABLE_BRANCH}); return;")
                return
        self._barrier()
        if control.kind is ControlKind.LOOP:
            self.lines.append(self.loop(control, step))
            self._barrier()
            self.lines.append(f"  if (worker == 0) {self.iteration(control, step)}")
        else:
            self.lines.append(self.branch(control))
        self._barrier()

    def _add_access(self, threads: int, operands: Sequence[tuple[View, bool]]) -> None:
        """Record what a call reads and writes, after a barrier if it depends on a call since the last one."""
        new = memory_access(operands, threads, self.addresses.program, self.addresses.plan)
        if any(new.depends_on(earlier) for earlier in self._since_barrier):
            self._barrier()
        self._since_barrier.append(new)

    def end_image(self) -> None:
        """All threads begin an image together: it is worked on in the bytes of the one before."""
        self._barrier()

    def _barrier(self) -> None:
        self.lines.append("  if (mi_barrier(pool)) return;")
        self._since_barrier.clear()
