"""What a look says of a stream before it is made, against the stream that is made then."""

import itertools

import onnx
import pytest
from streamed import ALIGNMENT, options_for, program_of

from mini_infer.program import Turn
from mini_infer.streaming import Interval
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.fuse import streamed
from mini_infer.streaming.look import look

CONV = "Conv <pads = [1,1,1,1]>"
CHAIN = f"a = {CONV} (x, w) b = {CONV} (a, w) y = {CONV} (b, w)"
SKIP = f"a = {CONV} (x, w) b = {CONV} (a, w) c = Add (a, b) y = {CONV} (c, w)"
STRIDE = f"a = {CONV} (x, w) y = Conv <pads = [1,1,1,1], strides = [2,2]> (a, w)"


def model(nodes):
    """A model of convolutions that keep the size of an image, but for the last one of STRIDE."""
    weights, last = ",".join(["1"] * 4 * 4 * 9), "16,8" if nodes == STRIDE else "32,16"
    return onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["": 17]> g (float[1,4,32,16] x) => (float[1,4,{last}] y)
        <float[4,4,3,3] w = {{{weights}}}> {{ {nodes} }}"""
    )


@pytest.mark.parametrize("bands", [4, 8, 16, 32])
@pytest.mark.parametrize("nodes", [CHAIN, SKIP, STRIDE], ids=["chain", "skip", "stride"])
def test_bytes_that_rings_move_are_known_before(nodes, bands):
    options = options_for()
    program = program_of(model(nodes), options)
    estimator = Estimator(program, options.built_for.machine, ALIGNMENT)
    steps, members = (0, len(program.steps)), (0, len(estimator.accesses.members))
    facts = estimator.facts._replace(rates=0 * estimator.facts.rates, moved=1.0)
    moved = look(estimator.flat, facts, steps, members, bands, 0)[3]
    made = streamed(program, estimator.accesses, estimator.flat, [Interval(*steps, bands)], ALIGNMENT)
    (stream,) = (step.stream for step in made.steps if step.stream is not None)
    turned = [stream.rings[run.ring] for run in stream.runs if isinstance(run, Turn)]
    assert turned
    moved_bytes = sum(ring.apron * ring.row for ring in turned)
    last = sum(ring.apron * ring.row for ring in {ring.id: ring for ring in turned}.values())
    assert moved_bytes <= round(moved[0]) <= moved_bytes + last  # that of a ring's end may be saved
    assert all(more > less for more, less in itertools.pairwise(moved))
