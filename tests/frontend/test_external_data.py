"""Weights outside the model's file: only from its folder."""

import numpy as np
import onnx
import pytest
from tiny_models import body, model, node, read, tensor

from mini_infer.errors import ModelError

WEIGHTS = np.arange(6, dtype=np.float32)


def external(location, tmp_path, **entries) -> onnx.ModelProto:
    """A model whose only weight lies at `location`."""
    proto = model([node("Add", "x w", "y")], [tensor("x", [6])], ["y"], {"w": WEIGHTS})
    make_external(proto.graph.initializer[0], location, **entries)
    path = tmp_path / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def make_external(weight, location, **entries):
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": str(location), **entries}.items():
        weight.external_data.add(key=key, value=str(value))


def test_read_from_the_models_folder(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w.bin").write_bytes(b"....." + WEIGHTS.tobytes() + b"more")
    graph = read(external("weights/w.bin", tmp_path, offset=5, length=24))
    np.testing.assert_array_equal(graph.constants["w"], WEIGHTS)


def test_length_defaults_to_the_rest_of_the_file(tmp_path):
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    np.testing.assert_array_equal(read(external("w.bin", tmp_path)).constants["w"], WEIGHTS)


def test_in_a_nested_graph(tmp_path):
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    branch = body([node("Add", "x w", "y")], [], ["y"], {"w": WEIGHTS})
    make_external(branch.initializer[0], "w.bin")
    proto = model(
        [node("If", "c", "z", then_branch=branch, else_branch=branch)],
        [tensor("x", [6]), tensor("c", [], onnx.TensorProto.BOOL)],
        ["z"],
    )
    path = tmp_path / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    taken = read(path).nodes[0].attributes["then_branch"]
    np.testing.assert_array_equal(taken.constants["w"], WEIGHTS)


@pytest.mark.parametrize("location", ["../w.bin", "a/../../w.bin", "..\\w.bin", "/etc/passwd", "C:\\w.bin", "C:w.bin"])
def test_not_from_outside(tmp_path, location):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(ModelError, match="outside the model's folder"):
        read(external(location, folder))


def test_not_through_a_link(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    (folder / "w.bin").symlink_to(tmp_path / "w.bin")
    with pytest.raises(ModelError, match=r"outside the model's folder: a link leads to .* copy the file beside"):
        read(external("w.bin", folder))


def cached(tmp_path):
    """The links of a model and its data, as Hugging Face's cache lays them out: into one folder of blobs."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "abc" / "onnx"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    external("w.bin", tmp_path).rename(blobs / "111")
    (blobs / "222").write_bytes(WEIGHTS.tobytes())
    (snapshot / "net.onnx").symlink_to("../../../blobs/111")
    return snapshot / "net.onnx", snapshot / "w.bin"


def test_links_into_the_folder_that_the_models_own_link_leads_to(tmp_path):
    path, data = cached(tmp_path)
    data.symlink_to("../../../blobs/222")
    np.testing.assert_array_equal(read(path).constants["w"], WEIGHTS)


@pytest.mark.parametrize("target", ["secret", "blobs/inner/secret", "snapshots/secret"])
def test_no_links_from_there_to_elsewhere(tmp_path, target):
    """Not above the blobs, not below them, not beside the snapshot; also not by a link among the blobs."""
    path, data = cached(tmp_path)
    (tmp_path / target).parent.mkdir(exist_ok=True)
    (tmp_path / target).write_bytes(WEIGHTS.tobytes())
    for link, to in ((data, tmp_path / target), (tmp_path / "blobs" / "333", tmp_path / target)):
        link.symlink_to(to)
        if link != data:
            data.unlink()
            data.symlink_to(link)
        with pytest.raises(ModelError, match="outside the model's folder"):
            read(path)


def test_missing_file(tmp_path):
    with pytest.raises(ModelError, match=r"tensor 'w': 'w.bin' cannot be read: No such file"):
        read(external("w.bin", tmp_path))


def test_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "w.bin").mkdir()
    with pytest.raises(ModelError, match=r"tensor 'w': 'w.bin' is not a file"):
        read(external("w.bin", tmp_path))


def test_too_few_bytes(tmp_path):
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(ModelError, match=r"tensor 'w' needs bytes \[8, 32\) of 'w.bin', which has 24"):
        read(external("w.bin", tmp_path, offset=8, length=24))


def test_not_as_many_bytes_as_the_shape_needs(tmp_path):
    (tmp_path / "w.bin").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(ModelError, match=r"tensor 'w' of shape \[6\] has wrong data"):
        read(external("w.bin", tmp_path, length=20))


def test_a_model_in_memory_has_no_folder(tmp_path):
    path = external("w.bin", tmp_path)
    with pytest.raises(ModelError, match="give the model as a path"):
        read(path.read_bytes())
