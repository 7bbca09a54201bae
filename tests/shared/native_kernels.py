"""The C functions of kernels, to be called one by one on memory that a test made."""

import os

import numpy as np

from mini_infer.codegen.alike import Form
from mini_infer.codegen.functions import Functions, inline
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.ir.dims import at
from mini_infer.runtime.native import pointers
from mini_infer.toolchain import Target, build, find, load


class NativeKernels:
    """The functions of some kernels, or of their forms (`codegen.alike`), compiled together."""

    def __init__(self, kernels, machine, forms=None):
        functions = Functions(machine)
        self.numbers = {}
        wrappers = []
        for kernel in dict.fromkeys(kernels):
            form = forms[kernel] if forms else Form(kernel, {})
            function = functions.of(form.kernel)
            self.numbers[kernel] = len(wrappers)
            arguments = [f"operands[{index}]" for index in range(len(function.operands))]
            sizes = [form.sizes[symbol.name] // symbol.step for symbol in function.symbols]
            given = ", ".join(map(str, [*arguments, 0, at(function.body.items, form.sizes), *sizes]))
            value = f"{function.name}({given})"
            body = f"return {value};" if function.body.can_fail else f"{value}; return 0;"
            wrappers.append(f"MI_EXPORT int call_{len(wrappers)}(void *const *operands) {{ {body} }}\n")
        text = "\n".join([prelude(machine), *inline(functions.distinct.values()), *wrappers])
        compiler = find(os.environ.get("MINI_INFER_CC"))
        self.library = load(build({"kernels.c": text}, compiler, Target.host(), warnings=True, jobs=1))

    def run(self, kernel, addresses):
        """Run a kernel on operands at these addresses."""
        code = self.library[f"call_{self.numbers[kernel]}"](pointers(list(addresses)))
        assert code == 0, f"{kernel} failed with code {code}"


def random_bytes(rng, kind, size):
    """So many bytes of random numbers of an element type, or of bytes of an element; integers whose sums are small."""
    if isinstance(kind, int):
        return rng.integers(0, 256, size, np.uint8)
    count = -(-size // kind.numpy.itemsize)
    numbers = rng.standard_normal(count) if kind.is_float else rng.integers(0, 100, count)
    return numbers.astype(kind.numpy).view(np.uint8)[:size].copy()
