"""Runs of a stream: each has the kernel of its own rows, though those that lie alike are made once."""

from hypothesis import given
from hypothesis import strategies as st
from stream_models import random_model, random_tokens
from streamed import longest_interval, options_for, program_of, with_streams

from examples import examples
from mini_infer.program.pieces import Piece, pieces


@examples(60)
@given(
    seed=st.integers(0, 2**32 - 1),
    bands=st.sampled_from([2, 3, 7, 1000]),
    goal=st.sampled_from(["memory", "balanced", "speed"]),
)
def test_each_run_has_the_kernel_of_its_rows(seed, bands, goal):
    model = (random_tokens if seed % 4 == 1 else random_model)(seed, 6 + seed % 20)
    options = options_for(goal)
    program = program_of(model, options)
    made = with_streams(program, [longest_interval(program, bands)], options)
    (step,) = [step for step in made.steps if step.stream is not None]
    runs = [piece for piece in pieces(step.calls, step.stream) if isinstance(piece, Piece)]
    for piece in runs:
        kernel = step.calls[piece.run.call].kernel
        whole = kernel.bands() is None
        assert piece.kernel == (kernel if whole else kernel.band(piece.run.first, piece.run.rows))
