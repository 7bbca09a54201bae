"""mini-infer as an ONNX backend: `prepare`, `run_model`, `run_node`, `supports_device`.

The interface is that of `onnx.backend.base`; `onnx.backend.test.BackendTest` can be pointed at this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx.backend.base import Backend, BackendRep, namedtupledict

from mini_infer import compiler
from mini_infer.errors import UsageError
from mini_infer.ir import DType, Graph, TensorType
from mini_infer.runtime import Context

MOST_DECIDING_ELEMENTS = 64
"""Integer inputs with more elements than this are data, not axes or shapes."""

_DECIDING = {"OneHot": slice(1, 2), "Range": slice(0, 3), "Resize": slice(1, 4), "Upsample": slice(1, 2)}
"""Operators whose result has a shape that follows from real numbers too, and which of their inputs those are."""


class PreparedModel(BackendRep):
    """A model that is compiled when the shapes of its inputs are known: at once, or at its first run.

    Parameters
    ----------
    model
        What to run.
    options
        Fields of `compiler.Options`.
    """

    def __init__(self, model: onnx.ModelProto, options: Mapping[str, Any]) -> None:
        self._model = model
        self._options = dict(options)
        self._inputs = _required_inputs(model)
        self._tensors = {info.name for info in model.graph.input if info.type.HasField("tensor_type")}
        self._deciding: tuple[str, ...] | None = None
        self._contexts: dict[tuple[object, ...], Context] = {}

    def run(self, inputs: Any, **_options: Any) -> tuple[Any, ...]:
        """Run once.

        Parameters
        ----------
        inputs
            One value for each input of the model, in order, or by name.

        Returns
        -------
        tuple
            The outputs, by position and by name.
        """
        named = dict(inputs) if isinstance(inputs, Mapping) else dict(zip(self._inputs, inputs, strict=False))
        context = self.context(named)
        taken = {port.name for port in context.artifact.program.inputs}
        outputs = context.run({name: value for name, value in named.items() if name in taken})
        result: tuple[Any, ...] = namedtupledict("Outputs", list(outputs))(*outputs.values())
        return result

    def context(self, inputs: Mapping[str, Any]) -> Context:
        """The context for these inputs: one for each set of shapes, and of values that decide shapes."""
        shapes = {name: np.shape(inputs[name]) for name in self._tensors & inputs.keys()}
        fixed = self._fixed(inputs, shapes)
        key = (tuple(sorted(shapes.items())), tuple((name, value.tobytes()) for name, value in fixed.items()))
        if key not in self._contexts:
            open_shapes = {name: shape for name, shape in shapes.items() if name not in fixed}
            options = compiler.Options(shapes=open_shapes, fix=fixed, **self._options)
            self._contexts[key] = compiler.compile(self._model, options=options).create_context()
        return self._contexts[key]

    def _fixed(self, inputs: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        if self._deciding is None:
            lowered = compiler.lower(self._model, compiler.Options(shapes=shapes, **self._options))
            self._deciding = deciding_inputs(lowered.graph)
        return {name: np.asarray(inputs[name]) for name in self._deciding}


def deciding_inputs(graph: Graph) -> tuple[str, ...]:
    """The inputs whose values may decide the shapes of other values: small integers and scales, where one is unknown.

    A model that takes the axes of a reduction or a target shape as an input has no static plan; with these inputs fixed
    it has one for each of their values.
    """
    if all(isinstance(kind, TensorType) for kind in graph.types.values()):
        return ()
    parameters = {name for node in graph.nodes for name in node.inputs[_DECIDING.get(node.op, slice(0))]}
    return tuple(
        name
        for name in graph.inputs
        if isinstance(kind := graph.types[name], TensorType)
        and (kind.dtype in {DType.INT32, DType.INT64} or name in parameters)
        and kind.elements <= MOST_DECIDING_ELEMENTS
    )


class MiniInferBackend(Backend):
    """The backend's class form."""

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> PreparedModel:
        """Check the device and make the model ready to run; keywords are fields of `compiler.Options`.

        Raises
        ------
        UsageError
            For a device other than the CPU.
        """
        if not cls.supports_device(device):
            raise UsageError(f"device {device!r}: mini-infer runs on the CPU")
        return PreparedModel(model, kwargs)

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> tuple[Any, ...]:
        """Prepare and run once."""
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(
        cls,
        node: onnx.NodeProto,
        inputs: Any,
        device: str = "CPU",
        outputs_info: Sequence[tuple[Any, ...]] | None = None,  # noqa: ARG003 - inferred here
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Run one node of the newest opset on arrays."""
        arrays = dict(zip(node.input, map(np.asarray, inputs), strict=True))
        infos = [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in arrays.items()
        ]
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
        graph = onnx.helper.make_graph([node], "node", infos, outputs)
        return cls.run_model(onnx.helper.make_model(graph), arrays, device, **kwargs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Whether it is the CPU."""
        return device.partition(":")[0] == "CPU"


def _required_inputs(model: onnx.ModelProto) -> list[str]:
    """Names of the inputs without a default."""
    defaults = {tensor.name for tensor in model.graph.initializer}
    return [info.name for info in model.graph.input if info.name not in defaults]


prepare = MiniInferBackend.prepare
run_model = MiniInferBackend.run_model
run_node = MiniInferBackend.run_node
supports_device = MiniInferBackend.supports_device
