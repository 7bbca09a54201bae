"""onnxruntime, whose outputs ours are compared with, and whose time and memory; OpenVINO, whose time.

They are imported when they are first used: the package does not need them.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mini_infer.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from types import ModuleType

Tensors = Mapping[str, np.ndarray]

_PROVIDERS = ["CPUExecutionProvider"]


class OnnxRuntime:
    """A model in onnxruntime on the CPU, with all its graph optimizations.

    Parameters
    ----------
    model
        The file, or its content.
    threads
        Inside an operator.
    profile
        Prefix of the profile's file; no profile when absent.

    Raises
    ------
    UsageError
        When onnxruntime is not installed.
    UnsupportedError
        When onnxruntime refuses the model.
    """

    def __init__(self, model: Path | bytes, *, threads: int = 1, profile: Path | None = None) -> None:
        self._library = _onnxruntime()
        options = self._library.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # errors come as exceptions; nothing else belongs on the terminal
        if profile is not None:
            options.enable_profiling = True
            options.profile_file_prefix = str(profile)
        try:
            self._session = self._library.InferenceSession(model, options, providers=_PROVIDERS)
        except Exception as error:
            name = "the model" if isinstance(model, bytes) else model
            raise UnsupportedError(f"onnxruntime refuses {name}: {_first_line(error)}") from error
        self.output_names: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())

    def run(self, inputs: Tensors) -> dict[str, np.ndarray]:
        """Run once and return fresh arrays.

        Raises
        ------
        UnsupportedError
            When onnxruntime refuses the inputs.
        """
        try:
            return dict(zip(self.output_names, self._session.run(None, dict(inputs)), strict=True))
        except Exception as error:
            raise UnsupportedError(f"onnxruntime does not run: {_first_line(error)}") from error

    def plain(self, inputs: Tensors) -> Callable[[], object]:
        """A function that runs as most people do: `InferenceSession.run`."""
        return partial(self._session.run, None, dict(inputs))

    def bind(self, inputs: Tensors, outputs: Tensors) -> Callable[[], object]:
        """A function that runs between the caller's arrays (IOBinding): nothing is converted, nothing is copied.

        The arrays must be contiguous, and live as long as the function.
        """
        binding = self._session.io_binding()
        for name, array in inputs.items():
            binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        for name, array in outputs.items():
            binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        return partial(self._session.run_with_iobinding, binding)

    def end_profiling(self) -> list[dict[str, Any]]:
        """The events of the profile so far."""
        events: list[dict[str, Any]] = json.loads(Path(self._session.end_profiling()).read_text())
        return events


class OpenVino:
    """A model in OpenVINO on the CPU, in float32, one stream.

    Parameters
    ----------
    model
        The file.
    threads
        Of a run.

    Raises
    ------
    UsageError
        When OpenVINO is not installed.
    UnsupportedError
        When OpenVINO refuses the model.
    """

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        try:
            import openvino
        except ImportError:
            raise UsageError("openvino is not installed: pip install openvino") from None
        self._library = openvino
        precise = {
            "INFERENCE_PRECISION_HINT": "f32",  # it would choose bfloat16 where the processor has it
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            self._model = openvino.Core().compile_model(str(model), "CPU", precise)
        except Exception as error:
            raise UnsupportedError(f"openvino refuses {model}: {_first_line(error)}") from error

    def bind(self, inputs: Tensors) -> Callable[[], object]:
        """A function that runs between fixed arrays: the caller's inputs, which nothing copies, and its own outputs."""
        request = self._model.create_infer_request()
        for name, array in inputs.items():
            request.set_tensor(name, self._library.Tensor(array, shared_memory=True))
        return partial(request.infer)


@dataclass(frozen=True, slots=True)
class PeerMemory:
    """What onnxruntime's own profile says of one model.

    Parameters
    ----------
    in_use_peak
        Most bytes of its arena in use at once, its copies of weights included.
    arena_held
        Bytes that the arena took from the system.
    """

    in_use_peak: int
    arena_held: int


