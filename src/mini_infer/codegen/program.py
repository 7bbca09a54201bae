"""A whole program as C: one function, constant offsets into the arena, no dispatch.

Interpreted steps, where there are any, cut the program into segments; each is one C function that the runtime calls
between them. A program without interpreted steps is one segment.

A small program is one file. Of a large one the kernels' functions are files of their own, which compilers can work on
at once and which stay as they are when other kernels change.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mini_infer.codegen import interrupts, thread_pool
from mini_infer.codegen.functions import UNIT_CHARACTERS, Functions, inline, units
from mini_infer.codegen.parallelism import thread_counts
from mini_infer.codegen.segment import Addresses, Parallel, Serial, Statements
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.ir.dims import greatest
from mini_infer.machine import Machine
from mini_infer.memory import Plan
from mini_infer.program import ControlKind, Program
from mini_infer.program.abi import Segment

_NAME_CHARACTERS = 50
"""Of a value's name in C: a compiler need not tell apart names by more than 63 characters."""
_HEADER = "mini_infer.h"


@dataclass(frozen=True, slots=True)
class Source:
    """Generated C.

    Parameters
    ----------
    files
        File name → text.
    segments
        The native segments of the program, in order.
    thread_counts
        For each step, how many threads its widest call runs on; 1 where there is none.
    """

    files: dict[str, str]
    segments: tuple[Segment, ...]
    thread_counts: tuple[int, ...]


def generate(
    program: Program,
    plan: Plan,
    machine: Machine,
    *,
    threads: int = 1,
    prefix: str = "mini_infer",
    stepwise: bool = False,
    whole: bool = False,
) -> Source:
    """Write the C of a program.

    Each segment's function is

    ``int PREFIX_N(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena)``

    and returns 0, or 256 * step + code when a kernel of that step found bad run-time data. A segment that several
    threads run has one parameter more, ``mi_thread_pool *pool`` (see `thread_pool`), and returns -1 when the system
    gives no more threads. An interruptible one has another at the end, ``int interruptible``: where it is 1, an
    interrupt from the keyboard ends the run with -2 (see `interrupts`).

    Of a program with sizes that are given at run time, one more input is an array of `long`: of each symbol how many
    steps it has, then the offset of each buffer. Of one with states, the last input is their memory, which is written.

    Parameters
    ----------
    program, plan
        What to run and where its buffers lie.
    machine
        What the C is written for.
    threads
        That run it, where its steps are long enough.
    prefix
        Of the functions' names and the file's: programs with different prefixes can share a library.
    stepwise
        Give every step a segment of its own, save those inside control flow: for traces and comparisons step by step.
    whole
        Write one file that needs no other, however large it is: for people.
    """
    return _Writer(program, plan, machine, threads).source(prefix, stepwise=stepwise, whole=whole)


def embed(program: Program, plan: Plan, machine: Machine, *, threads: int, prefix: str) -> Source:
    """Write the C of a program for a library with functions of its own.

    It is as that of `generate`, but whatever its files have in common begins with the prefix, nothing is exported, and
    no interrupt ends it.
    """
    return _Writer(program, plan, machine, threads, f"{prefix}_").source(prefix)


def _native_ranges(program: Program, *, stepwise: bool) -> list[tuple[int, int]]:
    """Ranges of steps without an interpreted one: as long as possible, or as short as control flow allows."""
    ranges: list[tuple[int, int]] = []
    start = depth = 0
    for index, step in enumerate(program.steps):
        if step.control is not None:
            depth += _NESTING.get(step.control.kind, 0)
        if not step.native:
            if start < index:
                ranges.append((start, index))
            start = index + 1
        elif stepwise and depth == 0:
            ranges.append((start, index + 1))
            start = index + 1
    if start < len(program.steps):
        ranges.append((start, len(program.steps)))
    return ranges


_NESTING = {ControlKind.IF: 1, ControlKind.LOOP: 1, ControlKind.END_IF: -1, ControlKind.END_LOOP: -1}
"""What control steps do to the depth of nesting."""


