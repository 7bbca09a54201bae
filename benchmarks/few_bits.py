"""Products with weights of a few bits (`MatMulNBits`) against onnxruntime, and against what memory gives.

``python benchmarks/few_bits.py [--rows 1 4 64] [--bits 4] [--block 32] [--size 4096] [--layers 1 16] [--threads 1]``
prints a Markdown table: the median time of a run of so many products one after the other, the median over the rounds of
onnxruntime's time by ours in the same round, and of the bytes of weights that ours reads in a second by those that a
loop of loads reads of a buffer that no cache holds. Sixteen products of 4096 x 4096 do not fit into a cache either;
what one alone says of memory depends on the cache.

In a round each of the three has a turn, as in `latency.py`.
"""

import argparse
import ctypes
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from latency import turn
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer.codegen import prelude
from mini_infer.runtime.arena import allocate
from mini_infer.toolchain import Target, build, find, load
from mini_infer.verify.peers import OnnxRuntime

PROBE_BYTES = 512 << 20
_STREAMS = 8

_SOURCE = f"""
MI_EXPORT float mi_read(const float *x, long count) {{
  vf {", ".join(f"s{i} = {{0}}" for i in range(_STREAMS))};
  for (long i = 0; i < count; i += {_STREAMS} * VL) {{
    {" ".join(f"s{i} += mi_load(x + i + {i} * VL);" for i in range(_STREAMS))}
  }}
  return ({" + ".join(f"s{i}" for i in range(_STREAMS))})[0];
}}
"""


class Reader:
    """Reads a buffer that is larger than the caches, on one thread."""

    def __init__(self) -> None:
        compiler, target = find(), Target.host()
        if compiler is None:
            sys.exit("this takes a C compiler")
        self._read = load(build({"read.c": prelude(target.machine) + _SOURCE}, compiler, target)).mi_read
        self._read.argtypes = [ctypes.c_void_p, ctypes.c_long]
        self._read.restype = ctypes.c_float
        self._memory = allocate(PROBE_BYTES)
        self._memory[...] = 0

    def __call__(self) -> None:
        """Read all of it once."""
        self._read(self._memory.ctypes.data, PROBE_BYTES // 4)


def model(rows: int, size: int, bits: int, block: int, layers: int, *, zeros: bool) -> onnx.ModelProto:
    """So many products of `rows` x `size` with `size` x `size` weights."""
    rng = np.random.default_rng(0)
    nodes, constants = [], []
    for layer in range(layers):
        blocks = -(-size // block)
        arrays = {
            f"w{layer}": rng.integers(0, 256, (size, blocks, block * bits // 8), dtype=np.uint8),
            f"s{layer}": (rng.uniform(0.5, 1, (size, blocks)) / (2**bits * size**0.5)).astype(np.float32),
        }
        if zeros:
            arrays[f"z{layer}"] = rng.integers(0, 256, (size, -(-blocks * bits // 8)), dtype=np.uint8)
        constants += [numpy_helper.from_array(array, name) for name, array in arrays.items()]
        attributes = {"K": size, "N": size, "bits": bits, "block_size": block, "accuracy_level": 0}
        inputs = [f"x{layer}", *arrays]
        nodes.append(helper.make_node("MatMulNBits", inputs, [f"x{layer + 1}"], domain="com.microsoft", **attributes))
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, size]) for name in ("x0", f"x{layers}")]
    graph = helper.make_graph(nodes, "few_bits", ports[:1], ports[1:], constants)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def calls_of(path: Path, threads: int) -> tuple[dict[str, Callable[[], object]], int]:
    """Both sides' runs between fixed arrays, and the bytes of our weights."""
    engine = mini_infer.compile(path, options=mini_infer.Options(threads=threads))
    (port,) = engine.program.inputs
    inputs = {port.name: np.random.default_rng(1).standard_normal(port.type.shape).astype(np.float32)}
    context = engine.create_context()
    ours = context.run(inputs)
    peer = OnnxRuntime(path, threads=threads)
    theirs = peer.run(inputs)
    for name, array in ours.items():
        scale = np.abs(array).max()
        if not np.abs(array - theirs[name]).max() < 1e-3 * scale:
            sys.exit("the answers differ")
    size = sum(constant.data.nbytes for constant in engine.program.constants)
    return {"ours": context.bind(inputs, ours), "onnxruntime": peer.bind(inputs, theirs)}, size


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4, 64])
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--block", type=int, default=32)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--zeros", action="store_true", help="with zero points")
    arguments = parser.parse_args()
    reader = Reader()
    print("| rows | products | threads | mini-infer ms | onnxruntime ms | ratio | GB/s | of memory's |")
    print("|---|---|---|---|---|---|---|---|")
    for layers in arguments.layers:
        for rows in arguments.rows:
            made = model(rows, arguments.size, arguments.bits, arguments.block, layers, zeros=arguments.zeros)
            with tempfile.TemporaryDirectory() as directory:
                path = Path(directory) / "model.onnx"
                path.write_bytes(made.SerializeToString())
                for threads in arguments.threads:
                    calls, size = calls_of(path, threads)
                    order = {**calls, "memory": reader}
                    rounds = []
                    for _ in range(arguments.rounds):
                        rounds.append({name: turn(call) for name, call in order.items()})
                        order = dict(reversed(order.items()))
                    ours, theirs = (1e3 * statistics.median(each[name] for each in rounds) for name in calls)
                    ratio = statistics.median(each["onnxruntime"] / each["ours"] for each in rounds)
                    rate = statistics.median(size / each["ours"] for each in rounds)
                    part = statistics.median(size / each["ours"] / (PROBE_BYTES / each["memory"]) for each in rounds)
                    cells = [str(rows), str(layers), str(threads), f"{ours:.3f}", f"{theirs:.3f}", f"**{ratio:.2f}**"]
                    print(f"| {' | '.join([*cells, f'{rate / 1e9:.1f}', f'**{part:.2f}**'])} |", flush=True)


if __name__ == "__main__":
    main()
