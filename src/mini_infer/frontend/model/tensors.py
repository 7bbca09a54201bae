"""Tensors of a model as arrays, wherever their bytes lie; external data only from inside the model's folder."""

import math
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import onnx
from onnx import numpy_helper

from mini_infer.errors import CapacityError, ModelError

LIMIT = 2**31
"""Bytes: protobuf's own. No message of 2 GiB or more can be parsed."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a model's external data may lie.

    Parameters
    ----------
    path
        The folder that the model was named in: locations are relative to it.
    real
        The folder of the file that the model's name leads to, the same unless that is a link. Files right there are
        the model's as well when links in `path` lead to them: Hugging Face's cache has a model and its data as links
        into one folder of blobs.
    """

    path: Path
    real: Path

    @classmethod
    def of(cls, model: Path) -> "Folder":
        """Of a model's file."""
        return cls(model.parent, Path(os.path.realpath(model)).parent)


_TOKEN = 16
"""Bytes that no model can guess, so that none of its own tensors is taken for a key."""


@dataclass(frozen=True, slots=True)
class Data:
    """Where the values of a model's tensors are: in their messages, in files of a folder, or detached.

    The message of a detached tensor is one of a few bytes, the key to its values. onnx's checker, inliner and converter
    carry it along; onnx's inference must not see it.
    """

    folder: Folder | None
    detached: dict[bytes, np.ndarray] = field(default_factory=dict)
    token: bytes = field(default_factory=partial(secrets.token_bytes, _TOKEN))

    def detach(self, tensor: onnx.TensorProto) -> None:
        """Keep a tensor's values here, and leave in the message what finds them."""
        array, name = to_array(tensor, self), tensor.name
        key = self.token + len(self.detached).to_bytes(8, "little")
        self.detached[key] = array
        tensor.CopyFrom(numpy_helper.from_array(np.frombuffer(key, np.uint8), name))

    def find(self, tensor: onnx.TensorProto) -> np.ndarray | None:
        """A detached tensor's values; none for any other."""
        is_key = tensor.data_type == onnx.TensorProto.UINT8 and tensor.dims == [_TOKEN + 8] and self.detached
        return self.detached.get(tensor.raw_data) if is_key else None


def to_array(tensor: onnx.TensorProto, data: Data) -> np.ndarray:
    """A dense tensor's values.

    Raises
    ------
    ModelError
        When its bytes are missing, not as many as its shape needs, or outside the model's folder.
    """
    if any(dim < 0 for dim in tensor.dims):
        raise ModelError(f"tensor {tensor.name!r} has the shape {list(tensor.dims)}, which is none")
    if (known := data.find(tensor)) is not None:
        return known
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        internalise(tensor, data.folder)
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError) as error:
        shape = list(tensor.dims)
        raise ModelError(f"tensor {tensor.name!r} of shape {shape} has wrong data: {error}") from error


def dense(sparse: onnx.SparseTensorProto, data: Data) -> np.ndarray:
    """A sparse tensor's values, zeros filled in.

    Raises
    ------
    ModelError
        When its values or indices do not fit its shape.
    CapacityError
        When it would be larger than what a model's file can hold.
    """
    values, indices = to_array(sparse.values, data), to_array(sparse.indices, data)
    name, dims = sparse.values.name, tuple(sparse.dims)
    if any(dim < 0 for dim in dims) or indices.ndim not in (1, 2):
        raise ModelError(f"sparse tensor {name!r} has the shape {list(dims)} and indices of {list(indices.shape)}")
    if math.prod(dims) * values.dtype.itemsize >= LIMIT:
        raise CapacityError(f"sparse tensor {name!r} of shape {list(dims)} is too large to be filled with zeros")
    result = np.zeros(dims, values.dtype)
    try:
        if indices.ndim == 1:
            result.reshape(-1)[indices] = values
        else:
            result[tuple(indices.T)] = values
    except (IndexError, ValueError) as error:
        raise ModelError(f"sparse tensor {name!r} has wrong indices: {error}") from error
    return result


def nested_tensors(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    """The tensors in the attributes of nodes, and in nested graphs."""
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("g"):
                yield from attribute.g.initializer
                yield from nested_tensors(attribute.g.node)


def internalise(tensor: onnx.TensorProto, folder: Folder | None) -> None:
    """Fetch the bytes of an external tensor into the message.

    Raises
    ------
    ModelError
        When they are missing, too few, or outside `folder`.
    """
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    path = _confined(tensor.name, location, folder)
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
    except ValueError as error:
        raise ModelError(f"tensor {tensor.name!r}: its external data has no integer offset or length") from error
    try:
        if not path.is_file() and path.exists():
            raise ModelError(f"tensor {tensor.name!r}: {location!r} is not a file")
        size = path.stat().st_size
        length = max(size - offset, 0) if length < 0 else length
        if offset < 0 or offset + length > size:
            raise ModelError(
                f"tensor {tensor.name!r} needs bytes [{offset}, {offset + length}) of {location!r}, which has {size}"
            )
        with path.open("rb") as file:
            file.seek(offset)
            tensor.raw_data = file.read(length)
    except OSError as error:
        raise ModelError(f"tensor {tensor.name!r}: {location!r} cannot be read: {error.strerror or error}") from error
    tensor.data_location = onnx.TensorProto.DEFAULT
    tensor.ClearField("external_data")


def _confined(name: str, location: str | bytes, folder: Folder | None) -> Path:
    """The file at `location`, which must lie in `folder` however it is spelt and wherever links lead."""
    if not isinstance(location, str):  # protobuf gives bytes for what is no UTF-8
        raise ModelError(f"tensor {name!r} has external data at {location!r}, which is no text")
    if folder is None:
        raise ModelError(f"tensor {name!r} has external data at {location!r}: give the model as a path, not as bytes")
    outside = f"tensor {name!r} has external data at {location!r}, which is outside the model's folder"
    for spelling in (PurePosixPath(location), PureWindowsPath(location)):
        if spelling.is_absolute() or spelling.drive or ".." in spelling.parts:
            raise ModelError(outside)
    if not location or "\0" in location:
        raise ModelError(f"tensor {name!r} has external data, but no location for it")
    root = os.path.realpath(folder.path)
    path = Path(os.path.realpath(folder.path / location))
    if os.path.commonpath([root, path]) != root and path.parent != folder.real:
        there = f"a link leads to {str(path.parent)!r}, while the model itself lies in {str(folder.real)!r}"
        raise ModelError(f"{outside}: {there}; copy the file beside the model")
    return path
