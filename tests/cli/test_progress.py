import io
import time

import pytest

from mini_infer import stages
from mini_infer.cli import progress
from mini_infer.cli.progress import watched


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def able(monkeypatch):
    """A terminal that obeys escape sequences, wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")


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
    assert "[#######.......................] 1/4, 3 s left, letters" in drawn
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


def test_stages_are_shown_and_cleared(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_DELAY", 0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    level = stages.LOGGER.level
    with progress.of_stages(0):
        with stages.stage("placing 7 buffers"):
            time.sleep(0.05)
        assert terminal.getvalue().endswith("\r\x1b[K")
        for done in range(3):
            stages.say("compiling C", done, 3)
            time.sleep(0.05)
    drawn = terminal.getvalue()
    assert "placing 7 buffers, 0 s" in drawn
    assert "[####################..........] 2/3, 0 s left, compiling C" in drawn
    assert drawn.endswith("\r\x1b[K")
    assert (stages.LOGGER.handlers, stages.LOGGER.level) == ([], level)


@pytest.mark.parametrize("verbosity", [-1, 1, 2])
def test_no_line_beside_messages(monkeypatch, verbosity):
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    with progress.of_stages(verbosity):
        assert stages.LOGGER.handlers == []
