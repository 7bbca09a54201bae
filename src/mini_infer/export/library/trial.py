"""`net_test.c`: one input, and what must come out of a library."""

from collections.abc import Iterator, Mapping

import numpy as np

from mini_infer.export.library.product import Product
from mini_infer.export.library.template import fill
from mini_infer.export.selftest import compared, comparing, recorded

_HEAD = """\
/* @NAME@: a recorded input and its outputs; made by mini-infer @VERSION@ export --library of @MODEL@.
   `main` returns 0 where they are met, 1 where the run fails, 2 + number of the output that differs.@ASKS@ */
#include "@NAME@.h"

"""

_ASKS = """
   Its argument is the path of @NAME@.weights."""

_MAIN = """
int main(@PARAMETERS@) {
  @NAME@_context *context;
  if (@CHECK@@NAME@_create(&context, @PATH@0) != 0) return 1;
  const int code = @NAME@_run(@TENSORS@context);
  @NAME@_destroy(context);
  if (code != 0) return 1;
"""


def trial(product: Product, given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The text of `net_test.c`, piece by piece, for inputs and outputs by their names."""
    network = product.network
    tensors = [*(f"in_{i}, " for i in range(len(product.inputs))), *(f"out_{i}, " for i in range(len(product.outputs)))]
    yield fill(_HEAD, product, ASKS="" if product.inside else _ASKS)
    yield from recorded(network, given, expected)
    yield from comparing(network, expected)
    yield fill(
        _MAIN,
        product,
        PARAMETERS="void" if product.inside else "int argc, char **argv",
        CHECK="" if product.inside else "argc != 2 || ",
        PATH="" if product.inside else "argv[1], ",
        TENSORS="".join(tensors),
    )
    yield from compared(network, expected)
    yield "  return 0;\n}\n"
