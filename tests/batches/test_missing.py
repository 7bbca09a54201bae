import importlib
import sys

import pytest

from mini_infer.errors import MissingPackageError


def test_beam_is_answered_with_its_pip_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    for name in [name for name in sys.modules if name.startswith(("apache_beam.", "mini_infer.beam"))]:
        monkeypatch.delitem(sys.modules, name)
    module = importlib.import_module("mini_infer.beam")
    with pytest.raises(MissingPackageError, match=r'apache_beam.*pip install "mini-infer-engine\[beam\]"'):
        module.ModelHandler  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'Handler'"):
        module.Handler  # noqa: B018


def test_so_is_spark(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    for name in [name for name in sys.modules if name.startswith("pyspark.")]:
        monkeypatch.delitem(sys.modules, name)
    from mini_infer.spark import predict_batch_udf

    with pytest.raises(MissingPackageError, match=r'pyspark.*pip install "mini-infer-engine\[spark\]"'):
        predict_batch_udf("net.engine")
