import numpy as np
import onnx
import pytest

from mini_infer.cli import main
from mini_infer.demo.example import example


def test_the_examples_network_is_written_with_its_input(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    assert main(["demo", "--save-model", str(path)]) == 0
    assert "x.npy" in capsys.readouterr().out
    model, x = example()
    assert onnx.load(path) == model
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), x)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["net.onnx", "x.npy"]


@pytest.mark.parametrize("place", ["missing/net.onnx", "."])
def test_where_nothing_can_be_written(place, tmp_path, capsys):
    assert main(["demo", "--save-model", str(tmp_path / place)]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1
