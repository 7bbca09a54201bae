"""The memory of whole processes that run a model: ours, onnxruntime's and OpenVINO's, one process and several.

``python benchmarks/process.py MODEL.onnx ... [--processes 1 4] [--against onnxruntime openvino] [--compiled]
[--python PYTHON] [--json FILE]`` prints a Markdown table in MB of 2^20 bytes, as Linux counts them in
``/proc/PID/smaps_rollup``:

- RSS: what is in memory, shared or not; peak: the most of it there ever was; anonymous: what is neither shared nor in a
  file, and so cannot be given up;
- PSS: RSS with each shared page divided by those who share it. Only its sum says what several processes take.

Each process imports one library, loads the model, runs it a few times on the same inputs, one thread, and is then
looked at. Ours loads an engine file, as a service does; ``--compiled`` adds a process that compiles it first.
These bytes are the same on a busy machine; repeated runs differ by the few that allocators leave. Peers that are not
installed are left out, and named.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

OURS, COMPILED, PEERS = "mini_infer", "mini_infer, compiled first", ("onnxruntime", "openvino")
ALONE = "Python and NumPy alone"
RUNS = 3
MIB = 1 << 20
READY = "ready"

Run = Callable[[Mapping[str, np.ndarray]], object]


@dataclass(frozen=True, slots=True)
class Row:
    """What processes that run one model with one library take; bytes of one process, and `pss_sum` of all."""

    model: str
    library: str
    processes: int
    rss: int
    peak: int
    anonymous: int
    pss_sum: int


# ---- the processes that are looked at; each imports what it measures and nothing else


def serve(library: str, path: str, inputs: str) -> None:
    """Load, run, say so, and wait to be looked at."""
    with np.load(inputs) as archive:
        given = dict(archive)
    run = LOADERS[library](path)
    for _ in range(RUNS):
        run(given)
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    sys.stdin.read()


def _nothing(_path: str) -> Run:
    return lambda given: given


def _ours(path: str) -> Run:
    import mini_infer

    return mini_infer.load(path, trust_code=True).create_context().run


def _compiled(path: str) -> Run:
    import mini_infer

    return mini_infer.compile(path).create_context().run


def _onnxruntime(path: str) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda given: session.run(None, given)


def _openvino(path: str) -> Run:
    import openvino

    core = openvino.Core()
    hints = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(core.read_model(path), "CPU", hints).create_infer_request()
    return lambda given: request.infer(given, share_inputs=True)


LOADERS = {OURS: _ours, COMPILED: _compiled, "onnxruntime": _onnxruntime, "openvino": _openvino, ALONE: _nothing}
"""Library → how it loads a model."""


# ---- looking at them


@contextmanager
def processes(python: str, count: int, library: str, path: Path, inputs: Path) -> Iterator[list[int]]:
    """So many processes that have run the model and wait; their numbers."""
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            command = [python, __file__, "--serve", library, str(path), str(inputs)]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            )
            started.append(process)
        try:
            for process in started:
                if process.stdout is None or process.stdout.readline().strip() != READY:
                    raise SystemExit(f"{library} did not run {path}")
            yield [process.pid for process in started]
        finally:
            for process in started:
                process.communicate()


def kilobytes(path: Path) -> dict[str, int]:
    """The lines `Name:  1234 kB` of a file in ``/proc``, in bytes."""
    lines = (line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines())
    return {words[0].rstrip(":"): int(words[1]) << 10 for words in lines if len(words) == 3 and words[2] == "kB"}


def looked_at(model: str, library: str, pids: list[int]) -> Row:
    """What these processes take now."""
    maps = [kilobytes(Path(f"/proc/{pid}/smaps_rollup")) for pid in pids]
    peaks = [kilobytes(Path(f"/proc/{pid}/status"))["VmHWM"] for pid in pids]
    return Row(
        model,
        library,
        len(pids),
        rss=max(each["Rss"] for each in maps),
        peak=max(peaks),
        anonymous=max(each["Anonymous"] for each in maps),
        pss_sum=sum(each["Pss"] for each in maps),
    )


def measure(model: Path, libraries: list[str], counts: list[int], python: str, folder: Path) -> Iterator[Row]:
    """The rows of one model."""
    import mini_infer
    from mini_infer.verify.samples import random_samples

    engine = folder / f"{model.stem}.engine"
    mini_infer.load_or_compile(model).save(engine, with_code=True)
    (sample,) = random_samples(mini_infer.load(engine).inputs, count=1, seed=0)
    np.savez(folder / "inputs.npz", **sample)
    for library in libraries:
        for count in counts if library != COMPILED else [1]:
            path = engine if library == OURS else model
            with processes(python, count, library, path, folder / "inputs.npz") as pids:
                yield looked_at(model.stem, library, pids)


def installed(python: str, library: str) -> bool:
    """Whether a Python has a library."""
    command = [python, "-c", f"import {library}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def table(rows: list[Row]) -> str:
    """The rows as Markdown, a line for each model and library."""
    counts = sorted({row.processes for row in rows})
    lines = [
        "| model | library | RSS | peak | anonymous | " + " | ".join(f"PSS of {count}" for count in counts) + " |",
        "|---|---|" + "---:|" * (3 + len(counts)),
    ]
    found: Mapping[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.library), {})[row.processes] = row
    for (model, library), of in found.items():
        one = of[min(of)]
        sums = [f"{of[count].pss_sum / MIB:.0f}" if count in of else "" for count in counts]
        cells = [f"{size / MIB:.0f}" for size in (one.rss, one.peak, one.anonymous)]
        lines.append(f"| {model} | {library} | {' | '.join([*cells, *sums])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--against", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--compiled", action="store_true", help="also a process that compiles the model")
    parser.add_argument("--python", default=sys.executable, help="the Python whose processes are looked at")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not Path("/proc/self/smaps_rollup").exists():
        parser.error("only Linux says what a process takes of what it shares")
    there = [peer for peer in args.against if installed(args.python, peer)]
    for peer in set(args.against) - set(there):
        print(f"{peer} is not installed and left out", file=sys.stderr)
    libraries = [OURS, *([COMPILED] if args.compiled else []), *there]
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "nothing.npz"))
        rows = []
        for count in args.processes:
            with processes(args.python, count, ALONE, Path(), Path(folder, "nothing.npz")) as pids:
                rows.append(looked_at("", ALONE, pids))
        for model in args.models:
            rows += measure(model, libraries, args.processes, args.python, Path(folder))
    print(table(rows))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(*sys.argv[2:])
    else:
        main()
