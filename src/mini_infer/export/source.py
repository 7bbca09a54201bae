"""`net.c`: the kernels, and the function that runs the network."""

import re
from collections.abc import Iterator

from mini_infer.codegen import Addresses, Functions, Serial, comment, offset_definitions, offset_names, prelude
from mini_infer.codegen.contraction.tile import IN_MEMORY, KEEP_ORDER
from mini_infer.codegen.vectors.vector import PLAIN_EXP
from mini_infer.export.header import arena_variable, parameters
from mini_infer.export.network import Network
from mini_infer.export.numbers import array_type
from mini_infer.export.weight_file import lay
from mini_infer.version import __version__

_PLAIN_HEAD = """\
/* Kernels stay apart: the stack would have room for the locals of all of them at once. gcc 12 drops calls of clones
   whose operands are parts of a variable, so it is told to make none. */
#if defined(__clang__)
#define MI_APART __attribute__((noinline))
#elif defined(__GNUC__)
#define MI_APART __attribute__((noipa))
#else
#define MI_APART
#endif
#if defined(__GNUC__)
#define MI_INLINE static inline __attribute__((always_inline, unused))
#define MI_INFINITY __builtin_inff()
#define MI_NAN __builtin_nanf("")
#define MI_KEEP_ORDER __asm__ volatile("" ::: "memory")
#define MI_IN_MEMORY(array) __asm__ volatile("" ::"r"(array) : "memory")
#else
#include <math.h>
#define MI_INLINE static inline
#define MI_INFINITY INFINITY
#define MI_NAN NAN
#define MI_KEEP_ORDER ((void)0)
#define MI_IN_MEMORY(array) ((void)0)
#endif
"""

_HELIUM = """\
/* Where two masks of Helium's vectors meet, gcc 12 compares the first lanes alone. */
#if defined(__ARM_FEATURE_MVE) && !defined(__clang__)
#error "gcc makes wrong code of vectors for Helium: compile with clang, or export for cortex-m33, whose C is plain"
#endif
"""

_OF_LIBC = {
    "memcpy": "void *memcpy(void *restrict to, const void *restrict from, size_t size);",
    "memset": "void *memset(void *to, int value, size_t size);",
}
"""Functions that compilers need also where there is no C library, and so no header of theirs."""

_MOVE = """\
/* Bytes move towards the beginning; what they are moved over may be theirs. */
typedef struct {
  uint32_t word[8];
} mi_words;
static MI_APART void mi_move(void *to, const void *from, unsigned long size) {
  const uintptr_t apart = (uintptr_t)from - (uintptr_t)to;
  if ((((uintptr_t)to | (uintptr_t)from | size) & 3) == 0) {
    mi_words *words = (mi_words *)to;
    const mi_words *others = (const mi_words *)from;
    for (; apart >= sizeof(mi_words) && size >= 2 * sizeof(mi_words); size -= 2 * sizeof(mi_words)) {
      *words++ = *others++;
      MI_KEEP_ORDER; /* or compilers call memmove, which may go byte by byte */
      *words++ = *others++;
      MI_KEEP_ORDER;
    }
    uint32_t *word = words->word;
    const uint32_t *other = others->word;
    for (; size; size -= 4) {
      *word++ = *other++;
      MI_KEEP_ORDER;
    }
    return;
  }
  for (unsigned long i = 0; i < size; ++i) {
    ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    MI_KEEP_ORDER;
  }
}
"""

_BUILTIN = re.compile(r"__builtin_(\w+)")
_CONSTANTS = {"__builtin_inff()": "MI_INFINITY", '__builtin_nanf("")': "MI_NAN"}
_PREFETCH = re.compile(r"^ *__builtin_prefetch\([^;]*\);\n", re.MULTILINE)

WARNING = "Compile it with -fno-strict-aliasing: numbers of several types lie in the same bytes, one after the other."


def source(network: Network) -> str:
    """The text of `net.c`."""
    names, program = network.names, network.program
    functions = Functions(network.machine)
    addresses = Addresses(program, network.plan, offset_names(program), network.array_names)
    body = _statements(network, addresses, functions)
    written = list(functions.distinct.values())
    helpers = dict.fromkeys(text for one in written for text in one.body.helpers)
    apart = "MI_APART " if network.is_plain else ""
    kernels = [f"static {apart}{names.upper}_CODE_ATTRIBUTE {one.text}" for one in written]
    run = _run(network, body)
    code = "\n".join([*offset_definitions(addresses), *helpers, *kernels])
    code, run = (_portable(text) if network.is_plain else text for text in (code, run))
    exponential = _portable(PLAIN_EXP) if network.is_plain and "mi_exp1(" in code else ""
    head = [
        f"/* {names.lower}: made by mini-infer {__version__} export of {comment(network.model)} for {network.machine}.",
        f"   {len(program.steps)} steps in {_places(network)}.",
        f"   {WARNING} */",
        f'#include "{names.file(".h")}"',
        "",
    ]
    if network.is_plain:
        called = external_functions(exponential + code + run)
        headers = ["stddef.h"] * bool(_OF_LIBC.keys() & set(called)) + ["math.h"] * bool(_MATH & set(called))
        head += [f"#include <{header}>" for header in headers]
        head += [_OF_LIBC[name] for name in called if name in _OF_LIBC]
        head += [_PLAIN_HEAD, exponential, _MOVE if "mi_move(" in run else ""]
    else:
        head += [_HELIUM, prelude(network.machine)]
    return "\n".join([*head, *declarations(network, code + run), code, *_variables(network), run])


