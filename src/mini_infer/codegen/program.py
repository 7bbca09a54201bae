"""A whole program as C: one function, constant offsets into the arena, no dispatch.

Interpreted steps, where there are any, cut the program into segments; each is one C function that the runtime calls
between them. A program without interpreted steps is one segment.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.codegen.function import UNUSABLE_BRANCH, Function
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.vector import prelude
from mini_infer.memory import Plan
from mini_infer.program import Call, Control, ControlKind, Program, Space, View
from mini_infer.program.kernels import Kernel

_FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps `[start, end)`, all native, and the C function that runs them (`None`: nothing to do)."""

    start: int
    end: int
    symbol: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Generated C.

    Parameters
    ----------
    files
        File name → text.
    segments
        The native stretches of the program, in order.
    """

    files: dict[str, str]
    segments: tuple[Segment, ...]


def generate(program: Program, plan: Plan, lanes: int, *, prefix: str = "mini_infer", stepwise: bool = False) -> Source:
    """Write the C of a program.

    Each segment's function is

    ``int PREFIX_N(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena)``

    and returns 0, or 256 * step + code when a kernel of that step found bad run-time data.

    Parameters
    ----------
    program, plan
        What to run and where its buffers lie.
    lanes
        float32 lanes of the target's vectors.
    prefix
        Of the functions' names and the file's: programs with different prefixes can share a library.
    stepwise
        Give every step a segment of its own, save those inside control flow: for traces and comparisons step by step.
    """
    writer = _Writer(program, plan, lanes)
    segments = []
    for index, (start, end) in enumerate(_native_stretches(program, stepwise=stepwise)):
        symbol = f"{prefix}_{index}"
        written = writer.segment(symbol, start, end)
        segments.append(Segment(start, end, symbol if written else None))
    return Source({f"{prefix}.c": writer.text()}, tuple(segments))


def _native_stretches(program: Program, *, stepwise: bool) -> list[tuple[int, int]]:
    """Ranges of steps without an interpreted one: as long as possible, or as short as control flow allows."""
    stretches: list[tuple[int, int]] = []
    start = depth = 0
    for index, step in enumerate(program.steps):
        if step.control is not None:
            depth += _NESTING.get(step.control.kind, 0)
        if not step.native:
            if start < index:
                stretches.append((start, index))
            start = index + 1
        elif stepwise and depth == 0:
            stretches.append((start, index + 1))
            start = index + 1
    if start < len(program.steps):
        stretches.append((start, len(program.steps)))
    return stretches


_NESTING = {ControlKind.IF: 1, ControlKind.LOOP: 1, ControlKind.END_IF: -1, ControlKind.END_LOOP: -1}
"""What control steps do to the depth of nesting."""


class _Writer:
    """Collects functions, each written once, and the segments that call them."""

    def __init__(self, program: Program, plan: Plan, lanes: int) -> None:
        self.program = program
        self.plan = plan
        self.lanes = lanes
        self.functions: dict[Kernel, tuple[str, Function]] = {}
        self.texts: dict[str, str] = {}
        self.definitions: dict[str, None] = {}
        self.segments: list[str] = []
        self.offsets = _offset_names(program)

    def segment(self, symbol: str, start: int, end: int) -> bool:
        """Write the function of steps `[start, end)`; False if there is nothing to do."""
        lines: list[str] = []
        for index in range(start, end):
            step = self.program.steps[index]
            if step.control:
                lines.append(self._control(step.control, index))
            if not step.calls:
                continue
            meaning = " + ".join(inner.op for inner in step.node.meaning)
            lines.append(f"  /* {index}: {_comment(step.node.name)}: {meaning} */")
            lines += [self._call(call, index) for call in step.calls]
        if not lines:
            return False
        self.segments.append(
            f"MI_EXPORT int {symbol}(const void *const *inputs, void *const *outputs,\n"
            f"    const uint8_t *constants, uint8_t *arena) {{\n"
            "  (void)inputs; (void)outputs; (void)constants; (void)arena;\n" + "\n".join(lines) + "\n  return 0;\n}\n"
        )
        return True

    def text(self) -> str:
        """The whole file."""
        buffers = self.program.problem.buffers
        named = zip(self.offsets, self.plan.offsets, buffers, strict=True)
        constants = "\n".join(
            f"#define {name} {offset} "
            f"/* {_comment(buffer.id)}: {buffer.size} bytes, steps [{buffer.start}, {buffer.end}) */"
            for name, offset, buffer in named
        )
        size = f"{len(self.program.steps)} steps in an arena of {self.plan.size} bytes"
        return "\n".join(
            [
                f"/* {_comment(self.program.name)}: {size}. */",
                prelude(self.lanes * _FLOAT_BYTES),
                _EXPORT,
                f"{constants}\n",
                *self.definitions,
                *self.segments,
            ]
        )

    def _call(self, call: Call, step: int) -> str:
        name, function = self._function(call.kernel)
        operands = ", ".join(
            self._address(view, parameter) for view, parameter in zip(call.operands, function.parameters, strict=True)
        )
        invocation = f"{name}({operands}, 0, {function.items})"
        if not function.fallible:
            return f"  {invocation};"
        return f"  {{ const int code = {invocation}; if (code) return {256 * step} + code; }}"

    def _control(self, control: Control, step: int) -> str:
        operands = [self._address(view, "const ") for view in control.operands]
        match control.kind:
            case ControlKind.IF:
                return f"  if (*(const uint8_t *){operands[0]}) {{"
            case ControlKind.ELSE:
                return "  } else {"
            case ControlKind.LOOP:
                trips, condition = f"*(const int64_t *){operands[0]}", f"*(const uint8_t *){operands[1]}"
                iteration = self._address(control.operands[2], "")
                return (
                    f"  for (int64_t trip{step} = 0; trip{step} < {trips} && {condition}; ++trip{step}) {{\n"
                    f"  *(int64_t *){iteration} = trip{step};"
                )
            case ControlKind.APPEND:
                size = control.operands[0].type.bytes
                target = f"(uint8_t *){self._address(control.operands[1], '')}"
                return (
                    f"  __builtin_memcpy({target} + {size} * *(const int64_t *){operands[2]}, {operands[0]}, {size});"
                )
            case ControlKind.FAIL:
                return f"  return {256 * step + UNUSABLE_BRANCH};"
        return "  }"

    def _function(self, kernel: Kernel) -> tuple[str, Function]:
        if kernel not in self.functions:
            function = EMITTERS[type(kernel)](kernel, self.lanes)
            self.definitions.update(dict.fromkeys(function.helpers))
            signature = ", ".join([*function.parameters, "long begin", "long end"])
            text = f"({signature}) {{\n{function.body}\n}}\n"
            if text not in self.texts:
                self.texts[text] = f"{function.family}_{len(self.texts)}"
                result = "int" if function.fallible else "void"
                self.definitions[f"static {result} {self.texts[text]}{text}"] = None
            self.functions[kernel] = (self.texts[text], function)
        return self.functions[kernel]

    def _address(self, view: View, parameter: str) -> str:
        qualifier = "const " if parameter.startswith("const ") else ""
        base = {
            Space.ARENA: lambda: f"arena + {self.offsets[view.index]}",
            Space.INPUT: lambda: f"(const uint8_t *)inputs[{view.index}]",
            Space.OUTPUT: lambda: f"(uint8_t *)outputs[{view.index}]",
            Space.CONSTANT: lambda: f"constants + {self.program.constants[view.index].offset}",
        }[view.space]()
        return f"({qualifier}void *)({base}{f' + {view.offset}' if view.offset else ''})"


def _offset_names(program: Program) -> Sequence[str]:
    """A C name for the offset of each buffer, after the value that lives there."""
    names: dict[str, None] = {}
    for index, buffer in enumerate(program.problem.buffers):
        name = "AT_" + re.sub(r"\W", "_", buffer.id, flags=re.ASCII)
        names[name if name not in names else f"{name}_{index}"] = None
    return tuple(names)


def _comment(text: str) -> str:
    """Text that cannot end a C comment or leave its line."""
    return (
        "".join(c if c.isprintable() and c.isascii() else "?" for c in text).replace("*/", "* /").replace("/*", "/ *")
    )


_EXPORT = """
#if defined(_WIN32)
#define MI_EXPORT __declspec(dllexport)
#else
#define MI_EXPORT __attribute__((visibility("default")))
#endif
"""
