import pytest

import mini_infer as mi
from mini_infer.codegen import generate


@pytest.fixture(scope="module")
def engine():
    from mini_infer.demo import assets

    return mi.compile(assets.MODEL, compiler="none")


def test_segments_are_as_long_as_they_can_be(engine):
    (segment,) = generate(engine.program, engine.plan, engine.target.machine).segments
    assert (segment.start, segment.end) == (0, len(engine.program.steps))


def test_stepwise_every_step_has_its_own(engine):
    segments = generate(engine.program, engine.plan, engine.target.machine, stepwise=True).segments
    assert [(segment.start, segment.end) for segment in segments] == [
        (step, step + 1) for step in range(len(engine.program.steps))
    ]
    views = [not step.calls for step in engine.program.steps]
    assert [segment.symbol is None for segment in segments] == views
