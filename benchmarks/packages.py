"""Programs of PyPI that run ONNX models, unmodified: through `mini-infer python` and by onnxruntime itself.

    pip install magika nudenet rapidocr-onnxruntime
    python benchmarks/packages.py [magika nudenet rapidocr] [--turns 3] [--processes 4] [--json FILE]

Each package is loaded and called in processes of its own, in alternating turns; engines come from the cache, which is
filled first. The models are those in the wheels. A line for each: seconds to load and to make the first call (CPU time
in brackets), CPU milliseconds of a further call, RSS after it, and the PSS of several processes together. Answers are
compared. Only ratios mean much on a shared machine, and those of CPU times most.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

OURS, PEER = "mini-infer", "onnxruntime"
LAUNCHED = {OURS: ["-m", "mini_infer", "python"], PEER: []}
CALLS = 10
DIGITS = 3
"""Of a score, that are compared."""
MIB = 1 << 20


# ---- the programs; each imports its package and nothing of ours


def _picture(text: str) -> Any:
    """An image of a line of text, [height, width, 3], uint8."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (480, 96), "white")
    ImageDraw.Draw(image).text((16, 24), text, "black", ImageFont.load_default(40))
    return np.asarray(image)


def _magika() -> Callable[[], Any]:
    from magika import Magika

    found, texts = Magika(), (b"import os\nprint(os.name)\n" * 40, b"<html><body>text</body></html>" * 30)
    return lambda: [(each.output.label, each.score) for each in map(found.identify_bytes, texts)]


def _nudenet() -> Callable[[], Any]:
    import numpy as np
    from nudenet import NudeDetector

    detector, image = NudeDetector(), _picture("nobody here")
    noise = np.random.default_rng(0).random((1, 3, 320, 320), np.float32)

    def call() -> Any:
        """What it finds, which is nothing, and the averages of what its model says of noise."""
        found = [(each["class"], each["score"]) for each in detector.detect(image)]
        (raw,) = detector.onnx_session.run(None, {detector.input_name: noise})
        return found + [(f"row {row}", float(value)) for row, value in enumerate(raw[0].mean(-1))]

    return call


def _rapidocr() -> Callable[[], Any]:
    from rapidocr_onnxruntime import RapidOCR

    reader, image = RapidOCR(), _picture("mini-infer 2026")
    return lambda: [(text, float(score)) for _, text, score in reader(image)[0] or []]


PROGRAMS = {"magika": _magika, "nudenet": _nudenet, "rapidocr": _rapidocr}


def program(name: str) -> None:
    """Load, call, say what it took, and wait to be looked at."""
    began, cpu = time.perf_counter(), time.process_time()
    call = PROGRAMS[name]()
    loaded = time.perf_counter()
    answer = call()
    first, first_cpu = time.perf_counter(), time.process_time()
    for _ in range(CALLS):
        call()
    figures = {
        "load": loaded - began,
        "first": first - began,
        "first_cpu": first_cpu - cpu,
        "call_cpu": (time.process_time() - first_cpu) / CALLS,
        "answer": [(label, float(f"{score:.{DIGITS}g}")) for label, score in answer],
    }
    print(json.dumps(figures), flush=True)
    sys.stdin.read()


# ---- looking at them


def looked_at(pid: int) -> tuple[int, int]:
    """RSS and PSS in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    of = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines if line.endswith(" kB")}
    return of["Rss"], of["Pss"]


def processes(launched: Sequence[str], package: str, count: int) -> list[dict[str, Any]]:
    """What so many processes said and took, all of them there at once."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - this Python
                    [sys.executable, *launched, __file__, "--program", package],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=environment,
                )
            )
            for _ in range(count)
        ]
        said = []
        for process in started:
            assert process.stdout is not None  # noqa: S101 - for types
            line = next((line for line in process.stdout if line.startswith('{"load"')), "")
            if not line:
                raise SystemExit(f"{package} did not run")
            said.append(json.loads(line))
        for process, each in zip(started, said, strict=True):
            each["rss"], each["pss"] = looked_at(process.pid)
        for process in started:
            process.communicate()
    return said


def compare(package: str, turns: int, count: int) -> dict[str, Any]:
    """Both on one package."""
    processes(LAUNCHED[OURS], package, 1)  # compiles
    runs: dict[str, list[dict[str, Any]]] = {OURS: [], PEER: []}
    for _ in range(turns):
        for name, turn in runs.items():
            turn.extend(processes(LAUNCHED[name], package, 1))
    made: dict[str, Any] = {"package": package, "same": runs[OURS][0]["answer"] == runs[PEER][0]["answer"]}
    for name, found in runs.items():
        figures = ("load", "first", "first_cpu", "call_cpu", "rss")
        made[name] = {each: statistics.median(run[each] for run in found) for each in figures}
        made[name]["pss"] = sum(each["pss"] for each in processes(LAUNCHED[name], package, count))
        of = made[name]
        print(
            f"{package} | {name:11} | load {of['load']:.2f} s, first call after {of['first']:.2f} s "
            f"({of['first_cpu']:.2f}) | a call {1e3 * of['call_cpu']:.1f} ms | RSS {of['rss'] / MIB:.0f} MB | "
            f"PSS of {count}: {of['pss'] / MIB:.0f} MB",
            flush=True,
        )
    ratios = {each: made[OURS][each] / made[PEER][each] for each in ("first", "first_cpu", "call_cpu", "rss", "pss")}
    made["ratios"] = ratios
    said = ", ".join(f"{each} {ratio:.2f}" for each, ratio in ratios.items())
    print(f"{package} | answers {'the same' if made['same'] else 'DIFFER'} | ours by theirs: {said}", flush=True)
    return made


def main() -> None:
    """Measure the packages named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", default=list(PROGRAMS))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = [compare(package, arguments.turns, arguments.processes) for package in arguments.packages]
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--program"]:
        program(sys.argv[2])
    else:
        main()
