"""`net_test.c`: one input, and what must come out."""

from collections.abc import Iterator, Mapping

import numpy as np

from mini_infer.codegen import comment
from mini_infer.export.network import Network, Tensor
from mini_infer.export.numbers import elements
from mini_infer.ir import DType
from mini_infer.version import __version__

TOLERANCE = 1e-5
"""Of a real number: times the largest of its tensor, and once more."""
HALF_TOLERANCE = 1e-2
"""Of a float16."""
STEPS = 1
"""Of a number of 8 bits; a tie of a rounding may fall either way. Other integers are equal."""

_REAL = """\
static int {name}_is_near(double got, double want, double bound) {{
  const double apart = got > want ? got - want : want - got;
  return got == want || apart <= bound || (got != got && want != want);
}}
"""

_HALF = """\
static double {name}_of_half(uint16_t bits) {{
  const int exponent = bits >> 10 & 31;
  double value = exponent ? (bits & 1023) + 1024 : bits & 1023;
  int power = (exponent ? exponent : 1) - 25;
  if (exponent == 31) value = bits & 1023 ? 0.0 : 1e30; /* infinity and, without a word of its own, NaN */
  for (; power > 0; --power) value *= 2;
  for (; power < 0; ++power) value /= 2;
  return bits >> 15 ? -value : value;
}}
"""


_FILE = """
#ifdef {upper}_TEST_WEIGHTS /* where they are, without a file */
#define WEIGHTS {upper}_TEST_WEIGHTS
#else
#define WEIGHTS weights
#include <stdio.h>
#include <string.h>
static _Alignas({upper}_WEIGHTS_ALIGN) uint8_t weights[{upper}_WEIGHTS_BYTES];
static int read_weights(const char *path) {{
  const char head[] = {upper}_WEIGHTS_HEAD;
  FILE *const file = fopen(path, "rb");
  if (!file) return 0;
  const int whole = fread(weights, 1, sizeof weights, file) == sizeof weights && fgetc(file) == EOF;
  fclose(file);
  return whole && memcmp(weights, head, sizeof head - 1) == 0;
}}
#endif
"""

_READ = """\
#ifdef {upper}_TEST_WEIGHTS
int main(void) {{
#else
int main(int argc, char **argv) {{
  if (argc != 2 || !read_weights(argv[1])) return 1;
#endif
"""


def bound(tensor: Tensor, expected: np.ndarray) -> float:
    """How far a number may be away."""
    dtype = tensor.type.dtype
    if dtype.is_float:
        finite = expected[np.isfinite(expected)].astype(np.float64)
        part = HALF_TOLERANCE if dtype is DType.FLOAT16 else TOLERANCE
        return part + part * float(np.abs(finite).max(initial=0))
    return STEPS if dtype in (DType.INT8, DType.UINT8) else 0


