"""Which convolutions Winograd's method gets."""

import math

import pytest
from machines import WIDTHS

from mini_infer.ir import Graph
from mini_infer.lowering.builder import Builder, ConstantPool
from mini_infer.lowering.contraction import winograd
from mini_infer.objective import OBJECTIVES, Preference
from mini_infer.program.kernels import Axis, Batch, ContractionShape


def _shape(channels, outputs, side, kernel=3, stride=1):
    axes = tuple(
        Axis(side, side // stride, kernel, stride, 1, kernel // 2, x_stride, y_stride)
        for x_stride, y_stride in ((side * channels, side // stride * outputs), (channels, outputs))
    )
    batch = Batch(1, side**2 * channels, 0, (side // stride) ** 2 * outputs)
    return ContractionShape(channels, outputs, axes, 1, 1, (batch,))


def _choose(shape, pool=(1, 1), *, machine=WIDTHS[64], goal="balanced", threads=1, room=1 << 30):
    graph = Graph("none", (), (), (), {}, {})
    pool_of_constants, preference = ConstantPool(graph), Preference(OBJECTIVES[goal])
    build = Builder(graph, machine, {}, pool_of_constants, 0, threads=threads, preference=preference, room=room)
    return winograd.choose(shape, pool, build)


@pytest.mark.parametrize("machine", WIDTHS.values(), ids=str)
@pytest.mark.parametrize(("channels", "outputs", "side"), [(16, 64, 55), (64, 64, 56), (128, 128, 28), (256, 256, 56)])
def test_large_images_pay_for_large_weights(channels, outputs, side, machine):
    assert _choose(_shape(channels, outputs, side), machine=machine).size == 4


@pytest.mark.parametrize(("channels", "side"), [(256, 14), (512, 14), (512, 7)])
def test_small_images_have_smaller_tiles(channels, side):
    assert _choose(_shape(channels, channels, side)).size == 2


def test_a_stride_of_two_is_for_speed():
    assert _choose(_shape(128, 128, 56, stride=2)) is None
    assert _choose(_shape(128, 128, 56, stride=2), goal="speed").size == 4
    assert _choose(_shape(512, 512, 14, stride=2), goal="speed") is None


def test_speed_has_weights_for_nothing():
    assert _choose(_shape(512, 512, 14), goal="speed").size == 4


@pytest.mark.parametrize("shape", [_shape(64, 64, 56, stride=4), _shape(64, 64, 56, kernel=5), _shape(2, 8, 4)])
def test_others_are_summed_plainly(shape):
    assert _choose(shape) is None


def test_memory_rules_it_out():
    assert _choose(_shape(64, 64, 56), goal="memory") is None


def test_a_pool_must_divide_the_tile():
    assert _choose(_shape(64, 64, 56), (2, 2)).size == 4
    assert _choose(_shape(64, 64, 57), (3, 3)) is None


@pytest.mark.parametrize(("channels", "side"), [(64, 224), (128, 28), (256, 28), (64, 55), (96, 23)])
def test_chunks_are_equal_and_stay_in_the_cache(channels, side):
    cut = _choose(_shape(channels, channels, side))
    assert math.prod(cut.grid) % cut.tiles == 0
    assert 4 * (cut.inputs + cut.products) <= 512 << 10


def test_threads_have_even_shares_of_the_same_tiles():
    alone, shared = (_choose(_shape(256, 256, 14), threads=threads) for threads in (1, 2))
    assert alone.chunks == 7
    assert shared.size == alone.size
    assert (shared.chunks if shared.chunks > 1 else shared.blocks) % 2 == 0


def test_workspace_stays_within_the_room():
    large = _choose(_shape(64, 64, 56))
    size = 4 * (large.inputs + large.products)
    small = _choose(_shape(64, 64, 56), room=size - 1)
    assert 4 * (small.inputs + small.products) < size
    assert _choose(_shape(64, 64, 56), room=1000) is None
    assert _choose(_shape(64, 64, 56), room=1000, goal="speed") is not None
