"""A slice of `scripts/differential`: every family a few times, in the ways that this machine runs."""

import numpy as np
import pytest

import mini_infer
from harness import ball, campaign, check, ways
from harness.families import FAMILIES, control, dated, make
from harness.reduce import reduced
from harness.script import script

SEED = 20
EACH = 2
"""Instances of each family."""
KNOWN: dict[tuple[str, int], str] = {}
"""(family, seed) of what is not right yet, and why."""


@pytest.fixture(autouse=True)
def _quietly():
    with np.errstate(all="ignore"):
        yield


def _models():
    """The models; a family's later instances are slow."""
    apart = [list(control.FAMILIES), *([name] for name in dated.FAMILIES)]
    groups = [[name for name in FAMILIES if not any(name in group for group in apart)], *apart]
    for group in groups:
        batches = [*campaign.batches(EACH * len(group), SEED, group)]
        quick = max(1, len(batches) // EACH)
        for index, batch in enumerate(batches):
            name = f"{batch.members[0][0]}{batch.number}"
            yield pytest.param(batch, id=name, marks=[pytest.mark.slow] if index >= quick else [])


@pytest.mark.parametrize("batch", [*_models()])
@pytest.mark.filterwarnings("ignore")
def test_no_instance_is_wrong(batch):
    chosen = (ways.DEFAULT, ways.INTERPRETED[batch.number % len(ways.INTERPRETED)])
    found = campaign.examine(batch, None, chosen)
    found = [one for one in found if (one.family, one.seed) not in KNOWN]
    assert not found, "\n".join(f"{one.family} {one.seed}: {one.fault.kind}: {one.fault.text}" for one in found)


def test_the_same_seed_draws_the_same():
    one, other = make("chain-image", 5), make("chain-image", 5)
    assert one.nodes == other.nodes
    assert all(np.array_equal(one.arrays()[name], other.arrays()[name]) for name in one.arrays())


def test_decisions_draw_the_same_again():
    one = make("conv", 9)
    assert make("conv", 9, one.draw.taken).nodes == one.nodes


def test_exact_numbers_must_be_met_exactly():
    want = ball.bilinear(np.matmul, ball.known(np.ones((1, 9), "float32")), ball.known(np.ones((9, 1), "float32")), 9)
    assert not check.difference(np.array([[9]], "float32"), want)
    assert "right value" in check.difference(np.nextafter(np.array([[9]], "float32"), np.float32(10)), want)


def test_a_fault_becomes_small_and_a_program(monkeypatch):
    monkeypatch.setattr(check, "difference", lambda got, _want: "too long" if np.asarray(got).size > 3 else "")
    one = make("unary", 3)
    found = reduced("unary", 3, one.version, one.draw.taken, ways.INTERPRETED[0], None, 20)
    assert found is not None
    smallest, fault = found
    assert 3 < smallest.values[smallest.outputs[0]].value.size <= one.values[one.outputs[0]].value.size
    namespace: dict = {}
    exec(script(smallest, fault), namespace)  # noqa: S102 - it is to run
    assert set(namespace["got"]) == set(smallest.outputs)


def test_in_pieces_what_has_rows_streams():
    way = ways.Way(native=False, pieces=True)
    model, _ = check.model_of([make("chain-rows", 9)])
    with way.applied():
        program = mini_infer.build(model, options=way.options()).program
    assert any(step.stream for step in program.steps)
