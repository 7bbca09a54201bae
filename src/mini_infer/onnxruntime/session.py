"""`InferenceSession`: an engine for each set of shapes, or onnxruntime's own session."""

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.engines import load_or_compile
from mini_infer.errors import InputError, MiniInferError
from mini_infer.onnxruntime import peer
from mini_infer.onnxruntime.options import SessionOptions
from mini_infer.onnxruntime.ports import Description, ModelMetadata, NodeArg
from mini_infer.runtime import ContextPool

SHAPES = 16
"""Sets of shapes of a model that get an engine each; others run by onnxruntime."""

_ELEMENTS = {"tensor(float)": "float32", "tensor(double)": "float64"} | {
    f"tensor({name})": name
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16")
}
"""Type of an input → its NumPy element type."""

_CPU = "CPUExecutionProvider"


class InferenceSession:
    """A model that can be run, by any number of threads.

    Parameters
    ----------
    path_or_bytes
        An ONNX model.
    sess_options
        Of which `intra_op_num_threads` counts.
    providers, provider_options, others
        For onnxruntime, where that runs the model.

    Raises
    ------
    MiniInferError
        The model cannot be run, and onnxruntime is not installed.
    """

    def __init__(
        self,
        path_or_bytes: str | bytes | os.PathLike[str],
        sess_options: SessionOptions | None = None,
        providers: Sequence[Any] | None = None,
        provider_options: Sequence[Any] | None = None,
        **others: Any,
    ) -> None:
        self._source = bytes(path_or_bytes) if isinstance(path_or_bytes, bytes | bytearray) else Path(path_or_bytes)
        self._options = sess_options or SessionOptions()
        self._others = {"providers": providers or [_CPU], "provider_options": provider_options, **others}
        self._pools: dict[tuple[tuple[int, ...], ...], ContextPool] = {}
        self._lock = threading.Lock()
        self._peer: Any = None
        self._description: Description | None = None
        try:
            self._description = Description.of(self._source)
            if self._options.calls:
                self._by_peer(f"its options call {self._options.calls[0][0]}")
            elif all(type(size) is int for each in self._description.inputs for size in each.shape):
                self._pool(tuple(tuple(each.shape) for each in self._description.inputs))
        except MiniInferError as error:
            self._by_peer(str(error), error)

    def run(
        self, output_names: Sequence[str] | None, input_feed: Mapping[str, Any], run_options: Any = None
    ) -> list[Any]:
        """Run once: the outputs that are named, or all, in the model's order.

        Raises
        ------
        ValueError
            An input is missing, or there is none of that name.
        InputError
            An input has another type or shape than the model takes.
        """
        description = self._description
        if self._peer is not None or description is None:
            return self._run_peer(output_names, input_feed, run_options)
        feed = _feed(description.inputs, input_feed)
        known = [each.name for each in description.outputs]
        wanted = list(output_names) if output_names else known
        if unknown := [name for name in wanted if name not in known]:
            raise ValueError(f"there is no output {unknown[0]!r}; there are {', '.join(known)}")
        try:
            pool = self._pool(tuple(array.shape for array in feed.values()))
        except InputError:
            raise
        except MiniInferError as error:
            self._by_peer(str(error), error)
            pool = None
        if pool is None:
            return self._run_peer(output_names, input_feed, run_options)
        with pool.context() as context:
            made = context.run(feed)
        return [made[name] for name in wanted]

    def get_inputs(self) -> list[NodeArg]:
        """What the model takes."""
        return list(self._described().inputs)

    def get_outputs(self) -> list[NodeArg]:
        """What the model gives."""
        return list(self._described().outputs)

    def get_modelmeta(self) -> ModelMetadata:
        """What the model's file says of itself."""
        metadata: ModelMetadata = self._described().metadata
        return metadata

    def get_providers(self) -> list[str]:
        """What runs the model."""
        return [_CPU] if self._peer is None else list(self._peer.get_providers())

    def get_session_options(self) -> SessionOptions:
        """The options that were given."""
        return self._options

    def __getattr__(self, name: str) -> Any:
        """Everything else is that of onnxruntime's session, which is made for it."""
        if name.startswith("_"):
            raise AttributeError(f"InferenceSession has no attribute {name!r}")
        self._by_peer(f"it is asked for {name}")
        return getattr(self._peer, name)

    def _described(self) -> Any:
        if self._description is not None:
            return self._description
        peer_session = self._peer
        return Description(
            tuple(peer_session.get_inputs()), tuple(peer_session.get_outputs()), peer_session.get_modelmeta()
        )

    def _pool(self, shapes: tuple[tuple[int, ...], ...]) -> ContextPool | None:
        """Contexts for these shapes; None where there are too many sets of them."""
        with self._lock:
            if shapes not in self._pools:
                if len(self._pools) >= SHAPES:
                    peer.say(self._title, f"its inputs came in more than {SHAPES} sets of shapes")
                    self._make_peer()
                    return None
                inputs = self._described().inputs
                threads = self._options.intra_op_num_threads or _cores()
                given = {each.name: shape for each, shape in zip(inputs, shapes, strict=True)}
                open_ones = {
                    each.name: given[each.name]
                    for each in inputs
                    if any(type(size) is not int for size in each.shape) or len(each.shape) != len(given[each.name])
                }
                engine = load_or_compile(self._source, shapes=open_ones, threads=threads)
                self._pools[shapes] = engine.create_pool(_cores())
            return self._pools[shapes]

    def _by_peer(self, reason: str, error: MiniInferError | None = None) -> None:
        """Let onnxruntime run the model from now on."""
        if self._peer is None:
            self._make_peer(error)
            peer.say(self._title, reason)
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _make_peer(self, error: MiniInferError | None = None) -> None:
        library = peer.library()
        if library is None:
            raise error or AttributeError("onnxruntime is not installed: pip install onnxruntime")
        options = self._options.passed_on(library.SessionOptions())
        source = self._source if isinstance(self._source, bytes) else str(self._source)
        self._peer = library.InferenceSession(source, options, **self._others)

    def _run_peer(self, names: Sequence[str] | None, feed: Mapping[str, Any], options: Any) -> list[Any]:
        library = peer.library()
        if options is not None and library is not None:
            options = options.passed_on(library.RunOptions())
        made: list[Any] = self._peer.run(names, dict(feed), options)
        return made

    @property
    def _title(self) -> str:
        return "a model" if isinstance(self._source, bytes) else self._source.name


def _feed(inputs: Sequence[NodeArg], given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The inputs in the model's order, as arrays that lie in one piece; lists get the model's element type."""
    known = [each.name for each in inputs]
    if missing := [name for name in known if name not in given]:
        raise ValueError(f"Required inputs ({missing}) are missing from input feed ({list(given)}).")
    if unknown := [name for name in given if name not in known]:
        raise ValueError(f"there is no input {unknown[0]!r}; there are {', '.join(known)}")
    return {each.name: _array(given[each.name], each.type) for each in inputs}


def _array(value: Any, kind: str) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value if value.flags.c_contiguous else value.copy(order="C")
    return np.array(value, _ELEMENTS.get(kind), order="C")


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
