"""Numbers from far away in engine files with right checksums: refused, or harmless."""

import subprocess
import sys

import numpy as np
import pytest
from crafting import FAR, leaves, put

from mini_infer.errors import EngineError
from mini_infer.runtime import file

KEYS = {"operands", "kernel", "control", "values", "problem", "constants", "offsets"}
"""Where the numbers are that say what memory is touched."""


@pytest.mark.slow
def test_numbers_from_far_away_are_refused_or_harmless(files, tmp_path):
    """Of any number that decides over memory: what is not refused runs as it should, in a process of its own."""
    generator = np.random.default_rng(5)
    path, survivors, count = tmp_path / "crafted.engine", [], 0
    for name, parts in files.items():
        places = [
            (section, at)
            for section in ("programs", "plans")
            for at, value in leaves(getattr(parts, section))
            if type(value) is int and KEYS & set(map(str, at))
        ]
        for index in generator.choice(len(places), 30, replace=False):
            section, at = places[index]
            changed = parts.copy()
            put(getattr(changed, section), at, int(generator.choice([FAR, -1, 77777])))
            changed.write(path)
            try:
                file.read(path)
            except EngineError:
                count += 1
            else:
                survivors.append(tmp_path / f"{name}-{len(survivors)}.engine")
                path.rename(survivors[-1])
    assert count >= 60
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *map(str, survivors)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "whole\n" * len(survivors)), done.stderr[-2000:]


RUNNER = """
import sys
import numpy as np
import mini_infer as mi

def guarded(shape, dtype):
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    block = np.full(size + 4096, 0xA5, np.uint8)
    return block, block[2048 : 2048 + size].view(dtype).reshape(shape)

for path in sys.argv[1:]:
    engine = mi.Engine.load(path, compiler="none")
    if engine.arena_bytes > 1 << 30:  # as it says, but no test has so much
        print("whole")
        continue
    start = np.full(engine.arena_bytes + 4096, 0xA5, np.uint8)
    begin = 2048 + -(start.ctypes.data + 2048) % 64
    blocks = [(start, begin, engine.arena_bytes)]
    context = engine.create_context(arena=start[begin : begin + engine.arena_bytes])
    values = {}
    for ports in (engine.program.inputs, engine.program.outputs):
        for port in ports:
            block, values[port.name] = guarded(port.type.shape, port.type.dtype.numpy)
            values[port.name][...] = 1
            blocks.append((block, 2048, block.size - 4096))
    try:
        context.run_into(
            {port.name: values[port.name] for port in engine.program.inputs},
            {port.name: values[port.name] for port in engine.program.outputs},
        )
    except mi.MiniInferError:
        pass
    for block, first, size in blocks:
        assert (block[:first] == 0xA5).all() and (block[first + size :] == 0xA5).all(), path
    print("whole")
"""
