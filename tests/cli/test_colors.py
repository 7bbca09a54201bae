import io
import re

import pytest

from mini_infer.cli import colors
from mini_infer.cli.colors import BOLD, FAINT, GREEN, PLAIN, RED, YELLOW, paint

TEXT = """net.onnx
6 steps: 5 native, 1 interpreted

peak: 12 bytes
  offset  size
       0    12
lower bound  12  optimal: no plan is smaller
arena 3.4 % above it

onnxruntime: FAILED (atol 1e-05)
"""


def test_headings_titles_and_verdicts():
    lines = paint(TEXT).splitlines()
    assert lines[0] == f"{BOLD}net.onnx{PLAIN}"
    assert lines[1] == f"6 steps: 5 native, {YELLOW}1 interpreted{PLAIN}"
    assert lines[3] == f"{BOLD}peak: 12 bytes{PLAIN}"
    assert lines[4] == f"{FAINT}  offset  size{PLAIN}"
    assert lines[5] == "       0    12"
    assert lines[6].endswith(f"{GREEN}optimal: no plan is smaller{PLAIN}")
    assert lines[7] == f"arena {YELLOW}3.4 % above it{PLAIN}"
    assert lines[9] == f"onnxruntime: {RED}FAILED{PLAIN} (atol 1e-05)"


def test_only_colors_are_added():
    assert re.sub(r"\x1b\[\d+m", "", paint(TEXT)) == TEXT


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "painted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colors_where_they_are_wanted(monkeypatch, lenet, stream, environment, painted):
    from mini_infer.cli import main

    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"WT_SESSION": "1", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", stream)
    assert main(["plan", lenet.model, "--width=80"]) == 0
    assert colors.wanted() is painted
    assert ("\x1b[" in stream.getvalue()) is painted
    assert "lenet5.onnx" in stream.getvalue()


def test_json_has_no_colors(monkeypatch, lenet):
    from mini_infer.cli import main

    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["plan", lenet.model, "--json"]) == 0
    assert "\x1b[" not in stream.getvalue()