def selftest(network: Network, given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The text of `net_test.c`, piece by piece, for inputs and outputs by their names."""
    lower, upper = network.names.lower, network.names.upper
    yield (
        f"/* {lower}: a recorded input and its outputs; made by mini-infer {__version__} export of "
        f"{comment(network.model)}.\n   `main` returns 0 where they are met, 1 where the run fails, 2 + number of the "
        f'output that differs.{_given(network)} */\n#include "{network.names.file(".h")}"\n\n'
    )
    yield from recorded(network, given, expected)
    yield f"#ifndef {upper}_STATIC_ARENA\n{_arenas(network)}#endif\n"
    if network.program.states:
        yield _memory(upper, "state", "STATE")
    yield from comparing(network, expected)
    if network.in_file:
        yield _FILE.format(upper=upper)
    yield "\n" + (_READ.format(upper=upper) if network.in_file else "int main(void) {\n")
    arena = "&arenas" if network.has_pools else "arena"
    yield f"#ifdef {upper}_STATIC_ARENA\n{_main(network, '')}#else\n{_main(network, arena)}#endif\n"
    yield "  if (code != 0) return 1;\n"
    yield from compared(network, expected)
    yield "  return 0;\n}\n"


def _given(network: Network) -> str:
    if not network.in_file:
        return ""
    name = network.names.file("_weights.bin")
    return f"\n   It is given the path of {name}, and returns 1 where that is not there or belongs to other code."


def recorded(network: Network, given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Arrays of the inputs, of what must come out, and for what comes out."""
    for index, tensor in enumerate(network.inputs):
        yield _array(f"in_{index}", tensor, given[tensor.name])
    for index, tensor in enumerate(network.outputs):
        yield _array(f"want_{index}", tensor, expected[tensor.name])
        if not network.in_arena:
            yield f"static {tensor.c_type} out_{index}[{tensor.type.elements or 1}];\n"


def comparing(network: Network, expected: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The functions that `compared` calls."""
    if any(bound(tensor, expected[tensor.name]) for tensor in network.outputs):
        yield "\n" + _REAL.format(name=network.names.lower)
    if any(tensor.type.dtype is DType.FLOAT16 for tensor in network.outputs):
        yield "\n" + _HALF.format(name=network.names.lower)


def compared(network: Network, expected: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Statements that return 2 + number of the first output that is not as recorded."""
    lower = network.names.lower
    for index, tensor in enumerate(network.outputs):
        allowed = bound(tensor, expected[tensor.name])
        got, want = (_real(lower, tensor, f"{which}_{index}[i]") for which in ("out", "want"))
        near = f"{lower}_is_near({got}, {want}, {allowed!r})" if allowed else f"(out_{index}[i] == want_{index}[i])"
        yield (
            f"  for (long i = 0; i < {tensor.type.elements}; ++i) /* {comment(tensor.described)} */\n"
            f"    if (!{near}) return {2 + index};\n"
        )


def _main(network: Network, arena: str) -> str:
    """Give the inputs, run, and say where the outputs are; an arena that is a variable of `net.c` is not named."""
    lower, inputs, outputs = network.names.lower, list(enumerate(network.inputs)), list(enumerate(network.outputs))
    code, ports = "", [f"in_{i}" for i, _ in inputs] + [f"out_{i}" for i, _ in outputs]
    if network.in_arena:
        ports = []
        for index, tensor in inputs:
            to = f"{lower}_{tensor.called}({arena})"
            code += f"  for (long i = 0; i < {tensor.type.elements}; ++i) {to}[i] = in_{index}[i];\n"
    state, weights = ["state"] if network.program.states else [], ["WEIGHTS"] if network.in_file else []
    code += f"  const int code = {lower}_run({', '.join([*ports, *([arena] if arena else []), *state, *weights])});\n"
    if network.in_arena:
        for index, tensor in outputs:
            code += f"  const {tensor.c_type} *const out_{index} = {lower}_{tensor.called}({arena});\n"
    return code


def _array(name: str, tensor: Tensor, array: np.ndarray) -> str:
    """An array of numbers of a tensor; those that C has no constants for are copied as their bits."""
    kind, values = elements(np.asarray(array, dtype=tensor.type.dtype.numpy))
    if kind == tensor.c_type:
        return f"static const {kind} {name}[{tensor.type.elements or 1}] = {{\n{values}}};\n"
    size = tensor.type.elements or 1
    union = f"static const union {{ {kind} bits[{size}]; {tensor.c_type} numbers[{size}]; }} {name}_bits"
    return f"{union} = {{{{\n{values}}}}};\n#define {name} {name}_bits.numbers\n"


def _real(lower: str, tensor: Tensor, code: str) -> str:
    return f"{lower}_of_half({code})" if tensor.type.dtype is DType.FLOAT16 else f"(double){code}"


def _arenas(network: Network) -> str:
    upper, of = network.names.upper, network.arenas
    declared = "".join(_memory(upper, arena.called, "ARENA") for arena in of)
    if not network.has_pools:
        return declared
    return (
        f"{declared}static const {network.names.lower}_arenas arenas = {{{', '.join(each.called for each in of)}}};\n"
    )


def _memory(upper: str, called: str, alignment: str) -> str:
    size = f"{upper}_{called.upper()}_BYTES"
    return f"static _Alignas({upper}_{alignment}_ALIGN) uint8_t {called}[{size} ? {size} : 1];\n"
