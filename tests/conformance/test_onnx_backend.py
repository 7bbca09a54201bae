"""The ONNX backend suite against a ratchet: what passed may not fail, what ran natively may not be interpreted.

`python tests/conformance/test_onnx_backend.py` runs the suite and writes the ratchet anew.
"""

import json
import sys
import zlib
from pathlib import Path

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from suite import Status, run_suite

RATCHET = Path(__file__).with_name("ratchet.json")


PARTS = 8
"""Into which the suite is cut, for processes that test at once."""


def part_of(name: str) -> int:
    """The part to which the case of this name belongs, in the suite and in the ratchet."""
    return zlib.crc32(name.encode()) % PARTS


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_case_got_worse(part):
    expected = json.loads(RATCHET.read_text())
    if expected["onnx"] != onnx.__version__:
        pytest.skip(f"the ratchet is for onnx {expected['onnx']}; this is {onnx.__version__}")
    statuses, errors = run_suite(lambda name: part_of(name) == part)
    worse = {
        name: errors.get(name, "interpreted now")
        for level in (Status.PASSED, Status.NATIVE)
        for name in expected[level.name.lower()]
        if part_of(name) == part and statuses.get(name, Status.FAILED) < level
    }
    assert not worse, "\n".join(f"{name}: {text[:300]}" for name, text in worse.items())


def summary(statuses: dict[str, Status]) -> str:
    """One line: how many passed, and how many of those natively."""
    passed = sum(status >= Status.PASSED for status in statuses.values())
    native = sum(status is Status.NATIVE for status in statuses.values())
    return (
        f"ONNX backend suite (onnx {onnx.__version__}): {passed} of {len(statuses)} cases pass, {native} fully native"
    )


if __name__ == "__main__":
    results, problems = run_suite()
    record = {
        "onnx": onnx.__version__,
        **{
            level.name.lower(): sorted(name for name, status in results.items() if status is level)
            for level in (Status.NATIVE, Status.PASSED, Status.FAILED)
        },
    }
    RATCHET.write_text(json.dumps(record, indent=1) + "\n")
    for name, text in problems.items():
        print(f"{name}: {text[:200]}".replace("\n", " "))
    print(summary(results))
