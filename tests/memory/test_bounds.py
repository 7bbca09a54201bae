"""No compiled method of the planner reads or writes beyond its tables: all run with numba's checks of indices."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import random
import numpy as np
from numba import njit
from mini_infer.memory import STRATEGIES, Buffer, Limits, Problem, find_plan
from mini_infer.memory.compiled import niche_search
from mini_infer.memory.compiled.niche_state import instance_of
from mini_infer.memory.compiled.table import tabulate

try:
    njit(lambda numbers, at: numbers[at])(np.zeros(3), 3)
except IndexError:
    pass
else:
    raise SystemExit("indices are not checked")

chance = random.Random(1)


def made(count, crowd):
    births = [chance.randrange(count) for _ in range(count)]
    return Problem(
        tuple(Buffer(str(i), chance.randrange(1, 99), b, b + chance.randrange(1, crowd)) for i, b in enumerate(births))
    )


for count, crowd in ((1, 2), (12, 4), (12, 12), (40, 9), (90, 70), (600, 90)):
    for name in STRATEGIES:
        find_plan(made(count, crowd), name, time_limit=0.3)
for _ in range(60):  # many rounds at capacities about the smallest one: long trails, frames and agendas
    table = tabulate(made(chance.randrange(2, 50), chance.randrange(2, 30)))
    for by_edge in (True, False):
        for room in (1.0, 1.03, 1.2):
            niche_search.search(
                instance_of(table), int(room * table.bound), by_edge, np.arange(len(table.size)), 0,
                np.ones(table.sections), np.zeros(1 << 8, dtype=np.uint64), 300_000, np.empty_like(table.size),
            )
print("all within")
"""


@pytest.mark.slow
def test_every_compiled_method_stays_within_its_tables(tmp_path):
    checked = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}  # machine code of its own
    run = subprocess.run([sys.executable, "-c", SCRIPT], env=checked, capture_output=True, text=True, check=False)
    assert run.stdout == "all within\n", run.stderr
