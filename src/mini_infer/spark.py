"""Spark: an engine as a function of columns.

::

    from mini_infer.spark import predict_batch_udf

    predict = predict_batch_udf("net.engine")
    frame.withColumn("y", predict("pixels"))

The package `pyspark` is imported when it is first used.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any

import numpy as np

from mini_infer.batches import Batches, Source, rows_of
from mini_infer.errors import InputError, UnsupportedError
from mini_infer.extras import needs
from mini_infer.ir import Dim, TensorType, ValueType
from mini_infer.runtime import Sizes

_TYPES = {
    "int8": "ByteType",
    "int16": "ShortType",
    "int32": "IntegerType",
    "int64": "LongType",
    "float32": "FloatType",
    "float64": "DoubleType",
}
"""NumPy element type → Spark's."""


def predict_batch_udf(
    model: str, *, batch_size: int = 64, trust_code: bool = False, options: Mapping[str, Any] | None = None
) -> Any:
    """An engine as Spark's `pyspark.ml.functions.predict_batch_udf`; each Python worker loads it once.

    Parameters
    ----------
    model
        An engine file, `NAME.engine`, or an ONNX model, which is compiled once on each machine. The path is one of the
        driver, and of every worker.
    batch_size
        Rows that Spark hands over at once; they run in sizes that the engine takes.
    trust_code
        Whether the native code beside an engine file may run, as `Engine.load` says.
    options
        For compiling a model, as of `compile`.

    Returns
    -------
    A function of as many columns as there are inputs, in their order: numbers, or arrays of a row's elements in
    row-major order. Numbers of another type are converted, floats with rounding. It gives a column of that form; where
    there are several outputs, a structure of them by name.

    Raises
    ------
    MissingPackageError
        `pyspark` is not installed.
    UnsupportedError
        The engine has no rows, another dimension that is open, or outputs of an element type that Spark has not.
    MiniInferError
        As of `mini_infer.sizes` and `load_or_compile`.
    """
    with needs("a function for Spark"):
        from pyspark.ml import functions
        from pyspark.sql import types
    source = Source(str(model), trust_code, dict(options or {}))
    sizes = source.sizes()
    rows_of(sizes)
    (profile,) = sizes.variants
    inputs = {name: _row(sizes, name, kind) for name, kind in profile.inputs.items()}
    outputs = {name: _spark(types, name, _row(sizes, name, kind)) for name, kind in profile.outputs.items()}
    if len(outputs) == 1:
        (returned,) = outputs.values()
    else:
        returned = types.StructType([types.StructField(name, kind) for name, kind in outputs.items()])
    shapes = [list(row.shape) or None for row in inputs.values()]
    return functions.predict_batch_udf(
        _maker(source, inputs),
        return_type=returned,
        batch_size=batch_size,
        input_tensor_shapes=None if shapes == [None] else shapes,
    )


def _row(sizes: Sizes, name: str, kind: ValueType) -> TensorType:
    """The type of a row of an input or output."""
    if not isinstance(kind, TensorType) or any(isinstance(size, Dim) for size in kind.shape[1:]):
        raise UnsupportedError(f"{sizes.title!r}: a row of {name!r}, {kind}, has no one size, as columns of Spark need")
    return TensorType(kind.dtype, kind.shape[1:])


def _spark(types: Any, name: str, row: TensorType) -> Any:
    """Spark's type of an output's rows."""
    element = _TYPES.get(row.dtype.numpy.name)
    if element is None:
        raise UnsupportedError(f"output {name!r} has elements of {row.dtype.numpy.name}, a type that Spark has not")
    scalar = getattr(types, element)()
    return types.ArrayType(scalar) if row.shape else scalar


def _maker(source: Source, inputs: Mapping[str, TensorType]) -> Callable[[], Callable[..., Any]]:
    """What a worker calls once, for the function that it calls for every batch."""

    def make() -> Callable[..., Any]:
        batches = Batches(source.load())

        def predict(*columns: np.ndarray) -> Any:
            feed = {name: _cast(name, column, row) for (name, row), column in zip(inputs.items(), columns, strict=True)}
            made = {name: array.reshape(_columns(array.shape)) for name, array in batches.run(feed).items()}
            return made if len(made) > 1 else next(iter(made.values()))

        # Spark asks how many columns there are
        names = [Parameter(f"column{index}", Parameter.POSITIONAL_ONLY) for index in range(len(inputs))]
        predict.__signature__ = Signature(names)  # type: ignore[attr-defined]
        return predict

    return make


def _columns(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of rows in one dimension, or of numbers."""
    return tuple(shape) if len(shape) == 1 else (shape[0], int(np.prod(shape[1:])))


def _cast(name: str, column: np.ndarray, row: TensorType) -> np.ndarray:
    """A column as the engine takes it.

    Raises
    ------
    InputError
        It has numbers that are none of that type.
    """
    wanted = row.dtype.numpy
    try:
        cast = np.asarray(column).astype(wanted)
    except (TypeError, ValueError) as error:
        raise InputError(f"the column for {name!r} has other things than numbers: {error}") from error
    if not (wanted.kind == "f" and np.asarray(column).dtype.kind == "f") and not np.array_equal(cast, column):
        raise InputError(f"the column for {name!r} has numbers that are no {wanted}")
    return cast
