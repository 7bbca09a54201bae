"""What the machine can do at most: multiply-adds in registers, on one core or on several at once.

A share of this peak says how good a kernel is; a peak that falls when a second core joins says that the two are one
(two virtual cores of a physical one), and that what is measured now about two threads means nothing.
"""

import ctypes
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from mini_infer.codegen import prelude
from mini_infer.errors import ToolchainError
from mini_infer.toolchain import Target, build, find, load

_ROUNDS = 50_000
"""Short, as steps are: the most of many short runs is what a core does while nobody else has it."""

_SOURCE = """
MI_EXPORT float mi_probe(long rounds) {{
  vf {declared};
  const vf x = mi_set1(0.999f), y = mi_set1(0.001f);
  for (long i = 0; i < rounds; ++i) {{
    {added}
  }}
  return ({summed})[0];
}}
"""


class Probe:
    """Measures the peak of this machine's cores.

    Parameters
    ----------
    compiler
        Which C compiler to use, as `mini_infer.Options` has it.

    Raises
    ------
    ToolchainError
        When there is no C compiler, or it fails.
    """

    def __init__(self, compiler: str | None = None) -> None:
        found = find(compiler)
        if found is None:
            raise ToolchainError("measuring the machine's peak takes a C compiler: choose one with --compiler")
        target = Target.host()
        sums = target.machine.registers * 3 // 4  # as many as hide a multiply-add's latency, and stay in registers
        source = prelude(target.machine) + _SOURCE.format(
            declared=", ".join(f"s{i} = mi_set1({i})" for i in range(sums)),
            added=" ".join(f"s{i} = mi_fma(s{i}, x, y);" for i in range(sums)),
            summed=" + ".join(f"s{i}" for i in range(sums)),
        )
        self._function: Callable[[int], float] = load(build({"probe.c": source}, found, target)).mi_probe
        self._function.argtypes = [ctypes.c_long]
        self._function.restype = ctypes.c_float
        self._operations = 2 * sums * _ROUNDS * target.machine.widths()[0]

    def gflops(self, threads: int = 1, *, repeats: int = 200) -> float:
        """Float32 GFLOP/s of so many threads together, each on its own registers: the most of some repeats."""
        start = Barrier(threads)

        def rate(_: int) -> float:
            start.wait()
            began = time.perf_counter()
            self._function(_ROUNDS)
            return self._operations / (time.perf_counter() - began) / 1e9

        with ThreadPoolExecutor(threads) as pool:
            return max(sum(pool.map(rate, range(threads))) for _ in range(repeats))
