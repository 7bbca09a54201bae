"""Along which dimension requests are joined, and along which not."""

from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")

from mini_infer.ir import DType, TensorType
from mini_infer.ir.dims import Symbol
from mini_infer.serve.models import rows_of

BATCH = Symbol("batch", 1, 8, typical=8)
EVEN = Symbol("batch", 2, 8, 2, typical=8)
OTHER = Symbol("h", 1, 5, typical=5)


def engine(*firsts):
    """An engine of which inputs and outputs begin with these; the last one is the output's."""
    kinds = [TensorType(DType.FLOAT32, (first, 3)) for first in firsts]
    ports = [SimpleNamespace(bound=None) for _ in kinds]
    return SimpleNamespace(
        inputs=dict(enumerate(kinds[:-1])),
        outputs=dict(enumerate(kinds[-1:])),
        interface=SimpleNamespace(inputs=ports[:-1], outputs=ports[-1:]),
        variants=[None],
    )


@pytest.mark.parametrize(
    ("firsts", "rows"),
    [
        ([BATCH.dim, BATCH.dim], 8),
        ([BATCH.dim, BATCH.dim, BATCH.dim], 8),
        ([OTHER.dim, OTHER.dim], 1),  # has another name
        ([BATCH.dim, OTHER.dim, BATCH.dim], 1),
        ([BATCH.dim, 4], 1),
        ([4, 4], 1),
        ([EVEN.dim, EVEN.dim], 1),  # not every sum is a size
        ([2 * BATCH.dim, 2 * BATCH.dim], 1),
        ([BATCH.dim + 1, BATCH.dim + 1], 1),
        ([BATCH.dim * OTHER.dim, BATCH.dim * OTHER.dim], 1),
        ([BATCH.dim, BATCH.dim * OTHER.dim], 1),
        ([(BATCH.dim + 1) // 2, (BATCH.dim + 1) // 2], 1),
    ],
    ids=str,
)
def test_rows_are_those_of_a_symbol_of_that_name(firsts, rows):
    assert rows_of(engine(*firsts), "batch") == rows
