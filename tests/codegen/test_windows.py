"""Which tiles of windows are clipped alike: against every tile by itself, and where there are too many to look at."""

import itertools

import numpy as np

from mini_infer.codegen.contraction.windows import never_clipped, segments
from mini_infer.program.kernels import Axis


def some_axes(count):
    generator = np.random.default_rng(0)
    for _ in range(count):
        given, output, kernel, stride, dilation, pad = (int(n) for n in generator.integers(1, [40, 40, 6, 4, 4, 9]))
        yield Axis(given, output, kernel, stride, dilation, pad - 1, 1, 1), int(generator.integers(1, 9))


def there(axis, output):
    return [k for k in range(axis.kernel) if axis.reads(output, k)]


def test_stretches_cover_every_output_with_the_elements_that_exist():
    for axis, wide in some_axes(500):
        cut = segments(axis, axis.output, wide)
        outputs = []
        for part in cut:
            for tile in range(part.tiles):
                start = part.start + tile * wide
                for output in range(part.width):
                    runs = [run for run in part.runs if run.low <= output < run.high]
                    assert [k for run in runs for k in range(run.start, run.stop)] == there(axis, start + output)
                    outputs.append(start + output)
        assert outputs == list(range(axis.output))
        assert all((a.width, a.runs) != (b.width, b.runs) for a, b in itertools.pairwise(cut))


def test_groups_that_have_only_whole_windows():
    for axis, together in some_axes(500):
        groups = [
            group
            for group in range(axis.output // together)
            if all(len(there(axis, group * together + each)) == axis.kernel for each in range(together))
        ]
        assert list(never_clipped(axis, together)) == groups


def test_more_outputs_than_anybody_could_look_at():
    axis = Axis(1 << 36, 1 << 36, 3, 1, 1, 1, 1, 1)
    assert [(part.start, part.tiles) for part in segments(axis, axis.output, 16)] == [
        (0, 1),
        (16, (1 << 32) - 2),
        ((1 << 36) - 16, 1),
    ]