class _Writer:
    """Writes segments, and the files that hold them and what they call; `embedded` is the prefix of what they share."""

    def __init__(self, program: Program, plan: Plan, machine: Machine, threads: int, embedded: str = "") -> None:
        self.addresses = Addresses(program, plan, offset_names(program))
        self.functions = Functions(machine, embedded)
        self.counts = thread_counts(program.steps, self.functions, threads)
        self.threads = threads
        self.embedded = embedded
        self.parallel = self.interruptible = False
        self.texts: list[str] = []
        self.sizes = _sizes(program)

    def source(self, prefix: str, *, stepwise: bool = False, whole: bool = False) -> Source:
        """Write all segments."""
        segments = [
            self.segment(f"{prefix}_{index}", start, end)
            for index, (start, end) in enumerate(_native_ranges(self.addresses.program, stepwise=stepwise))
        ]
        widest = tuple(max(of_step, default=1) for of_step in self.counts)
        return Source(self.files(prefix, whole=whole), tuple(segments), widest)

    def segment(self, symbol: str, start: int, end: int) -> Segment:
        """Write the function of steps `[start, end)`."""
        steps = self.addresses.program.steps
        parallel = any(count > 1 for of_step in self.counts[start:end] for count in of_step)
        machine = self.functions.machine
        nanoseconds = [sum(call.cost(machine).nanoseconds for call in step.calls) for step in steps[start:end]]
        loops = any(step.control and step.control.kind is ControlKind.LOOP for step in steps[start:end])
        images = self.addresses.program.images
        lasting = loops or sum(nanoseconds) * greatest(images) >= interrupts.MIN_RUN_NS
        interruptible = lasting and not self.embedded
        body: Statements = Serial(self.addresses, self.functions, interruptible=interruptible)
        if parallel:
            body = Parallel(self.addresses, self.functions, self.threads)
        for index in range(start, end):
            step = steps[index]
            if step.control:
                body.control(step.control, index)
            if nanoseconds[index - start] >= interrupts.MIN_STEP_NS or (images != 1 and index == start):
                body.check_interrupt()
            if step.calls:
                meaning = " + ".join(inner.op for inner in step.node.primitives)
                body.lines.append(f"  /* {index}: {comment(step.node.name)}: {meaning} */")
            body.step(step, index, self.counts[index])
        if not body.lines:
            return Segment(start, end, None)
        if images != 1:
            body.end_image()
            body.lines = [f"  for (long image = 0; image < {images}; ++image) {{", *body.lines, "  }"]
        statements = "\n".join(body.lines)
        parameters, arguments = _POINTERS, _ARGUMENTS
        if parallel:
            self.parallel = True
            self.texts.append(
                f"static void {symbol}_task({_POINTERS}, mi_thread_pool *pool, long worker) {{\n"
                f"{_UNUSED}  (void)pool; (void)worker;\n{self.sizes}{statements}\n}}\n"
            )
            parameters, arguments = f"{parameters}, mi_thread_pool *pool", f"pool, {symbol}_task, {arguments}"
            run = f"mi_run({arguments}, {'flag' if interruptible else '0'})"
        elif interruptible:
            self.texts.append(
                f"static int {symbol}_steps({_POINTERS}, const volatile sig_atomic_t *interrupted) {{\n"
                f"{_UNUSED}{self.sizes}{statements}\n  return 0;\n}}\n"
            )
            run = f"{symbol}_steps({arguments}, flag)"
        if interruptible:
            self.interruptible = True
            text = f"{parameters}, int interruptible) {{\n{interrupts.interruptible(run)}}}\n"
        elif parallel:
            text = f"{parameters}) {{\n  return {run};\n}}\n"
        else:
            text = f"{parameters}) {{\n{_UNUSED}{self.sizes}{statements}\n  return 0;\n}}\n"
        self.texts.append(f"{'' if self.embedded else 'MI_EXPORT '}int {symbol}({text}")
        return Segment(start, end, symbol, parallel, interruptible)

    def files(self, prefix: str, *, whole: bool) -> dict[str, str]:
        """File name → text; a `whole` program is in one."""
        head = prelude(self.functions.machine)
        functions = list(self.functions.distinct.values())
        small = whole or sum(len(one.text) for one in functions) < UNIT_CHARACTERS
        files = {}
        if not small:
            include = f'#include "{_HEADER}"\n'
            files[_HEADER] = head
            head = include
            for number, texts in enumerate(units(functions)):
                files[f"{prefix}_kernels_{number}.c"] = "\n".join([include, *texts])
        if self.parallel and whole:
            head = f"{thread_pool.source(self.threads, whole=True)}\n{head}"  # it asks for POSIX before all includes
        elif self.parallel:
            files[thread_pool.HEADER_NAME] = thread_pool.header(self.embedded)
            files[thread_pool.SOURCE_NAME] = thread_pool.source(self.threads, exported=not self.embedded)
        heads = inline(functions) if small else [f"{one.head};" for one in functions]
        program, plan = self.addresses.program, self.addresses.plan
        size = f"{len(program.steps)} steps in an arena of {plan.size} bytes"
        files[f"{prefix}.c"] = "\n".join(
            [
                f"/* {comment(program.name)}: {size}. */",
                *([interrupts.POSIX] if self.interruptible else []),
                head,
                *([interrupts.SUPPORT] if self.interruptible else []),
                *([f'#include "{thread_pool.HEADER_NAME}"\n'] if thread_pool.HEADER_NAME in files else []),
                *offset_definitions(self.addresses),
                "",
                *heads,
                *self.texts,
            ]
        )
        return files


