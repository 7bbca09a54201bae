"""TFLite Micro's interpreter: what arena a model needs with and without a plan, and whether its answers are the same.

It runs in a process of its own, since what it is given may be a file that it cannot read safely.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST = 1 << 30
_SECONDS = 600
_RUNS = 3
_CHILD = "import sys; from mini_infer.tflite.interpreter import answer; answer(sys.argv[1], sys.argv[2])"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models run on the same random inputs.

    `before` and `after` are the smallest arenas, in bytes, in which the interpreter allocates them on this machine;
    `runs` is on how many inputs, `same` whether all outputs were equal in every bit. `refused` says why the interpreter
    could not run one of them; the other fields then mean nothing.
    """

    before: int = 0
    after: int = 0
    runs: int = 0
    same: bool = False
    refused: str = ""


def compare(before: bytes, after: bytes) -> Comparison:
    """Run two files of a model."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "before.tflite"), Path(folder, "after.tflite")]
        for path, content in zip(paths, (before, after), strict=True):
            path.write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603 - this program
                [sys.executable, "-c", _CHILD, *map(str, paths)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Comparison(refused=f"it takes more than {_SECONDS} s")
    if done.returncode:
        said = done.stderr.strip().splitlines()
        return Comparison(refused=f"it ended with {done.returncode}" + (f": {said[-1]}" if said else ""))
    return Comparison(**json.loads(done.stdout))


def answer(before: str, after: str) -> None:
    """Print what `compare` wants to know of two files, as JSON."""
    import numpy as np

    from mini_infer.tflite.model import parsed

    contents = [Path(before).read_bytes(), Path(after).read_bytes()]
    arenas = [_smallest_arena(content) for content in contents]
    if None in arenas:
        print(json.dumps({"refused": "it cannot allocate the model"}))  # noqa: T201 - what the parent reads
        return
    graph = parsed(contents[0]).subgraphs[0]
    generator = np.random.default_rng(0)
    interpreters = [_interpreter(content, arena) for content, arena in zip(contents, arenas, strict=True)]
    same = True
    for _ in range(_RUNS):
        inputs = _drawn(interpreters[0], len(graph.inputs), generator)
        expected, given = (_outputs(each, inputs, len(graph.outputs)) for each in interpreters)
        same = same and expected == given
    print(json.dumps({"before": arenas[0], "after": arenas[1], "runs": _RUNS, "same": same}))  # noqa: T201


def _interpreter(content: bytes, arena: int | None) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(content, arena_size=arena)


def _smallest_arena(content: bytes) -> int | None:
    """Bytes of the smallest arena in which a model can be allocated; None where there is none of a sensible size."""

    def fits(arena: int) -> bool:
        try:
            _interpreter(content, arena)
        except (RuntimeError, ValueError):
            return False
        return True

    high = 1 << 12
    while not fits(high):
        high *= 2
        if high > _LARGEST:
            return None
    low = high // 2 if high > 1 << 12 else 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def _drawn(interpreter: Any, count: int, generator: Any) -> list[Any]:
    """Random inputs: normal reals, and integers over all that has eight bits."""
    import numpy as np

    drawn = []
    for index in range(count):
        details = interpreter.get_input_details(index)
        kind, shape = np.dtype(details["dtype"]), tuple(details["shape"])
        if kind.kind == "f":
            drawn.append(generator.standard_normal(shape).astype(kind))
        else:
            bounds = np.iinfo(np.uint8 if kind.kind == "u" else np.int8)
            low, high = (0, 1) if kind.kind == "b" else (bounds.min, bounds.max)
            drawn.append(generator.integers(low, high, shape, endpoint=True).astype(kind))
    return drawn


def _outputs(interpreter: Any, inputs: list[Any], count: int) -> list[bytes]:
    for index, array in enumerate(inputs):
        interpreter.set_input(array, index)
    interpreter.invoke()
    return [interpreter.get_output(index).tobytes() for index in range(count)]
