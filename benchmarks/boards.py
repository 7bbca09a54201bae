"""What models take on boards: flash, RAM, stack and instructions of a run, counted exactly in QEMU.

    python benchmarks/boards.py ad.onnx kws.onnx kws_qdq.onnx --core cortex-m4 --core cortex-m0plus
    python benchmarks/boards.py kws_qdq.onnx --core cortex-m4 --json figures.json -- --int8-io --optimize=memory
    python benchmarks/boards.py lenet5.onnx --peer path/to/emx-onnx-cgen

Each model is exported by `mini-infer export` with inputs and outputs in its arena, compiled by arm-none-eabi-gcc -O2,
and run; its test on a recorded input must pass. What stands behind `--` is said to `export`. Counted are the
instructions of the run function alone. An instruction is no cycle: a Cortex-M4 takes two for most loads, and three for
a fused multiply-add.

With `--peer` the C of emx-onnx-cgen (`pip install emx-onnx-cgen`, in an environment of its own) is built by `-O3`, as
it needs it, and run in the same way, on the same input: float models of one input and one output. Its arrays are on the
stack, its inputs and outputs the caller's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "shared")]

from emulators import CORES, run  # noqa: E402 - the tests' harness

from mini_infer.cli import main as mini_infer  # noqa: E402

TARGETS = {"microbit": "cortex-m0plus"}
"""Core → the machine that C is exported for, where that has another name."""


@dataclass(frozen=True)
class Figures:
    """Of one model on one core: bytes, and instructions."""

    model: str
    core: str
    ram: int
    stack: int
    constants: int
    code: int
    instructions: int
    multiply_adds: int


def measure(model: Path, core: str, words: Sequence[str]) -> Figures:
    """Export a model, build it, and run it.

    Raises
    ------
    SystemExit
        When it cannot be exported, or its test fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "net"
        target = TARGETS.get(core, core)
        named = ["-q", "export", str(model), "-o", str(folder), "--name=net", f"--target={target}", "--io=arena"]
        if code := mini_infer([*named, *words]):
            raise SystemExit(code)
        report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
        ran = run(folder, core)
    if ran.result != 0:
        raise SystemExit(f"{model} on {core}: the test ends with {ran.result}")
    return Figures(
        model.stem,
        core,
        report["ram_bytes"],
        ran.stack,
        report["constant_bytes"],
        ran.code,
        ran.instructions,
        report["operations"] // 2,
    )


def measure_peer(generator: Path, model: Path, core: str) -> Figures:
    """What emx-onnx-cgen's C takes, called where the test calls that of an export.

    Raises
    ------
    SystemExit
        When it cannot be made, or the test fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "net"
        named = ["-q", "export", str(model), "-o", str(folder), "--name=net", "--target=portable", "--io=caller"]
        if code := mini_infer(named):
            raise SystemExit(code)
        report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
        limits = ("--large-temp-threshold", "0", "--large-weight-threshold", "0")  # no heap, and no files
        words = [str(generator), "compile", str(model), str(folder / "peer.c"), "--model-name", "peer", *limits]
        if subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - what the user names
            raise SystemExit(f"{generator} cannot make C of {model}")
        (given,), (got,) = report["inputs"], report["outputs"]
        (folder / "net.c").write_text(
            f'#include "net.h"\n#include "peer.c"\nint net_run(const float {given["parameter"]}[], '
            f"float {got['parameter']}[], void *arena) {{\n  (void)arena;\n"
            f"  peer((const void *){given['parameter']}, (void *){got['parameter']});\n  return 0;\n}}\n",
            encoding="utf-8",
        )
        (folder / "net_weights.c").write_text("typedef int none;\n", encoding="utf-8")
        ran = run(folder, core, "-w", optimize="-O3")
        if ran.result != 0:
            raise SystemExit(f"{generator.name} of {model} on {core}: the test ends with {ran.result}")
        listed = subprocess.run(  # noqa: S603 - of the compiler that made it
            [f"{CORES[core].tools}-size", "-A", str(folder / "board" / "net.o")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    constants = sum(int(line.split()[1]) for line in listed if line.startswith(".rodata"))
    return Figures(
        f"{model.stem}, {generator.name}",
        core,
        report["input_bytes"] + report["output_bytes"],
        ran.stack,
        constants,
        ran.code - constants,
        ran.instructions,
        report["operations"] // 2,
    )


def table(found: Sequence[Figures]) -> str:
    """The figures as a table of Markdown."""
    lines = [
        "| model | core | RAM | stack | constants | code | instructions | per multiply-add |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        share = each.instructions / max(1, each.multiply_adds)
        numbers = (each.ram, each.stack, each.constants, each.code, each.instructions)
        shown = " | ".join(f"{number:,}" for number in numbers)
        lines.append(f"| {each.model} | {each.core} | {shown} | {share:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--core", choices=CORES, action="append", help="repeatable (default: cortex-m4)")
    parser.add_argument("--peer", type=Path, metavar="COMMAND", help="emx-onnx-cgen, to be measured as well")
    parser.add_argument("--json", type=Path, help="where the figures go as well")
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    args = parser.parse_args(words[:split])
    cores = args.core or ["cortex-m4"]
    if tool := next((CORES[core].missing for core in cores if CORES[core].missing), None):
        raise SystemExit(f"there is no {tool}: docs/boards.md names the packages")
    found = [measure(model, core, words[split + 1 :]) for core in cores for model in args.models]
    if args.peer is not None:
        found += [measure_peer(args.peer, model, core) for core in cores for model in args.models]
    print(table(found))
    if args.json:
        args.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