def offset_definitions(addresses: Addresses) -> Iterator[str]:
    """The name of each buffer's offset, and what it is."""
    program, plan = addresses.program, addresses.plan
    named = zip(addresses.offsets, plan.offsets, program.problem.buffers, strict=True)
    for index, (name, offset, buffer) in enumerate(named):
        what = f"{comment(buffer.id)}: {buffer.size} bytes, steps [{buffer.start}, {buffer.end})"
        given = f"sizes[{len(program.symbols) + index}]" if program.symbols else offset
        yield f"#define {name} {given} /* {what} */"


def _sizes(program: Program) -> str:
    """C that declares what follows the inputs: the sizes given at run time, the buffers' offsets, and the states."""
    states = ""
    if program.states:
        place = len(program.inputs) + bool(program.symbols)
        states = f"  uint8_t *const states = (uint8_t *)inputs[{place}];\n  (void)states;\n"
    if not program.symbols:
        return states
    table = f"  const long *const sizes = (const long *)inputs[{len(program.inputs)}];\n"
    named = [f"  const long {symbol.code} = sizes[{index}];\n" for index, symbol in enumerate(program.symbols)]
    unused = "".join(f" (void){symbol.code};" for symbol in program.symbols)
    return f"{table}{''.join(named)}  (void)sizes;{unused}\n{states}"


def offset_names(program: Program) -> Sequence[str]:
    """A C name for the offset of each buffer, after the value that lives there."""
    plain = [
        "AT_" + re.sub(r"\W", "_", buffer.id, flags=re.ASCII)[:_NAME_CHARACTERS] for buffer in program.problem.buffers
    ]
    names: dict[str, None] = {}
    taken = set(plain)
    for index, name in enumerate(plain):
        # values whose names differ in other characters meet here, perhaps with one that is called like a numbered one
        unique, number = name, index
        while unique in names or (unique != name and unique in taken):
            unique, number = f"{name}_{number}", number + len(plain)
        names[unique] = None
    return tuple(names)


def comment(text: str) -> str:
    """Text that cannot end a C comment or leave its line."""
    return (
        "".join(c if c.isprintable() and c.isascii() else "?" for c in text).replace("*/", "* /").replace("/*", "/ *")
    )


_POINTERS = "const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena"
_ARGUMENTS = "inputs, outputs, constants, arena"
_UNUSED = "  (void)inputs; (void)outputs; (void)constants; (void)arena;\n"
