"""The ways to place buffers: functions of one shape, in one table.

To add one, write a function `place(problem, limits)` and give it a row here. It may return any offsets
that respect alignments and pins: `solve` checks every plan and computes the rest.
"""

from collections.abc import Callable, Mapping
from functools import partial

from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import auto, coloring, exact, greedy, local_search, naive, skyline

Strategy = Callable[[Problem, Limits], Placement]

STRATEGIES: Mapping[str, Strategy] = {
    "auto": auto.place,
    "naive": naive.place,
    "coloring": coloring.place,
    **{name: partial(greedy.place, rule=rule) for name, rule in greedy.RULES.items()},
    "skyline": skyline.place,
    "local-search": local_search.place,
    "exact": exact.place,
}
