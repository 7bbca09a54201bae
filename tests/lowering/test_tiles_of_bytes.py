"""Register tiles of 8-bit convolutions where there are no vectors."""

import pytest
from quantized_models import convolutions

from mini_infer import compiler
from mini_infer.export import stand_in
from mini_infer.machine import MACHINES
from mini_infer.program.kernels import TiledContraction


@pytest.mark.parametrize(
    ("machine", "tiles"), [("cortex-m0plus", [(1, 2), (3, 1), (1, 2)]), ("cortex-m3", [(2, 2), (2, 2), (2, 2)])]
)
def test_sums_leave_registers_for_numbers(machine, tiles):
    """Of eight registers: three rows where a window's row has many numbers, two columns elsewhere."""
    program = compiler.build(convolutions(), target=stand_in(MACHINES[machine]), optimize="speed").program
    kernels = [call.kernel for step in program.steps for call in step.calls]
    found = [(each.tile.rows, each.tile.block) for each in kernels if isinstance(each, TiledContraction)]
    assert found == tiles
