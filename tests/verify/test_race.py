import time

import pytest

from mini_infer.verify import race as module
from mini_infer.verify.race import LEAST_TURNS, Times, race


def test_figures_are_of_paired_turns():
    ours, theirs = Times((1e-6, 4e-6, 2e-6)), Times((3e-6, 8e-6, 2e-6))
    assert ours.median_us == pytest.approx(2)
    assert ours.min_us == pytest.approx(1)
    assert theirs.ratio(ours) == pytest.approx(2)
    assert ours.ratio(ours) == 1


def test_turns_alternate_in_turning_order(monkeypatch):
    monkeypatch.setattr(module, "WARM_UP_SECONDS", 0.0)
    monkeypatch.setattr(module, "TURN_SECONDS", 0.0)
    calls = []
    times = race({name: lambda name=name: calls.append(name) for name in "abc"}, turns=6)
    warm_up, rounds = calls[:6], calls[6:]
    assert warm_up == list("aabbcc")
    assert rounds == list("abccba" * 3)
    assert {name: len(taken.turns) for name, taken in times.items()} == {"a": 6, "b": 6, "c": 6}


def test_a_slower_call_takes_longer(monkeypatch):
    monkeypatch.setattr(module, "WARM_UP_SECONDS", 0.0)
    times = race({"slow": lambda: time.sleep(0.004), "fast": lambda: None}, turns=5)
    assert times["slow"].min_us >= 4000
    assert times["slow"].ratio(times["fast"]) > 2


def test_time_out_after_the_least_turns(monkeypatch):
    monkeypatch.setattr(module, "WARM_UP_SECONDS", 0.0)
    times = race({"a": lambda: None}, turns=10**9, seconds=0.0)
    assert LEAST_TURNS <= len(times["a"].turns) < 100
