import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from order_problems import chain, problems, smallest_peak, two_branches

from examples import examples
from mini_infer.errors import UsageError
from mini_infer.schedule import STRATEGIES, OrderProblem, lower_bound, solve
from mini_infer.schedule.strategies import beam


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(problem=problems())
def test_every_order_is_valid_repeatable_and_above_the_bound(strategy, problem):
    found = solve(problem, strategy)
    assert sorted(found.order) == list(range(problem.nodes))
    assert found.peak == problem.peak(found.order)
    assert found.peak >= found.lower_bound >= lower_bound(problem)
    again = solve(problem, strategy)
    assert (again.order, again.states, again.lower_bound) == (found.order, found.states, found.lower_bound)


@pytest.mark.parametrize("strategy", ["exact", pytest.param("auto", marks=pytest.mark.slow)])
@examples(300)
@given(problem=problems())
def test_the_optimum_is_that_of_trying_everything(strategy, problem):
    found = solve(problem, strategy)
    assert found.peak == found.lower_bound == smallest_peak(problem)
    assert found.optimal


@given(problem=problems())
def test_no_bound_is_above_the_optimum(problem):
    optimum = smallest_peak(problem)
    assert lower_bound(problem) <= optimum
    assert all(solve(problem, strategy, time_limit=0).lower_bound <= optimum for strategy in STRATEGIES)


def test_a_better_order_is_found_and_proved():
    found = solve(two_branches())
    assert two_branches().peak(two_branches().exported) == 21
    assert (found.peak, found.optimal) == (12, True)


def test_the_exported_order_stays_where_no_other_is_better():
    fork = OrderProblem(4, (4, 1, 1, 1), (0, 1, 2, 3), ((1, 2), (3,), (3,), ()), (False,) * 4)
    assert solve(fork).order == (0, 1, 2, 3)


def test_a_chain_is_no_search():
    found = solve(chain(10_000))
    assert (found.states, found.optimal, found.peak) == (0, True, 8)


@pytest.mark.slow
def test_a_long_chain_takes_linear_time_and_no_numba():
    code = (
        "import sys; sys.path.insert(0, 'tests/schedule'); from order_problems import chain;"
        "from mini_infer.schedule import solve; found = solve(chain(100_000));"
        "print(found.optimal, len(found.order), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "100000", "False"]


def test_bad_arguments_are_named():
    with pytest.raises(UsageError, match="unknown order 'best'; choose one of exported, "):
        solve(chain(2), "best")
    with pytest.raises(UsageError, match="time limit of -1"):
        solve(chain(2), time_limit=-1)


def test_no_time_means_no_search():
    found = solve(two_branches(), "auto", time_limit=0)
    assert found.states == 0
    assert found.peak == 12


def random_problem(nodes, reach, seed):
    """Every node reads one or two of the last `reach` nodes."""
    draw = np.random.default_rng(seed)
    readers = [set() for _ in range(nodes)]
    for node in range(1, nodes):
        for _ in range(draw.integers(1, 3)):
            readers[max(0, node - 1 - int(draw.integers(reach)))].add(node)
    sizes = tuple(1 << int(draw.integers(5)) for _ in range(nodes))
    return OrderProblem(nodes, sizes, tuple(range(nodes)), tuple(tuple(sorted(r)) for r in readers), (False,) * nodes)


def test_what_the_budget_does_not_prove_is_improved_and_not_called_optimal():
    problem = random_problem(120, 15, seed=1)
    found = solve(problem, time_limit=0.0001)
    assert found.lower_bound < found.peak < problem.peak(problem.exported)
    assert not found.optimal
    proved = solve(problem, time_limit=30)
    assert proved.optimal
    assert found.lower_bound <= proved.peak <= found.peak


def test_thousands_of_nodes_are_improved_without_a_proof():
    problem = random_problem(5_000, 5, seed=1)
    found = solve(problem, time_limit=0.1)
    assert found.lower_bound <= found.peak < problem.peak(problem.exported)


def test_a_beam_of_very_many_ready_nodes_ends_early(monkeypatch):
    count = 12
    problem = OrderProblem(count + 1, (4,) * count, tuple(range(count)), ((count,),) * count, (False,) * count)
    monkeypatch.setattr(beam, "MOST_LOOKED", 3 * beam.WIDTH * count**2)
    order = beam.narrow(problem, beam.WIDTH, 0)
    assert sorted(order) == list(range(count + 1))
    assert problem.peak(order) == 4 * count
