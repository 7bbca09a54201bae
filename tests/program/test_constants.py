"""The constant block: each weight packed once, straight into it."""

import numpy as np

from mini_infer import compiler
from mini_infer.demo import assets
from mini_infer.program import Packing, gather


def test_weights_are_packed_once_however_often_a_model_is_lowered(monkeypatch):
    packed = []

    def pack(self, tensor):
        packed.append(self)
        return original(self, tensor)

    original = Packing.pack
    monkeypatch.setattr(Packing, "pack", pack)
    program = compiler.lower(assets.MODEL, compiler.Options(optimize="memory")).program
    assert not packed
    (bound,), block = gather([program])
    assert packed == [constant.packing for constant in program.constants if isinstance(constant.packing, Packing)]
    assert len(packed) > 1
    for constant, loose in zip(bound.constants, program.constants, strict=True):
        assert np.shares_memory(constant.data, block)
        assert (constant.shape, constant.nbytes) == (loose.shape, loose.nbytes)
        np.testing.assert_array_equal(constant.data, loose.data)
        np.testing.assert_array_equal(constant.original, loose.original)


def test_programs_share_equal_constants():
    program = compiler.lower(assets.MODEL, compiler.Options()).program
    again = compiler.lower(assets.MODEL, compiler.Options()).program
    _, alone = gather([program])
    _, both = gather([program, again])
    assert alone.nbytes == both.nbytes
