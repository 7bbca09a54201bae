import logging
import sys

import pytest

import mini_infer as mi
from mini_infer.errors import UsageError
from mini_infer.quantization.library import first_line, quiet


def test_without_onnxruntime(lenet, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UsageError, match=r"^quantizing needs onnxruntime, .*: pip install onnxruntime sympy$"):
        mi.quantize(lenet.model, lenet.samples)


def test_tools_are_quiet_and_logging_is_as_it_was(capfd, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    with quiet():
        sys.stdout.write("how it goes\n")
        logging.warning("please consider")  # noqa: LOG015 - as onnxruntime does
    assert root.handlers == []
    sys.stdout.write("said\n")
    assert tuple(capfd.readouterr()) == ("said\n", "")


def test_quiet_leaves_a_listener_what_is_logged(caplog):
    with quiet():
        logging.warning("please consider")  # noqa: LOG015 - as onnxruntime does
    assert caplog.messages == ["please consider"]


def test_the_first_line_of_an_error_or_its_kind():
    assert first_line(RuntimeError("\n node: no such thing\nat line 3")) == "node: no such thing"
    assert first_line(KeyError()) == "KeyError"
