import io

import pytest

from mini_infer.cli import progress
from mini_infer.cli.progress import watched


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by a second at every look."""
    now = iter(range(10**6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))


@pytest.mark.usefixtures("clock")
def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    assert list(watched("abcd", 4, "letters")) == list("abcd")
    drawn = terminal.getvalue()
    assert "[#######.......................] 1/4, 6 s left, letters" in drawn
    assert drawn.endswith("\r\x1b[K")


@pytest.mark.usefixtures("clock")
def test_nothing_elsewhere(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(progress.sys, "stderr", stream)
    assert list(watched("abcd", 4, "letters")) == list("abcd")
    assert stream.getvalue() == ""


def test_what_is_quick_needs_no_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    assert len(list(watched(range(50), 50, "numbers"))) == 50
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("clock")
def test_the_bar_goes_when_the_loop_breaks(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    letters = watched("abcd", 4, "letters")
    assert next(letters) + next(letters) == "ab"
    letters.close()
    assert terminal.getvalue().endswith("\r\x1b[K")
