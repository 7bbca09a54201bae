"""What a library takes beside the engine of the same model: time of a run, and memory of several processes.

``python benchmarks/library.py MODEL.onnx [--rounds 15] [--processes 4] [--json FILE]`` exports the model, with its
weights inside and beside, and prints for each

- the median over the rounds of the library's time by the engine's: of one run each, in alternating order, in one
  process (`time.thread_time`), between the same arrays;
- the sum of what processes take that run it, in bytes of their own and of what they share (``Pss``), by a program in C
  that runs once on zeros and then waits.
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

import mini_infer
from mini_infer.cli import main as mini_infer_main
from mini_infer.toolchain import host
from mini_infer.verify.samples import random_samples

PROGRAM = """\
#include <stdio.h>
#include "net.h"
@ARRAYS@
int main(int argc, char **argv) {
  net_context *context;
  if (net_create(&context, @PATH@0) || net_run(@TENSORS@context)) return argc + (argv == 0);
  puts("ran");
  fflush(stdout);
  return getchar() == 0; /* until the others have run, too */
}
"""


def export(model: Path, folder: Path, weights: str) -> Path:
    """Export a library; the folder of its files."""
    words = ["-q", "export", "--library", str(model), "-o", str(folder), "--name", "net", "--weights", weights]
    with redirect_stdout(sys.stderr):
        if mini_infer_main(words):
            sys.exit(1)
    return folder / "lib" / f"{host.arch()}-{host.system()}"


def ratios(model: Path, place: Path, weights: str, rounds: int) -> list[float]:
    """The library's time of a run by the engine's, for each round."""
    engine = mini_infer.compile(model)
    (given,) = random_samples(engine.inputs, count=1, seed=0)
    results = {name: np.empty(kind.shape, kind.dtype.numpy) for name, kind in engine.outputs.items()}
    ours = {name: np.empty_like(array) for name, array in results.items()}
    bound = engine.create_context().bind(given, results)

    library = ctypes.CDLL(str(place / "libnet.so"))
    context = ctypes.c_void_p()
    path = [str(place / "net.weights").encode()] if weights == "beside" else []
    if library.net_create(ctypes.byref(context), *path, None):
        sys.exit("no context")
    tensors = [ctypes.c_void_p(array.ctypes.data) for array in (*given.values(), *ours.values())]
    run = library.net_run
    found = []
    for number in range(rounds + 2):  # the first two are not counted
        times = {}
        for who, call in ((0, bound), (1, lambda: run(*tensors, context)))[:: 1 if number % 2 else -1]:
            began = time.thread_time()
            call()
            times[who] = time.thread_time() - began
        found.append(times[1] / times[0])
    library.net_destroy(context)
    for name, array in results.items():
        np.testing.assert_array_equal(array, ours[name])
    return found[2:]


def memory(place: Path, report: dict, weights: str, processes: int) -> dict[str, int]:
    """The sum of what the processes take, in bytes: all of it (`Pss`), and what no other process has."""
    folder = place.parents[1]
    kinds = {"float32": "float", "float64": "double", "float16": "uint16_t", "bool": "uint8_t"}
    ports = [*report["inputs"], *report["outputs"]]
    arrays = [
        f"static {kinds.get(each['type'], each['type'] + '_t')} t{i}[{int(np.prod(each['shape']))}];"
        for i, each in enumerate(ports)
    ]
    text = PROGRAM.replace("@ARRAYS@", "\n".join(arrays)).replace("@PATH@", "argv[1], " if weights == "beside" else "")
    source, made = folder / "waits.c", folder / "waits"
    source.write_text(text.replace("@TENSORS@", "".join(f"t{i}, " for i in range(len(ports)))))
    compiler = shutil.which("cc") or sys.exit("there is no cc")
    command = [compiler, "-O2", "-I", str(folder / "include"), str(source), "-L", str(place), "-lnet", "-o", str(made)]
    subprocess.run(command, check=True)  # noqa: S603 - the compiler that was found
    environment = {**os.environ, "LD_LIBRARY_PATH": str(place)}
    words = [str(made), str(place / "net.weights")]
    started = [
        subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - built here
        for _ in range(processes)
    ]
    try:
        for process in started:
            if process.stdout is None or process.stdout.readline() != b"ran\n":
                sys.exit("the program does not run")
        said = [Path(f"/proc/{process.pid}/smaps_rollup").read_text() for process in started]
    finally:
        for process in started:
            process.communicate(b"\n")
    lines = {"pss": r"^Pss:\s+(\d+) kB", "private": r"^Private_Dirty:\s+(\d+) kB"}
    return {
        name: sum(1024 * int(re.search(pattern, text, re.MULTILINE)[1]) for text in said)
        for name, pattern in lines.items()
    }


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for weights in ("inside", "beside"):
            place = export(args.model, Path(scratch) / weights, weights)
            report = json.loads((Path(scratch) / weights / "net.json").read_text())
            (system,) = report["systems"]
            took = memory(place, report, weights, args.processes)  # before this process maps the same file
            found = ratios(args.model, place, weights, args.rounds)
            rows.append(
                {"weights": weights, "ratio": statistics.median(found), "weight_bytes": system["weight_bytes"], **took}
            )
    heads = ("weights", "time by the engine's", "bytes of weights", "Pss of all processes", "of these written")
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for row in rows:
        print(
            f"| {row['weights']} | {row['ratio']:.3f} | {row['weight_bytes']:,} | {row['pss']:,} | {row['private']:,} |"
        )
    if args.json:
        args.json.write_text(json.dumps({"processes": args.processes, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