def declarations(network: Network, text: str) -> Iterator[str]:
    """The constants that some C names: arrays that another file has, or places in the file of weights."""
    arrays = network.arrays(text)
    if network.in_file:
        yield from lay(arrays, network.alignment).definitions()
        arrays = {}
    for name, constant in arrays.items():
        yield f"extern const {array_type(constant.data)} {name}[];"
    yield ""


def external_functions(text: str) -> tuple[str, ...]:
    """The functions of the C library that a plain `net.c` may call."""
    called = set(re.findall(r"\b(\w+)\(", text))
    return tuple(sorted(called & (set(_OF_LIBC) | _MATH)))


def _statements(network: Network, addresses: Addresses, functions: Functions) -> list[str]:
    """What the run function does: the steps in order."""
    body = Serial(addresses, functions, interruptible=False)
    for index, step in enumerate(network.program.steps):
        if step.calls:
            meaning = " + ".join(inner.op for inner in step.node.primitives)
            body.lines.append(f"  /* {index}: {comment(step.node.name)}: {meaning} */")
            body.lines.append(f"  {network.names.upper}_STEP({index});")
        if step.control:
            body.control(step.control, index)
        body.step(step, index, [1] * len(step.calls))
    return body.lines


def _run(network: Network, body: list[str]) -> str:
    """The run function, in both of its forms."""
    upper, inputs, outputs = network.names.upper, network.inputs, network.outputs
    lower, arenas = network.names.lower, network.arenas
    memories = ["memory"] if not network.has_pools else [f"arenas->{arena.pool}" for arena in arenas]
    lines = [
        f"{upper}_CODE_ATTRIBUTE",
        f"#ifdef {upper}_STATIC_ARENA",
        f"int {lower}_run({parameters(network, arena=False, numbered=True)}) {{",
        *(f"  uint8_t *const {arena.called} = {lower}_{arena.called};" for arena in arenas),
        "#else",
        f"int {lower}_run({parameters(network, arena=True, numbered=True)}) {{",
        *(
            f"  uint8_t *const {arena.called} = (uint8_t *){memory};"
            for arena, memory in zip(arenas, memories, strict=True)
        ),
        "#endif",
    ]
    if not network.in_arena:
        lines += [
            f"  const void *const inputs[] = {{{_listed('in', len(inputs))}}};",
            f"  void *const outputs[] = {{{_listed('out', len(outputs))}}};",
            "  (void)inputs; (void)outputs;",
        ]
    if network.program.states:
        lines += ["  uint8_t *const states = (uint8_t *)state;", "  (void)states;"]
    if network.in_file:
        lines += ["  const uint8_t *const weights = (const uint8_t *)constants;", "  (void)weights;"]
    unused = [f"  (void){arena.called};" for arena in arenas]
    return "\n".join([*lines, *unused, *body, "  return 0;", "}", ""])


def _listed(prefix: str, count: int) -> str:
    return ", ".join(f"{prefix}_{index}" for index in range(count)) or "0"


def _variables(network: Network) -> list[str]:
    """The arenas, where they are variables."""
    upper, scope = network.names.upper, "" if network.in_arena else "static "
    aligned = f"{scope}_Alignas({upper}_ARENA_ALIGN)"
    return [
        f"#ifdef {upper}_STATIC_ARENA",
        *(
            f"{aligned} {upper}_{arena.called.upper()}_ATTRIBUTE {arena_variable(network, arena)}"
            for arena in network.arenas
        ),
        "#endif",
        "",
    ]


def _places(network: Network) -> str:
    """What the steps work in, in words."""
    if not network.has_pools:
        return f"an arena of {network.plan.size} bytes"
    return ", ".join(f"{arena.size} bytes of {arena.pool}" for arena in network.arenas)


def _portable(text: str) -> str:
    """The text without words that only some compilers know."""
    text = text.replace(KEEP_ORDER, "MI_KEEP_ORDER;").replace(IN_MEMORY.format("totals"), "MI_IN_MEMORY(totals);")
    for builtin, constant in _CONSTANTS.items():
        text = text.replace(builtin, constant)
    text = text.replace("__builtin_expf(", "mi_exp1(").replace("__builtin_memmove(", "mi_move(")
    return _BUILTIN.sub(r"\1", _PREFETCH.sub("", text))


_MATH = {
    name + suffix
    for name in """
    acos acosh asin asinh atan atanh ceil copysign cos cosh erf exp expm1 fabs floor fma fmax fmin fmod log log1p
    pow rint sin sinh sqrt tan tanh
    """.split()
    for suffix in ("", "f")
}
"""What `math.h` declares of all that kernels may ask for."""
