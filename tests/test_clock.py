"""Searches end in proportion to their limit on any machine, and compiling what they are made of is not theirs."""

import time

import numba
import pytest

from mini_infer import clock
from mini_infer.memory.limits import Budget, Limits
from mini_infer.schedule.limits import Budget as StateBudget


def work(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_compiling_does_not_count():
    clock.leave_out_compiling()
    clock.leave_out_compiling()

    @numba.njit
    def inner(x):
        return x + 1

    @numba.njit
    def outer(x):
        return inner(x) * inner(x + 1)

    took, counted = time.thread_time(), clock.seconds()
    outer(1)
    took, counted = time.thread_time() - took, clock.seconds() - counted
    assert 0 <= counted < took / 2
    counted = clock.seconds()
    work(0.05)
    assert clock.seconds() - counted >= 0.05


@pytest.fixture
def hands(monkeypatch):
    """The clock, to be moved by hand."""
    now = [0.0]
    monkeypatch.setattr(clock, "seconds", lambda: now[0])
    return now


def test_a_slow_machine_ends_a_search_for_places(hands):
    budget = Budget(Limits(seconds=1.0))
    hands[0] = 4.9
    assert budget.left == 1.0
    hands[0] = 5.1
    assert budget.left == 0.0
    assert budget.search(done=False).ended_by == "clock"
    assert budget.search(done=False).seconds == 5.1


def test_a_slow_machine_gets_shorter_rounds_of_a_search_for_orders(hands):
    budget = StateBudget(2.0)
    assert budget.left == 600_000
    budget.spend(30_000, 3.0)  # a thirtieth of the pace
    hands[0] = 3.0
    assert budget.left == 50_001  # in the 5 seconds that are left until the end
    hands[0] = 8.1
    assert (budget.left, budget.timed_out) == (0, True)
    hands[0] = 0.0
    usual = StateBudget(2.0)
    usual.spend(30_000, 0.3)  # what is three times as slow is not touched: the same input, the same order
    hands[0] = 0.3
    assert usual.left == 570_000
