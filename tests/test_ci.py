"""CI does what the README tells a newcomer to do."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("command", ["python3 scripts/demo", "python3 scripts/test"])
def test_ci_runs_the_readmes_commands(command):
    assert f"\n$ {command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\n{command}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
