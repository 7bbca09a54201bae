from dataclasses import replace

from mini_infer.codegen.contraction.plain_contraction import emit_plain_contraction
from mini_infer.ir import DType
from mini_infer.machine import GENERIC
from mini_infer.program.kernels import Axis
from mini_infer.program.kernels.contraction.plain_contraction import Loop, PlainContraction


def test_axes_are_told_apart_by_their_place():
    """Also where two are the very same object."""
    axis = Axis(5, 5, 3, 1, 1, 1, 1, 1)
    apart = PlainContraction(
        (Loop(1, (25, 0), 25),),
        (),
        DType.FLOAT64,
        DType.FLOAT64,
        (0, 0),
        axes=(axis, replace(axis)),
        windows=(3, 1),
    )
    same = replace(apart, axes=(axis, axis))
    assert same == apart
    assert emit_plain_contraction(same, GENERIC).text == emit_plain_contraction(apart, GENERIC).text
