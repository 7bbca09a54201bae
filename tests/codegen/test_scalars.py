"""Numbers in C."""

import numpy as np
import pytest

from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.1, DType.FLOAT32, "0.10000000149011612f"),
        (0.1, DType.FLOAT64, "0.1"),
        (-2.0, DType.FLOAT16, "-2.0f"),
        (1e300, DType.FLOAT64, "1e+300"),
        (1e300, DType.FLOAT32, "__builtin_inff()"),  # what float32 holds of it
        (-1e300, DType.FLOAT32, "-__builtin_inff()"),
        (np.inf, DType.FLOAT64, "__builtin_inff()"),
        (np.nan, DType.FLOAT32, '__builtin_nanf("")'),
        (-(2**63), DType.INT64, "INT64_MIN"),
        (2**64 - 1, DType.UINT64, "18446744073709551615ULL"),
    ],
)
def test_a_number_reads_back_as_itself(value, dtype, text):
    assert literal(value, dtype) == text
