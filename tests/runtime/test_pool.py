"""A pool: as many contexts as it has, each for one thread at a time."""

import os
import threading

import numpy as np
import pytest

import mini_infer as mi
from mini_infer.errors import ContextBusyError, InputError, UsageError


@pytest.fixture(scope="module")
def engine(model):
    return mi.compile(model, compiler="none")


def test_contexts_are_made_when_they_are_needed_and_used_again(engine):
    with engine.create_pool(2) as pool:
        assert repr(pool) == "ContextPool(0 of 2 contexts, 0 free)"
        with pool.context() as first:
            pass
        with pool.context() as again, pool.context() as other:
            assert again is first
            assert other is not first
            assert other.arena.ctypes.data != first.arena.ctypes.data
        assert repr(pool) == "ContextPool(2 of 2 contexts, 2 free)"


def test_a_full_pool_waits_and_then_says_so(engine):
    pool = engine.create_pool(1)
    with (
        pool.context(),
        pytest.raises(ContextBusyError, match=r"all 1 contexts were busy for 0.01 s"),
        pool.context(0.01),
    ):
        pass
    with pool.context(0):
        pass


def test_threads_take_turns(engine, x):
    pool = engine.create_pool(2)
    wanted = engine.create_context().run(x)["y"].tobytes()
    answers, most, running = [], [], threading.Semaphore(2)

    def work():
        for _ in range(5):
            with pool.context() as context:
                most.append(running.acquire(blocking=False))
                answers.append(context.run({"x": x})["y"].tobytes() == wanted)
                running.release()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(answers), all(answers), all(most)) == (30, True, True)


def test_an_error_in_the_block_gives_the_context_back(engine):
    pool = engine.create_pool(1)
    with pytest.raises(ZeroDivisionError), pool.context():
        raise ZeroDivisionError
    with pool.context(0):
        pass


def test_a_context_that_cannot_be_made_takes_no_place(engine, monkeypatch):
    pool = engine.create_pool(1)
    with monkeypatch.context() as patch:
        patch.setattr(type(engine), "create_context", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError), pool.context():
            pass
    with pool.context(0):
        pass


def test_a_closed_pool_lets_go_of_its_arenas(engine):
    pool = engine.create_pool(2)
    with pool.context() as busy, pool.context() as free:
        pass
    with pool.context() as busy:
        pool.close()
        assert busy.arena.nbytes == engine.arena_bytes
    assert (busy.arena.nbytes, free.arena.nbytes) == (0, 0)
    with pytest.raises(UsageError, match="closed"), pool.context():
        pass


def test_smaller_sizes_make_smaller_contexts(dynamic_model):
    engine = mi.compile(dynamic_model, dims={"n": mi.Range(1, 64)}, compiler="none")
    with engine.create_pool(1, n=4).context() as context:
        assert context.run(np.ones((4, 3), np.float32))["y"].shape == (4, 4)
        with pytest.raises(InputError, match="n = 5, which is not 1 to 4"):
            context.run(np.ones((5, 3), np.float32))


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None, "2"])
def test_a_pool_has_a_number_of_contexts(engine, size):
    with pytest.raises(UsageError, match="a pool of"):
        engine.create_pool(size)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_what_runs_in_its_parent(engine, x):
    pool = engine.create_pool(1)
    with pool.context():
        child = os.fork()
        if not child:  # pragma: no cover - in the child
            with pool.context(5) as context:
                os._exit(0 if context.run({"x": x})["y"].shape == (1, 5) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
