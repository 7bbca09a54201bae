"""`net.h`: what a program that uses the network is told."""

from collections.abc import Sequence

from mini_infer.codegen import comment
from mini_infer.export.network import Network, Tensor
from mini_infer.export.pools import Arena
from mini_infer.export.weight_file import WeightFile
from mini_infer.program.kernels.expression import limits
from mini_infer.version import __version__


def header(network: Network, file: WeightFile) -> str:
    """The text of `net.h`; `file` is that of the constants, where they are one."""
    lower, upper = network.names.lower, network.names.upper
    lines = [
        f"/* {lower}: made by mini-infer {__version__} export of {comment(network.model)} for {network.machine}. */",
        f"#ifndef {upper}_H",
        f"#define {upper}_H",
        "",
        "#include <stdint.h>",
        "",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        "/* The memory that a run works in; between runs nobody needs it. */",
        *(f"#define {upper}_{arena.called.upper()}_BYTES {arena.size}u" for arena in network.arenas),
        f"#define {upper}_ARENA_ALIGN {network.alignment}u",
        *_state(network),
        *(_weights(network, file) if network.in_file else []),
        f"#define {upper}_STEPS {len(network.program.steps)}u",
        "",
        *_struct(network),
        *_declared_arenas(network),
        *(line for each in network.inputs for line in port(network, "input", each)),
        *(line for each in network.outputs for line in port(network, "output", each)),
        "/* Sections and other attributes; define them, for all files alike, before this header is read. */",
        *([] if network.in_file else _optional(f"{upper}_WEIGHTS_ATTRIBUTE")),
        *_optional(f"{upper}_CODE_ATTRIBUTE"),
        *(line for arena in network.arenas for line in _optional(f"{upper}_{arena.called.upper()}_ATTRIBUTE")),
        "",
        "/* A hook before each step, for a watchdog or a clock; the steps are numbered as in the report. */",
        *_optional(f"{upper}_STEP", "(number) ((void)0)"),
        "",
        *_run(network),
        "",
        "#ifdef __cplusplus",
        "}",
        "#endif",
        "#endif",
    ]
    return "\n".join(lines) + "\n"


def parameters(network: Network, *, arena: bool, numbered: bool = False) -> str:
    """The parameters of the run function, by their names or, in its definition, numbered."""
    texts = [] if network.in_arena else tensors(network.inputs, network.outputs, numbered=numbered)
    if arena:
        texts.append("void *memory" if numbered and not network.has_pools else arena_parameter(network))
    if network.program.states:
        texts.append("void *state")
    if network.in_file:
        texts.append("const void *constants" if numbered else "const void *weights")
    return ", ".join(texts) or "void"


def arena_parameter(network: Network, const: str = "") -> str:
    """The arena as a parameter, or what points to several; `const` of the one where it is only read."""
    return f"const {network.names.lower}_arenas *arenas" if network.has_pools else f"{const}void *arena"


def tensors(inputs: Sequence[Tensor], outputs: Sequence[Tensor], *, numbered: bool) -> list[str]:
    """Inputs and outputs as parameters, by their names or numbered."""
    texts = [
        f"const {each.c_type} {f'in_{index}' if numbered else each.called}[{length(each)}]"
        for index, each in enumerate(inputs)
    ]
    return texts + [
        f"{each.c_type} {f'out_{index}' if numbered else each.called}[{length(each)}]"
        for index, each in enumerate(outputs)
    ]


def length(tensor: Tensor) -> str:
    """How many elements it has, where C knows arrays of so many."""
    return str(tensor.type.elements or 1)


def _state(network: Network) -> list[str]:
    upper = network.names.upper
    if not network.program.states:
        return []
    return [
        "/* What a run leaves for the next; all zeros before the first. */",
        f"#define {upper}_STATE_BYTES {network.state_bytes}u",
        f"#define {upper}_STATE_ALIGN {network.alignment}u",
    ]


def _weights(network: Network, file: WeightFile) -> list[str]:
    upper = network.names.upper
    return [
        f"/* What {network.names.file('_weights.bin')} holds. Its first characters are the head's where it belongs to",
        "   this code: other weights have another. */",
        f"#define {upper}_WEIGHTS_BYTES {file.nbytes}u",
        f"#define {upper}_WEIGHTS_ALIGN {network.alignment}u",
        f'#define {upper}_WEIGHTS_HEAD "{file.head.rstrip()}\\n"',
    ]


def _optional(name: str, value: str = "") -> list[str]:
    """A macro that a user may define."""
    return [f"#ifndef {name}", f"#define {name}{value}", "#endif"]


def port(network: Network, what: str, tensor: Tensor) -> list[str]:
    """Its sizes, as macros."""
    name = f"{network.names.upper}_{tensor.called.upper()}"
    dims = ", ".join(map(str, tensor.type.shape)) or "1"
    return [
        f"/* {what} {comment(tensor.described)} */",
        f"#define {name}_BYTES {tensor.type.bytes}u",
        f"#define {name}_ELEMENTS {tensor.type.elements}u",
        f"#define {name}_RANK {len(tensor.type.shape)}",
        f"#define {name}_DIMS {{{dims}}}",
        *_accessor(network, what, tensor),
        *_meaning(network, what, tensor),
        "",
    ]


