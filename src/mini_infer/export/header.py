"""`net.h`: what a program that uses the network is told."""

from mini_infer.codegen import comment
from mini_infer.export.network import Network, Tensor
from mini_infer.version import __version__


def header(network: Network) -> str:
    """The text of `net.h`."""
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
        f"#define {upper}_ARENA_BYTES {network.plan.size}u",
        f"#define {upper}_ARENA_ALIGN {network.alignment}u",
        *_state(network),
        f"#define {upper}_STEPS {len(network.program.steps)}u",
        "",
        *_declared_arena(network),
        *(line for each in network.inputs for line in _port(network, "input", each)),
        *(line for each in network.outputs for line in _port(network, "output", each)),
        "/* Sections and other attributes; define them, for all files alike, before this header is read. */",
        f"#ifndef {upper}_WEIGHTS_ATTRIBUTE",
        f"#define {upper}_WEIGHTS_ATTRIBUTE",
        "#endif",
        f"#ifndef {upper}_CODE_ATTRIBUTE",
        f"#define {upper}_CODE_ATTRIBUTE",
        "#endif",
        f"#ifndef {upper}_ARENA_ATTRIBUTE",
        f"#define {upper}_ARENA_ATTRIBUTE",
        "#endif",
        "",
        "/* A hook before each step, for a watchdog or a clock; the steps are numbered as in the report. */",
        f"#ifndef {upper}_STEP",
        f"#define {upper}_STEP(number) ((void)0)",
        "#endif",
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
    texts = []
    if not network.in_arena:
        texts += [
            f"const {each.c_type} {f'in_{index}' if numbered else each.called}[{_length(each)}]"
            for index, each in enumerate(network.inputs)
        ]
        texts += [
            f"{each.c_type} {f'out_{index}' if numbered else each.called}[{_length(each)}]"
            for index, each in enumerate(network.outputs)
        ]
    if arena:
        texts.append("void *memory" if numbered else "void *arena")
    if network.program.states:
        texts.append("void *state")
    return ", ".join(texts) or "void"


def _length(tensor: Tensor) -> str:
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


def _port(network: Network, what: str, tensor: Tensor) -> list[str]:
    name = f"{network.names.upper}_{tensor.called.upper()}"
    dims = ", ".join(map(str, tensor.type.shape)) or "1"
    return [
        f"/* {what} {comment(tensor.described)} */",
        f"#define {name}_BYTES {tensor.type.bytes}u",
        f"#define {name}_ELEMENTS {tensor.type.elements}u",
        f"#define {name}_RANK {len(tensor.type.shape)}",
        f"#define {name}_DIMS {{{dims}}}",
        *_accessor(network, what, tensor),
        "",
    ]


def _declared_arena(network: Network) -> list[str]:
    """The arena, where it is a variable that others find inputs and outputs in."""
    lower, upper = network.names.lower, network.names.upper
    if not network.in_arena:
        return []
    declared = f"extern uint8_t {lower}_arena[{upper}_ARENA_BYTES];"
    return [
        "/* Inputs and outputs lie in the arena. Each run may write over its inputs: give them anew. */",
        *(f"#ifdef {upper}_STATIC_ARENA", declared, "#endif", ""),
    ]


def where(network: Network) -> list[str]:
    """The functions that say where inputs and outputs lie in an arena, declared."""
    given = [(each, "") for each in network.inputs] + [(each, "const ") for each in network.outputs]
    return [
        f"{const}{each.c_type} *{network.names.lower}_{each.called}({const}void *arena);"
        for each, const in given
        if each.offset is not None
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

    return [
        f"#ifdef {upper}_STATIC_ARENA",
        f"static inline {kind}{name}(void) {found(f'{lower}_arena')}",
        "#else",
        f"static inline {kind}{name}({const}void *arena) {found('arena')}",
        "#endif",
    ]


def _run(network: Network) -> list[str]:
    lower, upper = network.names.lower, network.names.upper
    state = " `state` has NET_STATE_BYTES, and is the caller's." if network.program.states else ""
    return [
        "/* Run once. Returns 0, or 256 * step + code where a step found data that it cannot work on.",
        "   1: an index is out of range; 2: a sequence length is; 3: a branch that cannot run.",
        f"   The arena has {upper}_ARENA_BYTES, aligned to {upper}_ARENA_ALIGN; with {upper}_STATIC_ARENA defined, for",
        f"   all files alike, it is a variable of {lower}.c.{state.replace('NET', upper)} */",
        f"#ifdef {upper}_STATIC_ARENA",
        f"int {lower}_run({parameters(network, arena=False)});",
        "#else",
        f"int {lower}_run({parameters(network, arena=True)});",
        "#endif",
    ]
