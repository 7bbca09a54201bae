"""The table of operators is what the registry says."""

import runpy
from pathlib import Path

import onnx
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_table_is_up_to_date():
    written = (ROOT / "docs" / "operators.md").read_text()
    if f"onnx {onnx.__version__}," not in written:
        pytest.skip(f"the table is for another version of onnx than {onnx.__version__}")
    script = runpy.run_path(str(ROOT / "scripts" / "operators"))
    assert written == script["table"](), "run scripts/operators"