def _struct(network: Network) -> list[str]:
    """The struct of several arenas."""
    if not network.has_pools:
        return []
    lower, upper = network.names.lower, network.names.upper
    return [
        f"/* Where the memories are, aligned to {upper}_ARENA_ALIGN; of one without bytes it does not matter. */",
        "typedef struct {",
        *(f"  void *{arena.pool}; /* {upper}_{arena.called.upper()}_BYTES */" for arena in network.arenas),
        f"}} {lower}_arenas;",
        "",
    ]


def arena_variable(network: Network, arena: Arena) -> str:
    """An arena that is a variable, without attributes; C knows no array without elements."""
    size = f"{network.names.upper}_{arena.called.upper()}_BYTES"
    return f"uint8_t {network.names.lower}_{arena.called}[{size} ? {size} : 1];"


def _declared_arenas(network: Network) -> list[str]:
    """The arenas, where they are variables that others find inputs and outputs in."""
    if not network.in_arena:
        return []
    declared = [f"extern {arena_variable(network, arena)}" for arena in network.arenas]
    return [
        "/* Inputs and outputs lie in the arena. Each run may write over its inputs: give them anew. */",
        *(f"#ifdef {network.names.upper}_STATIC_ARENA", *declared, "#endif", ""),
    ]


def where(network: Network) -> list[str]:
    """The functions that say where inputs and outputs lie in an arena, declared."""
    given = [(each, "") for each in network.inputs] + [(each, "const ") for each in network.outputs]
    return [
        f"{const}{each.c_type} *{network.names.lower}_{each.called}({arena_parameter(network, const)});"
        for each, const in given
        if each.offset is not None
    ]


def _meaning(network: Network, what: str, tensor: Tensor) -> list[str]:
    """What the numbers of a quantized tensor stand for, and a function that makes them, or makes real ones of them."""
    if tensor.scale is None:
        return []
    (scale, zero), kind = tensor.scale, tensor.c_type
    lower, upper = network.names.lower, f"{network.names.upper}_{tensor.called.upper()}"
    lines = [
        f"/* {scale!r} * (number - {zero}) */",
        f"#define {upper}_SCALE {scale!r}f",
        f"#define {upper}_ZERO_POINT ({zero})",
    ]
    if what == "output":
        number = f"{upper}_SCALE * (float)(number - {upper}_ZERO_POINT)"
        return [*lines, f"static inline float {lower}_dequantize_{tensor.called}({kind} number) {{ return {number}; }}"]
    low, high = (int(end) for end in limits(tensor.type.dtype))
    return [
        *lines,
        f"static inline {kind} {lower}_quantize_{tensor.called}(float x) {{",
        f"  const float low = {low - zero}.0f, high = {high - zero}.0f, near = x / {upper}_SCALE;",
        "  /* to the nearest whole number, ties to even */",
        "  const float whole = ((near > low ? near < high ? near : high : low) + 12582912.0f) - 12582912.0f;",
        f"  return ({kind})((int)whole + {upper}_ZERO_POINT);",
        "}",
    ]


def _accessor(network: Network, what: str, tensor: Tensor) -> list[str]:
    """Functions that say where a tensor lies in the arena."""
    if tensor.offset is None:
        return []
    lower, upper = network.names.lower, network.names.upper
    const = "" if what == "input" else "const "
    kind, name = f"{const}{tensor.c_type} *", f"{lower}_{tensor.called}"

    def found(arena: str) -> str:
        return f"{{ return ({kind})({const}void *)(({const}uint8_t *){arena} + {tensor.offset}u); }}"

    variable, given = ("arena", "arena") if not tensor.pool else (f"arena_{tensor.pool}", f"arenas->{tensor.pool}")
    return [
        f"#ifdef {upper}_STATIC_ARENA",
        f"static inline {kind}{name}(void) {found(f'{lower}_{variable}')}",
        "#else",
        f"static inline {kind}{name}({arena_parameter(network, const)}) {found(given)}",
        "#endif",
    ]


def _run(network: Network) -> list[str]:
    lower, upper = network.names.lower, network.names.upper
    state = " `state` has NET_STATE_BYTES, and is the caller's." if network.program.states else ""
    arenas = "Arenas are" if network.has_pools else f"The arena has {upper}_ARENA_BYTES,"
    made = "they are variables" if network.has_pools else "it is a variable"
    weights = f"\n   `weights` is what {network.names.file('_weights.bin')} holds." if network.in_file else ""
    return [
        "/* Run once. Returns 0, or 256 * step + code where a step found data that it cannot work on.",
        "   1: an index is out of range; 2: a sequence length is; 3: a branch that cannot run.",
        f"   {arenas} aligned to {upper}_ARENA_ALIGN; with {upper}_STATIC_ARENA defined, for",
        f"   all files alike, {made} of {lower}.c.{state.replace('NET', upper)}{weights} */",
        f"#ifdef {upper}_STATIC_ARENA",
        f"int {lower}_run({parameters(network, arena=False)});",
        "#else",
        f"int {lower}_run({parameters(network, arena=True)});",
        "#endif",
    ]
