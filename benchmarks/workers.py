"""What a further worker of Beam, Ray Data or Spark takes on a machine, and how much of it is the model's.

``python benchmarks/workers.py NET.engine [--hosts beam ray spark]`` starts two and three processes that import what a
worker of that library imports, without and with the model, which runs three times; and prints a line of a Markdown
table for each: the sum of PSS of three processes less that of two, in MB of 2^20 bytes. They are processes as such a
worker is one, not pipelines. Libraries that are not installed are left out, and named.
"""

import argparse
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from process import MIB, READY, RUNS, kilobytes

HOSTS = {
    "beam": ("apache_beam", "apache_beam.runners.worker.sdk_worker", "mini_infer.beam.handler"),
    "ray": ("ray", "ray.data", "pyarrow", "mini_infer.ray"),
    "spark": ("pyspark", "pyspark.ml.functions", "pandas", "pyarrow", "mini_infer.spark"),
}
"""Library → its package, and what a worker imports."""


def work(host: str, engine: str) -> None:
    """Import what a worker does, run the model if there is one, say so, and wait to be looked at."""
    for name in HOSTS[host]:
        __import__(name)
    if engine:
        import numpy as np

        from mini_infer.batches import Source
        from mini_infer.ir import TensorType

        loaded = Source(engine, trust_code=True).load()
        context = loaded.create_context()
        inputs = {
            name: np.zeros(kind.shape, kind.dtype.numpy)
            for name, kind in loaded.inputs.items()
            if isinstance(kind, TensorType)
        }
        for _ in range(RUNS):
            context.run(inputs)
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    sys.stdin.read()


def pss(host: str, engine: str, count: int) -> int:
    """The sum of PSS of so many processes, in bytes."""
    command = [sys.executable, __file__, "--work", host, engine]
    with ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))  # noqa: S603
            for _ in range(count)
        ]
        try:
            for process in started:
                if process.stdout is None or READY not in (line.strip() for line in process.stdout):
                    raise SystemExit(f"a worker of {host} did not run {engine}")
            return sum(kilobytes(Path(f"/proc/{process.pid}/smaps_rollup"))["Pss"] for process in started)
        finally:
            for process in started:
                process.communicate()


def main() -> None:
    """Measure each library."""
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", help="an engine file; its code is trusted")
    parser.add_argument("--hosts", nargs="+", choices=HOSTS, default=list(HOSTS))
    arguments = parser.parse_args()
    print("| library | a further worker without the model | with it | of that the model |\n|---|---:|---:|---:|")
    for host in arguments.hosts:
        if find_spec(HOSTS[host][0]) is None:
            print(f"{host} is not installed", file=sys.stderr)
            continue
        without, with_it = (pss(host, engine, 3) - pss(host, engine, 2) for engine in ("", arguments.engine))
        figures = (without, with_it, with_it - without)
        print(f"| {host} |" + "".join(f" {figure / MIB:.1f} |" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