def memory_of(model: Path, inputs: Tensors, *, runs: int = 3) -> PeerMemory:
    """Run a model in onnxruntime on one thread under its profiler, and read off the memory.

    The first run shows onnxruntime the sizes, the later ones use the memory pattern it made of them; the largest
    figures of all runs count. Errors are those of `OnnxRuntime`.
    """
    with tempfile.TemporaryDirectory() as folder:
        peer = OnnxRuntime(model, profile=Path(folder) / "profile")
        for _ in range(runs):
            peer.run(inputs)
        details = [event["args"] for event in peer.end_profiling() if "mem_in_use_peak" in event.get("args", {})]
    return PeerMemory(
        in_use_peak=max((int(detail["mem_in_use_peak"]) for detail in details), default=0),
        arena_held=max((int(detail["mem_arena_held"]) for detail in details), default=0),
    )


def onnxruntime_outputs(model: Path, samples: Sequence[Tensors]) -> list[dict[str, np.ndarray]]:
    """What onnxruntime computes for each sample, on one thread. Errors are those of `OnnxRuntime`."""
    peer = OnnxRuntime(model)
    return [peer.run(sample) for sample in samples]


def onnx_outputs(model: Path, samples: Sequence[Tensors]) -> list[dict[str, np.ndarray]]:
    """What onnx's own reference computes for each sample: slow, and written for clarity.

    Raises
    ------
    UnsupportedError
        When it does not run the model.
    """
    try:
        evaluator = _onnx_reference(model)
        names: list[str] = evaluator.output_names
        return [dict(zip(names, evaluator.run(None, dict(sample)), strict=True)) for sample in samples]
    except Exception as error:
        raise UnsupportedError(f"onnx's reference does not run {model}: {_first_line(error)}") from error


def _onnx_reference(model: Path) -> Any:
    """The reference of onnx, with an operator that it has since opset 19 only, though it meant the same before."""
    import onnx
    from onnx.reference import ReferenceEvaluator
    from onnx.reference.ops.op_dequantize_linear import DequantizeLinear_19

    class DequantizeLinear(DequantizeLinear_19):
        op_domain = ""

        def _run(self, *inputs: Any, axis: int | None = None, **_newer: Any) -> Any:
            known: Any = super()
            return known._run(*inputs, axis=axis)  # noqa: SLF001 - the reference's own name

    proto = onnx.load(model)
    old = any(opset.version < 19 for opset in proto.opset_import if opset.domain in {"", "ai.onnx"})  # noqa: PLR2004
    return ReferenceEvaluator(proto, new_ops=[DequantizeLinear] if old else [])


def onnx_values(model: Path, inputs: Tensors, names: Sequence[str]) -> dict[str, np.ndarray]:
    """What onnx's own reference has for values on the way, as far as it has them; errors as of `onnx_outputs`."""
    try:
        found = _onnx_reference(model).run(None, dict(inputs), intermediate=True)
    except Exception as error:
        raise UnsupportedError(f"onnx's reference does not run {model}: {_first_line(error)}") from error
    return {name: found[name] for name in names if isinstance(found.get(name), np.ndarray)}


REFERENCES: Mapping[str, Callable[[Path, Sequence[Tensors]], list[dict[str, np.ndarray]]]] = {
    "onnxruntime": onnxruntime_outputs,
    "onnx": onnx_outputs,
}
"""Who computes reference outputs: (model, samples) → outputs by name, sample by sample."""


MEMORY_PEERS: Mapping[str, Callable[[Path, Tensors], PeerMemory]] = {"onnxruntime": memory_of}
"""Whose memory can be measured: (model, inputs) → its memory. The names are those of the packages."""


def fixed_inputs(model: Path, fixed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values of inputs that the engine has as constants and a reference must be given, in the types of the model."""
    if not fixed:
        return {}
    import onnx

    from mini_infer.frontend.model.values import fix_values

    return fix_values(onnx.load(model, load_external_data=False).graph.input, fixed)


def _onnxruntime() -> "ModuleType":
    try:
        import onnxruntime
    except ImportError:
        raise UsageError("onnxruntime is not installed: pip install onnxruntime") from None
    module: ModuleType = onnxruntime
    return module


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
