"""`net_weights.c`: the constants, an array each."""

from collections.abc import Iterator, Mapping

from mini_infer.codegen import comment
from mini_infer.export.network import Network
from mini_infer.export.numbers import elements
from mini_infer.program import Constant
from mini_infer.version import __version__


def weights(network: Network, arrays: Mapping[str, Constant]) -> Iterator[str]:
    """The text of `net_weights.c`, piece by piece."""
    lower, upper = network.names.lower, network.names.upper
    yield (
        f"/* {lower}: constants, as the kernels want them; made by mini-infer {__version__} export of "
        f'{comment(network.model)}. */\n#include "{network.names.file(".h")}"\n'
    )
    if not arrays:
        yield f"\ntypedef int {lower}_has_no_weights; /* a file of C is not empty */\n"
    for name, constant in arrays.items():
        kind, values = elements(constant.data)
        size = constant.data.size or 1
        shape = "x".join(map(str, constant.shape)) or "1"
        yield (
            f"\n/* {comment(constant.name)}: {constant.value.dtype.name}[{shape}], {constant.nbytes} bytes */\n"
            f"extern const {kind} {name}[{size}];\n"
            f"_Alignas({network.alignment}) {upper}_WEIGHTS_ATTRIBUTE const {kind} {name}[{size}] = {{\n{values}}};\n"
        )
