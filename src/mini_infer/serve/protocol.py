"""Open Inference Protocol v2: requests to arrays and arrays to answers, in JSON and with tensors in binary.

https://github.com/kserve/open-inference-protocol and Triton's `extension_binary_data`. Whatever is wrong in a request
is an `InputError`, which names the tensor.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from mini_infer.errors import InputError
from mini_infer.ir import Dim, TensorType, ValueType

DATATYPES: Mapping[str, str] = {
    "bool": "BOOL",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
}
"""NumPy's name of an element type → the protocol's."""

_NUMPY = {protocol: np.dtype(name).newbyteorder("<") for name, protocol in DATATYPES.items()}
_LARGEST_RANK = 64


@dataclass(frozen=True, slots=True)
class Request:
    """`feed` by input; `wanted` are outputs with whether each is to be binary."""

    id: str
    feed: dict[str, np.ndarray]
    wanted: tuple[tuple[str, bool], ...]


def parse(
    body: bytes, header_length: str | None, inputs: Mapping[str, ValueType], outputs: Mapping[str, Any]
) -> Request:
    """Read a request's body.

    Parameters
    ----------
    body, header_length
        The bytes, and what `Inference-Header-Content-Length` says of how many of them are JSON.
    inputs, outputs
        Of the model, by name.

    Raises
    ------
    InputError
        It is no request, or one for another model.
    """
    length = len(body)
    if header_length is not None:
        if not re.fullmatch(r"[0-9]{1,15}", header_length) or int(header_length) > len(body):
            raise InputError(f"Inference-Header-Content-Length is {header_length!r}; the body has {len(body)} bytes")
        length = int(header_length)
    head, binary = _object(body[:length]), memoryview(body)[length:]
    given = _listed(head, "inputs")
    if not isinstance(head.get("id", ""), str):
        raise InputError("the request's id is no text")
    feed: dict[str, np.ndarray] = {}
    at = 0
    for entry in given:
        name = _name(entry, inputs, "input")
        if name in feed:
            raise InputError(f"input {name!r} is given twice")
        size = _parameters(entry, name).get("binary_data_size")
        if size is None:
            feed[name] = _from_json(entry, name)
        else:
            if type(size) is not int or not 0 <= size <= len(binary) - at:
                raise InputError(f"input {name!r} has binary_data_size {size!r}; {len(binary) - at} bytes are left")
            feed[name] = _from_bytes(entry, name, binary[at : at + size])
            at += size
    if at != len(binary):
        raise InputError(f"{len(binary) - at} bytes behind the last tensor belong to none")
    for name, array in feed.items():
        _check_type(name, array, inputs[name])
    if missing := [name for name in inputs if name not in feed]:
        raise InputError(f"input {missing[0]!r} is missing")
    return Request(head.get("id", ""), feed, _wanted(head, outputs))


def answer(model: str, request: Request, made: Mapping[str, np.ndarray]) -> tuple[bytes, bytes]:
    """The JSON and the binary part of an answer; the second is empty where no output was wanted so."""
    entries, parts = [], []
    for name, is_binary in request.wanted:
        array = np.asarray(made[name])
        entry: dict[str, Any] = {"name": name, "datatype": DATATYPES[array.dtype.name], "shape": list(array.shape)}
        if is_binary:
            content = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
            entry["parameters"] = {"binary_data_size": len(content)}
            parts.append(content)
        else:
            entry["data"] = _plain(array)
        entries.append(entry)
    head = {"model_name": model, "model_version": "1", "id": request.id, "outputs": entries}
    return json.dumps(head).encode(), b"".join(parts)


def metadata(types: Mapping[str, ValueType]) -> list[dict[str, Any]]:
    """Tensors as the protocol describes them; a size that is given at run time is -1."""
    return [
        {
            "name": name,
            "datatype": DATATYPES.get(kind.dtype.value, "BYTES") if isinstance(kind, TensorType) else "BYTES",
            "shape": [-1 if isinstance(size, Dim) else int(size) for size in kind.shape]
            if isinstance(kind, TensorType)
            else [],
        }
        for name, kind in types.items()
    ]


def _object(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is no JSON: {str(error)[:200]}") from None
    if not isinstance(head, dict):
        raise InputError("the body is no JSON object")
    return head


def _listed(head: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = head.get(key)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InputError(f"the request's {key} are no list of objects")
    return found


def _name(entry: dict[str, Any], known: Mapping[str, Any], what: str) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or name not in known:
        raise InputError(f"there is no {what} {str(name)[:200]!r}; there are {', '.join(known)}")
    return name


def _parameters(entry: dict[str, Any], name: str) -> dict[str, Any]:
    found = entry.get("parameters", {})
    if not isinstance(found, dict):
        raise InputError(f"the parameters of {name!r} are no object")
    return found


def _dtype_and_shape(entry: dict[str, Any], name: str) -> tuple[np.dtype, tuple[int, ...]]:
    datatype, shape = entry.get("datatype"), entry.get("shape")
    if not isinstance(datatype, str) or datatype not in _NUMPY:
        raise InputError(f"input {name!r} has datatype {str(datatype)[:50]!r}; known are {', '.join(_NUMPY)}")
    sizes = isinstance(shape, list) and len(shape) <= _LARGEST_RANK
    if not sizes or not all(type(size) is int and 0 <= size < 2**31 for size in shape or ()):
        raise InputError(f"input {name!r} has a shape that is no list of sizes")
    return _NUMPY[datatype], tuple(shape or ())


def _from_bytes(entry: dict[str, Any], name: str, content: memoryview) -> np.ndarray:
    dtype, shape = _dtype_and_shape(entry, name)
    if prod(shape) * dtype.itemsize != len(content):
        raise InputError(
            f"input {name!r} has {len(content)} bytes; {shape} of {dtype.name} takes {prod(shape) * dtype.itemsize}"
        )
    array = np.frombuffer(content, dtype).reshape(shape)
    if dtype == np.bool_ and array.view(np.uint8).max(initial=0) > 1:
        raise InputError(f"input {name!r} has a byte that is neither 0 nor 1")
    return array


def _from_json(entry: dict[str, Any], name: str) -> np.ndarray:
    dtype, shape = _dtype_and_shape(entry, name)
    data = entry.get("data")
    if not isinstance(data, list):
        raise InputError(f"input {name!r} has no data")
    try:
        flat = np.asarray(data)
        if flat.dtype == object or flat.dtype.kind not in "biuf" or flat.size != prod(shape):
            raise ValueError
        if (
            dtype.kind in "biu"
            and (flat.dtype.kind == "f" or (dtype.kind == "b") != (flat.dtype.kind == "b"))
            and flat.size
        ):
            raise ValueError
        with np.errstate(over="ignore"):
            array = flat.astype(dtype).reshape(shape)
        if dtype.kind in "iu" and not np.array_equal(array.ravel(), flat.ravel()):
            raise ValueError
    except (ValueError, OverflowError, TypeError):
        raise InputError(f"input {name!r} has data that is not {prod(shape)} numbers of {dtype.name}") from None
    return array


def _check_type(name: str, array: np.ndarray, kind: ValueType) -> None:
    if not isinstance(kind, TensorType):
        raise InputError(f"input {name!r} is no tensor, and cannot be given by this protocol")
    if DATATYPES.get(kind.dtype.value) != DATATYPES[array.dtype.name]:
        raise InputError(f"input {name!r} is {DATATYPES[array.dtype.name]}; the model takes {kind.dtype.value}")


def _wanted(head: dict[str, Any], outputs: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    parameters = _parameters(head, "the request")
    everywhere = parameters.get("binary_data_output") is True
    if head.get("outputs") is None:
        return tuple((name, everywhere) for name in outputs)
    found = []
    for entry in _listed(head, "outputs"):
        name = _name(entry, outputs, "output")
        if "classification" in (own := _parameters(entry, name)):
            raise InputError(f"output {name!r} is wanted as a classification, which this server does not do")
        found.append((name, own.get("binary_data", everywhere) is True))
    return tuple(found)


def _plain(array: np.ndarray) -> list[Any]:
    """A flat list that JSON holds; NaN and infinities are as Python writes them."""
    flat: list[Any] = array.ravel().tolist()
    return flat
