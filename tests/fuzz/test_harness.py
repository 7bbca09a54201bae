"""The fuzzer itself: it repeats, its seeds are sound, and it notices each kind of fault."""

from dataclasses import replace

import numpy as np
import pytest
import workers
from corpus import corpus
from guarded import Guarded
from workers import Case, Outcome, Worker

import mini_infer
from fuzz import SHARES, case


@pytest.fixture(scope="module")
def seeds():
    return corpus()


@pytest.fixture
def worker():
    made = Worker()
    yield made
    made.close()


def plain(kind, suffix, data):
    return Case(0, kind, suffix, data, native=False, seed="0", story="")


@pytest.mark.slow
def test_a_case_follows_from_its_number(seeds):
    kinds = tuple(SHARES)
    for number in range(40):
        assert case(seeds, 7, number, kinds) == case(corpus() if number == 0 else seeds, 7, number, kinds)
    assert case(seeds, 7, 0, kinds) != case(seeds, 8, 0, kinds)


def test_every_seed_is_taken_before_it_is_changed(seeds, worker):
    names = {"single/Conv-0", "single/Resize-85", "chain/attention", "chain/control", "chain/sizes", "chain/function"}
    chosen = [seed for seed in seeds if seed.kind != "model" or seed.name in names]
    for seed in chosen:
        outcome = worker.run(plain(seed.kind, seed.suffix, seed.data))
        assert not outcome.fault, f"{seed.name}: {outcome}"
        assert outcome.result != "refused", f"{seed.name}: {outcome}"


@pytest.mark.parametrize(("offset", "side"), [(-1, "before"), (None, "behind")])
def test_a_byte_beside_an_array_is_noticed(offset, side):
    guard = Guarded((3, 5), np.dtype(np.float32), behind=side == "before")
    guard.array[...] = 1
    assert guard.broken() == ""
    at = guard._start - 1 if offset else guard._end
    guard._inside[at] = 0
    assert guard.broken() == side


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("raise KeyError('x')", Outcome("fault", "KeyError: 'x'", "outside mini_infer")),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Outcome("died", "SIGSEGV", "in native code")),
        ("import os; os._exit(3)", Outcome("died", "exit 3", "in native code")),
        pytest.param("while True: pass", Outcome("ended", "more than 0.5 s", "in native code"), marks=pytest.mark.slow),
        ("from mini_infer.errors import InputError; raise InputError('no')", Outcome("refused")),
    ],
)
def test_each_kind_of_fault_is_told_and_the_next_case_runs(monkeypatch, body, outcome):
    import trial

    monkeypatch.setattr(workers, "SECONDS", 0.5)
    monkeypatch.setattr(trial, "_array", lambda *_: exec(body))  # noqa: S102 - the cases above
    worker = Worker()
    try:
        told = worker.run(plain("array", ".npy", b""))
        assert replace(told, place=outcome.place) == outcome
        assert worker.run(plain("problem", ".csv", b"id,lower,upper,size\na,0,1,4\n")) == Outcome("solved")
    finally:
        worker.close()


def test_a_great_deal_of_memory_is_noticed(monkeypatch):
    import trial

    monkeypatch.setattr(workers, "MEMORY", 1 << 26)
    monkeypatch.setattr(trial, "_array", lambda *_: str(np.ones(1 << 27, np.uint8)[0]))
    other = Worker()
    try:
        assert other.run(plain("array", ".npy", b"")).fault.endswith("MB more")
    finally:
        other.close()


def test_engines_of_the_corpus_are_of_this_version(seeds):
    engines = [seed for seed in seeds if seed.kind == "engine"]
    assert len(engines) >= 8
    assert all(mini_infer.__version__.encode() in seed.data for seed in engines)


def test_engines_of_streams_have_some(seeds):
    found = [seed for seed in seeds if seed.kind == "engine" and seed.name.startswith("stream/")]
    assert len(found) >= 4
    for seed in found:
        assert b'"$":"Turn"' in seed.data or seed.name == "stream/tokens.engine"
        assert b'"$":"Run"' in seed.data, seed.name
