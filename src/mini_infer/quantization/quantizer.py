"""The quantized model of a float one."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx

from mini_infer import stages
from mini_infer.errors import InputError, UnsupportedError
from mini_infer.frontend.model.source import load
from mini_infer.quantization.library import first_line, onnxruntime_quantization, quiet
from mini_infer.quantization.prepare import kept, prepare, store
from mini_infer.quantization.settings import ACTIVATIONS, FORMATS, RANGES, Settings

Sample = Mapping[str, np.ndarray]
"""One run's inputs by name, in the model's own shapes."""


@dataclass(frozen=True, slots=True)
class Quantized:
    """A quantized model, and what it was made of.

    Parameters
    ----------
    prepared
        The float model as onnxruntime quantizes it, with a name for each node.
    model
        The quantized one.
    settings
        With which; `keep` names nodes of `prepared`.
    """

    prepared: onnx.ModelProto
    model: onnx.ModelProto
    settings: Settings


def quantize(
    model: str | os.PathLike[str] | bytes | onnx.ModelProto,
    samples: Sequence[Sample] = (),
    *,
    settings: Settings | None = None,
    **overrides: Any,
) -> onnx.ModelProto:
    """Quantize a float model to 8 bits with onnxruntime's quantizer.

    Parameters
    ----------
    model
        A path, the file's bytes, or a loaded model.
    samples
        Inputs as real as those to come: the ranges of activations are what they are for these. A hundred are plenty.
    settings
        What to decide; the defaults when absent.
    **overrides
        Single settings by name, such as ``keep=("conv1",)`` or ``dynamic=True``.

    Raises
    ------
    UsageError
        When onnxruntime is not installed, or a setting makes no sense.
    InputError
        When there are no samples, the model is quantized already, or has no node that is to stay float.
    ModelError, UnsupportedError
        When the model is broken, or onnxruntime does not quantize it.
    """
    return quantized(model, samples, replace(settings or Settings(), **overrides)).model


def quantized(
    model: str | os.PathLike[str] | bytes | onnx.ModelProto, samples: Sequence[Sample], settings: Settings
) -> Quantized:
    """Quantize a float model, and keep what it was made of. Parameters and errors are those of `quantize`."""
    onnxruntime_quantization()
    if not samples and not settings.dynamic:
        raise InputError("quantizing needs samples of the model's inputs: give some, or quantize dynamically")
    original, _ = load(model)
    prepared = prepare(model)
    settings = replace(settings, keep=kept(original, prepared, settings.keep))
    return Quantized(prepared, _apply(prepared, samples, settings), settings)


def with_float_nodes(made: Quantized, samples: Sequence[Sample]) -> onnx.ModelProto:
    """The quantized model in a format that has the float model's values between its nodes; with the same ranges.

    Errors are those of `quantize`.
    """
    if made.settings.format == "qdq":  # also the dynamic one
        return made.model
    settings = replace(made.settings, format="qdq")
    return _apply(made.prepared, samples, settings, operators=sorted(quantizable(made.settings)))


def quantizable(settings: Settings) -> frozenset[str]:
    """The operators whose nodes are quantized, unless they are kept."""
    from onnxruntime.quantization import registry

    if settings.dynamic:
        return frozenset({*registry.IntegerOpsRegistry, "Gemm"})  # which becomes a MatMul first
    more = registry.QDQRegistry if settings.format == "qdq" else ()
    return frozenset({*registry.QLinearOpsRegistry, *more})


def _apply(
    prepared: onnx.ModelProto, samples: Sequence[Sample], settings: Settings, operators: Sequence[str] = ()
) -> onnx.ModelProto:
    """Quantize a model that `prepare` made: all of its operators, or those named."""
    library = onnxruntime_quantization()
    with TemporaryDirectory(prefix="mini-infer-") as folder, quiet():
        given, made = Path(folder, "given.onnx"), Path(folder, "made.onnx")
        apart = store(prepared, given)
        common = {
            "per_channel": settings.per_channel,
            "reduce_range": False,  # our sums are exact: seven bits would only lose the eighth
            "weight_type": library.QuantType.QInt8,
            "op_types_to_quantize": list(operators),
            "nodes_to_exclude": list(settings.keep),
            "use_external_data_format": apart,
        }
        try:
            if settings.dynamic:
                library.quantize_dynamic(given, made, **common)
            else:
                library.quantize_static(
                    given,
                    made,
                    _reader(samples),
                    quant_format=getattr(library.QuantFormat, FORMATS[settings.format]),
                    activation_type=getattr(library.QuantType, ACTIVATIONS[settings.activations]),
                    calibrate_method=getattr(library.CalibrationMethod, RANGES[settings.ranges]),
                    extra_options={"CalibStridedMinMax": 1},  # sample by sample: only ranges stay in memory
                    **common,
                )
            result = onnx.load(made)
        except Exception as error:
            raise UnsupportedError(f"onnxruntime does not quantize the model: {first_line(error)}") from error
    before = [tensor.data_type for tensor in prepared.graph.initializer]
    after = [tensor.data_type for tensor in result.graph.initializer]
    small = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
    if not sum(kind in small for kind in after) > sum(kind in small for kind in before):
        raise UnsupportedError("nothing was quantized: the model has no node that onnxruntime quantizes")
    return result


def _reader(samples: Sequence[Sample]) -> Any:
    """The samples as onnxruntime takes them, in ranges of one."""
    base: Any = onnxruntime_quantization().CalibrationDataReader

    class Reader(base):  # type: ignore[misc]
        def __init__(self) -> None:
            self._next, self._end = 0, len(samples)

        def __len__(self) -> int:
            return len(samples)

        def set_range(self, start_index: int, end_index: int) -> None:
            self._next, self._end = start_index, end_index

        def get_next(self) -> dict[str, np.ndarray] | None:
            if self._next >= self._end:
                return None
            stages.say("calibrating", self._next, len(samples))
            sample = samples[self._next]
            self._next += 1
            return dict(sample)

    return Reader()
