"""What a model says of itself: inputs, outputs and metadata, read once in a child process and kept in the cache.

So a program whose engines are in the cache never imports onnx.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mini_infer.errors import ModelError
from mini_infer.files import open_regular, read_regular, write_atomically
from mini_infer.runtime import store

_CHILD = "from mini_infer.onnxruntime import ports; ports.main()"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class NodeArg:
    """An input or output: `type` as onnxruntime writes it, sizes are numbers, names, or None where there is none."""

    name: str
    type: str
    shape: list[Any]


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What a model file says of itself besides."""

    producer_name: str = ""
    graph_name: str = ""
    domain: str = ""
    description: str = ""
    graph_description: str = ""
    version: int = 0
    custom_metadata_map: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """A model from outside."""

    inputs: tuple[NodeArg, ...]
    outputs: tuple[NodeArg, ...]
    metadata: ModelMetadata

    @classmethod
    def of(cls, model: Path | bytes) -> "Description":
        """Of a model, from the cache, or read by a child process.

        Raises
        ------
        ModelError
            It cannot be read, or is no ONNX model.
        """
        kept = store.folder() / f"{_digest(model)}.interface"
        try:
            return cls._read(json.loads(read_regular(kept)))
        except (ModelError, ValueError, OSError, KeyError, TypeError):
            pass
        except Exception as error:  # what the file layer says of a file that is not there
            if kept.exists():
                raise ModelError(f"{kept}: {error}") from error
        said = _asked(model)
        write_atomically(kept, [json.dumps(said).encode()])
        return cls._read(said)

    @classmethod
    def _read(cls, said: Any) -> "Description":
        return cls(
            tuple(NodeArg(**each) for each in said["inputs"]),
            tuple(NodeArg(**each) for each in said["outputs"]),
            ModelMetadata(**said["metadata"]),
        )


def _digest(model: Path | bytes) -> str:
    if isinstance(model, bytes):
        return hashlib.sha256(model).hexdigest()
    found = hashlib.sha256()
    with open_regular(model, error=ModelError) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _asked(model: Path | bytes) -> Any:
    """What a child process reads in a model."""
    with tempfile.TemporaryDirectory() as folder:
        path = model if isinstance(model, Path) else Path(folder, "model.onnx")
        if isinstance(model, bytes):
            path.write_bytes(model)
        here = str(Path(__file__).parents[2])
        paths = os.pathsep.join([here, *(entry for entry in sys.path if entry)])
        done = subprocess.run(  # noqa: S603 - this Python
            [sys.executable, "-c", _CHILD, str(path)],
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONPATH": paths},
            check=False,
        )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ModelError(f"{path}: cannot be read: {last[0]}") from None
    if "error" in answer:
        raise ModelError(answer["error"])
    return answer


def main() -> None:
    """The child: print what a model says of itself, as JSON."""
    import onnx
    from google.protobuf.message import DecodeError

    path = sys.argv[1]
    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, OSError, ValueError) as error:
        print(json.dumps({"error": f"{path}: is no ONNX model: {error}"}))  # noqa: T201 - what the parent reads
        return
    graph = model.graph
    constants = {each.name for each in graph.initializer}
    metadata = ModelMetadata(
        producer_name=model.producer_name,
        graph_name=graph.name,
        domain=model.domain,
        description=model.doc_string,
        graph_description=graph.doc_string,
        version=model.model_version if model.HasField("model_version") else 2**63 - 1,  # as onnxruntime says it
        custom_metadata_map={each.key: each.value for each in model.metadata_props},
    )
    said = {
        "inputs": [_port(each) for each in graph.input if each.name not in constants],
        "outputs": [_port(each) for each in graph.output],
        "metadata": asdict(metadata),
    }
    print(json.dumps(said))  # noqa: T201


def _port(value: Any) -> dict[str, Any]:
    import onnx

    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return {"name": value.name, "type": f"{str(kind).removesuffix('_type')}(?)", "shape": []}
    name = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
    shape = [
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None
        for dim in value.type.tensor_type.shape.dim
    ]
    return {"name": value.name, "type": f"tensor({name})", "shape": shape}
