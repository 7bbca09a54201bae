"""A kernel's items are independent: any ranges of them, in any order, give the same result."""

import re
from dataclasses import replace

import driver
import numpy as np
import pytest
from driver import Case, check
from onnx import helper

CALL = re.compile(r"^  (\w+)\((.*), 0, (\d+)\);$", re.MULTILINE)


@pytest.mark.slow
def test_items_in_two_ranges_the_second_first(monkeypatch):
    generate, splits = driver.generate, []

    def in_two_ranges(*arguments, **options):
        source = generate(*arguments, **options)
        files = {}
        for name, text in source.files.items():
            files[name], count = CALL.subn(r"  \1(\2, \3 / 3, \3); \1(\2, 0, \3 / 3);", text)
            splits.append(count)
        return replace(source, files=files)

    monkeypatch.setattr(driver, "generate", in_two_ranges)
    rng = np.random.default_rng(0)

    def tensor(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    weights = frozenset({1})
    padded = {"pads": [1, 1, 1, 1]}
    last = [helper.make_node("Transpose", ["x0"], ["p"], perm=(0, 3, 1, 2))]
    back = [helper.make_node("Transpose", ["q"], ["y0"], perm=(0, 2, 3, 1))]
    convolved = helper.make_node("Conv", ["p", "x1"], ["q"], **padded)
    grouped = helper.make_node("Conv", ["p", "x1"], ["q"], group=24, **padded)
    pooled = [
        helper.make_node("Conv", ["p", "x1"], ["c"], **padded),
        helper.make_node("MaxPool", ["c"], ["q"], kernel_shape=[2, 2], strides=[2, 2]),
    ]
    mean = helper.make_node("GlobalAveragePool", ["p"], ["q"])
    cases = [
        Case("Conv", [tensor(2, 5, 9, 9), tensor(40, 5, 3, 3)], padded, constants=weights),
        Case("Conv", [tensor(2, 5, 9, 9), tensor(7, 5, 3, 3)], padded),
        Case("Conv", [tensor(2, 9, 9, 24), tensor(24, 1, 3, 3)], body=[*last, grouped, *back], constants=weights),
        Case("Conv", [tensor(1, 9, 8, 6), tensor(20, 6, 3, 3)], body=[*last, *pooled, *back], constants=weights),
        # by Winograd's method: a call for each half, and one with chunks
        Case("Conv", [tensor(2, 8, 8, 32), tensor(32, 32, 3, 3)], body=[*last, convolved, *back], constants=weights),
        Case("Conv", [tensor(1, 24, 24, 32), tensor(32, 32, 3, 3)], body=[*last, convolved, *back], constants=weights),
        Case("Conv", [tensor(1, 6, 2000), tensor(20, 6, 3)], {"pads": [1, 1]}, constants=weights),
        Case("GlobalAveragePool", [tensor(2, 5, 7, 300)], body=[*last, mean, *back]),
        Case("MatMul", [tensor(3, 20, 30), tensor(30, 100)], constants=weights),
        Case("MatMul", [tensor(3, 20, 30), tensor(3, 30, 100)]),
        Case("MatMul", [tensor(7, 30).astype(np.float64), tensor(30, 9).astype(np.float64)]),
        Case("MaxPool", [tensor(2, 5, 9, 9)], {"kernel_shape": [3, 3], **padded}),
    ]
    check(cases, rtol=1e-4, atol=1e-4)
    assert sum(splits) >= len(cases)
