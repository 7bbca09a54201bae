"""Programs as text: for people, golden files and error messages.

First the ports, constants and buffers, each with the short name that operands are written with; then the steps, each
with its kernels. An operand is `role:place type`: what a kernel reads is left of the arrow, what it writes right
of it. A place is followed by the bytes that can be touched, unless these are all. In expressions `%i` is input i, then
come the results of the operations, in order. Of a step that streams, the rings come first; an operand in one of them
is written as if the value were whole, and each kernel has the bands in which it is run.
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import shown
from mini_infer.memory import Plan
from mini_infer.program.fields import class_text, parameter_lines, value_text
from mini_infer.program.operand import Access, Operand, reads, strided, writes
from mini_infer.program.ports import Port
from mini_infer.program.types import Call, Constant, ControlKind, Program, Ring, Run, Space, Step, Stream, View

WIDTH = 120
"""Characters of a line; what is longer goes on in the next one."""

_SHORT = {
    Space.ARENA: "buf",
    Space.INPUT: "in",
    Space.OUTPUT: "out",
    Space.CONSTANT: "const",
    Space.STATE: "state",
    Space.RING: "ring",
}

_ROLES = {
    ControlKind.IF: ((reads, "condition"),),
    ControlKind.LOOP: ((reads, "trips"), (reads, "condition"), (writes, "iteration")),
    ControlKind.APPEND: ((reads, "slice"), (writes, "whole"), (reads, "iteration")),
}
"""Control step → what it does with its operands, and their names."""

_Role = tuple[Callable[..., Operand], str, View]
"""What is done with a whole value: whether it is read or written, as what, and where it lies."""

_INWARD = {ControlKind.IF, ControlKind.ELSE, ControlKind.LOOP}
_OUTWARD = {ControlKind.ELSE, ControlKind.END_IF, ControlKind.END_LOOP}
"""Control steps that nested steps follow, and precede."""


def format_program(program: Program, plan: Plan | None = None) -> str:
    """The whole program; with its plan, buffers and constants have addresses."""
    return "\n".join(_Printer(program, plan).lines()) + "\n"


class _Printer:
    """Writes one program."""

    def __init__(self, program: Program, plan: Plan | None) -> None:
        self.program = program
        self.plan = plan
        self._buffers = program.sizes or [buffer.size for buffer in program.problem.buffers]

    def lines(self) -> Iterator[str]:
        """Every line."""
        program = self.program
        yield f"program {program.name!r}"
        for symbol in program.symbols:
            yield from _wrap(f"size {symbol.name}: {symbol.said}, typically {symbol.typical}", 2)
        yield from self._ports(Space.INPUT, program.inputs)
        yield from self._ports(Space.OUTPUT, program.outputs)
        for index, state in enumerate(program.states):
            how = "appended" if state.appended else "written"
            text = f"{state.name}: {state.type}, {how} {state.output}: {state.result}, {state.bytes} bytes"
            yield from _wrap(f"{_named(Space.STATE, index)} {text}", 2)
        for index, constant in enumerate(program.constants):
            yield from _wrap(f"{_named(Space.CONSTANT, index)} {self._constant(constant)}", 2)
        for index, buffer in enumerate(program.problem.buffers):
            where = "" if self.plan is None else f", arena{_range(self.plan.offsets[index], buffer.size)}"
            lifetime = f"{shown(self._buffers[index])} bytes in steps [{buffer.start}, {buffer.end})"
            yield from _wrap(f"{_named(Space.ARENA, index)} {buffer.id}: {lifetime}{where}", 2)
        for each in program.problem.overlaps:
            lower, upper = (_named(Space.ARENA, index) for index in (each.lower, each.upper))
            yield from _wrap(f"{lower} may grow into {upper}, from {each.distance} bytes below it on", 2)
        yield from _wrap(self._sizes(), 2)
        depth = 0
        for index, step in enumerate(program.steps):
            kind = None if step.control is None else step.control.kind
            depth -= kind in _OUTWARD
            yield from self._step(index, step, 2 + 2 * depth)
            depth += kind in _INWARD

    def _ports(self, space: Space, ports: Iterable[Port]) -> Iterator[str]:
        for index, port in enumerate(ports):
            inner = "" if port.value == port.name else f", here {port.value}"
            bound = "" if port.bound is None else f", of axis {port.bound.axis} as much as {port.bound.count} says"
            yield from _wrap(f"{_named(space, index)} {port.name}: {port.type}{inner}{bound}", 2)

    def _constant(self, constant: Constant) -> str:
        dtype = constant.value.dtype
        if dtype.hasobject:
            return f"{constant.name}: {dtype}{value_text(constant.shape)}"
        where = "" if self.plan is None else f" at {constant.offset}"
        packing = constant.packing
        packed = "" if packing is None else f", {class_text(type(packing))}{value_text(packing)}"
        return f"{constant.name}: {TensorType(DType.of(dtype), constant.shape)}, {constant.nbytes} bytes{where}{packed}"

    def _sizes(self) -> str:
        program = self.program
        data = sum(one.nbytes for one in program.constants if not one.value.dtype.hasobject)
        sizes = {"inputs": _bytes(program.inputs), "outputs": _bytes(program.outputs), "constants": data}
        sizes["buffers"] = sum(buffer.size for buffer in program.problem.buffers)
        if self.plan is not None:
            sizes["arena"] = self.plan.size
        return "bytes: " + ", ".join(f"{name} {shown(size)}" for name, size in sizes.items())

    def _step(self, index: int, step: Step, indent: int) -> Iterator[str]:
        node = step.node
        if step.control is not None:
            roles = zip(_ROLES.get(step.control.kind, ()), step.control.operands, strict=True)
            operands = self._whole([(make, role, view) for (make, role), view in roles])
            yield from _wrap(f"{index} {node.name}: {step.control.kind.value} {operands}".rstrip(), indent)
            return
        results = ", ".join(f"{name}: {kind}" if (kind := self._type(name)) else name for name in node.writes)
        operators = "+".join(inner.op for inner in node.primitives)
        yield from _wrap(f"{index} {node.name}: {results} = {operators}({', '.join(node.reads)})", indent)
        if step.stream is not None:
            yield from self._stream(step.calls, step.stream, indent + 4)
            return
        for call in step.calls:
            yield from self._call(call, indent + 4)
        if not step.calls:
            how = "view" if step.is_view else "interpreted"
            reason = f"; {step.interpreted_because}" if step.interpreted_because else ""
            yield from _wrap(f"{how} {self._whole(self._values(node))}".rstrip() + reason, indent + 4)

    def _stream(self, calls: Sequence[Call], stream: Stream, indent: int) -> Iterator[str]:
        """The rings, and the calls with how they are cut; not every run."""
        bands = stream.bands
        runs = sum(isinstance(run, Run) for run in stream.runs)
        turns = f", {len(stream.runs) - runs} turns" if runs < len(stream.runs) else ""
        how = f"{len(calls)} calls in {max(map(len, bands.values()), default=0)} bands, {runs} runs{turns}"
        yield from _wrap(f"stream in {_named(Space.ARENA, stream.buffer)}: {how}", indent)
        for index, ring in enumerate(stream.rings):
            yield from _wrap(f"{_named(Space.RING, index)} {self._ring(ring, stream)}", indent)
        for index, call in enumerate(calls):
            yield from self._call(call, indent, stream, bands.get(index, ()))

    def _ring(self, ring: Ring, stream: Stream) -> str:
        apron = f"+{ring.apron}" if ring.apron else ""
        rows = f"{ring.revolution}{apron} of {ring.rows} rows of {ring.row} bytes"
        place = self._range_in(stream.buffer, ring.offset, ring.bytes)
        return f"{ring.id}: {rows}, {ring.bytes} bytes in calls [{ring.start}, {ring.end}), {place}"

    def _call(self, call: Call, indent: int, stream: Stream | None = None, bands: Sequence[int] = ()) -> Iterator[str]:
        kernel = call.kernel
        operands = self._operands(kernel.operands(), call.operands, stream)
        yield from _wrap(f"{class_text(type(kernel))} {operands}", indent)
        if len(bands) > 1:
            most = "at most " if len({*bands}) > 1 else ""
            yield from _wrap(f"in {len(bands)} bands of {most}{max(bands)} of {sum(bands)} rows", indent + 2)
        for line in parameter_lines(kernel):
            yield from _wrap(line, indent + 2)

    def _type(self, name: str) -> str:
        return str(self.program.values[name].type) if name in self.program.values else ""

    def _values(self, node: Node) -> Iterator[_Role]:
        """What a node reads and writes, of what has a place."""
        for make, names in ((reads, node.reads), (writes, node.writes)):
            yield from ((make, name, self.program.values[name]) for name in names if name in self.program.values)

    def _whole(self, roles: Iterable[_Role]) -> str:
        """Operands that are whole values."""
        found = list(roles)
        operands = [make(name, view.type.dtype, *strided(view.type.shape, view.walk)) for make, name, view in found]
        return self._operands(operands, [view for _, _, view in found])

    def _operands(self, operands: Iterable[Operand], views: Iterable[View], stream: Stream | None = None) -> str:
        pairs = list(zip(operands, views, strict=True))
        sides = [
            [self._operand(*pair, stream) for pair in pairs if pair[0].written is written] for written in (False, True)
        ]
        read, written = (", ".join(side) for side in sides)
        return f"{read} -> {written}".strip() if written else read

    def _operand(self, operand: Operand, view: View, stream: Stream | None) -> str:
        kind = value_text(operand.kind) if isinstance(operand.kind, DType) else f"{operand.kind}-byte"
        notes = [" updated"] * (operand.access is Access.UPDATE) + [" per thread"] * operand.private
        return f"{operand.name}:{self._place(view, operand, stream)} {kind}{''.join(notes)}"

    def _place(self, view: View, operand: Operand, stream: Stream | None) -> str:
        low, high = (view.offset + end for end in operand.reach)
        if view.space is Space.ARENA:
            return self._range_in(view.index, low, high - low)
        whole = (low, high) == (0, self._size(view, stream))
        return _named(view.space, view.index) + ("" if whole else _range(low, high - low))

    def _range_in(self, buffer: int, start: int, size: int) -> str:
        """Bytes of a buffer; where there is a plan, of the arena."""
        if self.plan is not None:
            return f"arena{_range(self.plan.offsets[buffer] + start, size)}"
        whole = (start, size) == (0, self._buffers[buffer])
        return _named(Space.ARENA, buffer) + ("" if whole else _range(start, size))

    def _size(self, view: View, stream: Stream | None) -> int:
        """Bytes of what a view lies in; in a ring, of the whole value."""
        if stream is not None and view.space is Space.RING:
            return stream.rings[view.index].size
        if view.space is Space.CONSTANT:
            return self.program.constants[view.index].nbytes
        if view.space is Space.STATE:
            return self.program.states[view.index].bytes
        return _bytes([(self.program.inputs if view.space is Space.INPUT else self.program.outputs)[view.index]])


def _named(space: Space, index: int) -> str:
    return f"{_SHORT[space]}#{index}"


def _range(start: int, size: int) -> str:
    return f"[{shown(start)}:{shown(start + size)}]"


def _bytes(ports: Iterable[Port]) -> int:
    return sum(port.type.bytes for port in ports if isinstance(port.type, TensorType))


def _wrap(text: str, indent: int) -> list[str]:
    """Lines of `WIDTH` at most, as far as there are spaces; each but the first is indented further."""
    first = " " * indent
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
