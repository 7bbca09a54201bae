from mini_infer.lowering.contraction.spatial import merged
from mini_infer.program.kernels import Axis

LONG = Axis(input=512, output=508, kernel=5, stride=1, dilation=1, pad=0, x_stride=64, y_stride=32)
SINGLE = Axis(input=1, output=1, kernel=1, stride=1, dilation=1, pad=0, x_stride=64, y_stride=32)


def test_axes_of_one_element_are_dropped_beside_others():
    assert merged((LONG, SINGLE)) == merged((SINGLE, LONG)) == (LONG,)
    assert merged((SINGLE, SINGLE)) == (SINGLE,)


def test_a_padded_axis_of_one_element_stays():
    padded = Axis(input=1, output=1, kernel=3, stride=1, dilation=1, pad=1, x_stride=64, y_stride=32)
    assert merged((LONG, padded)) == (LONG, padded)
