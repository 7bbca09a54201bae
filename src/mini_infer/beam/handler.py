"""The class of Beam's that loads an engine in each worker process and runs batches of elements."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from apache_beam.ml.inference import base

from mini_infer.batches import Batches, Source, rows_of
from mini_infer.beam import files
from mini_infer.errors import InputError

Element = np.ndarray | Mapping[str, np.ndarray]
"""A row: input name → array without the dimension of rows; the array alone where there is one input."""


class ModelHandler(base.ModelHandler[Element, base.PredictionResult, Batches]):  # type: ignore[misc]
    """Runs an engine in Beam's RunInference.

    Each worker process loads the engine once; its threads take turns in the contexts. Elements of the same shapes run
    together, in batches of sizes that the engine takes. The inference of an element is output name → row.

    Parameters
    ----------
    model
        An engine file, `NAME.engine`, or an ONNX model, which is compiled once on each machine. It may be of any file
        system that Beam knows, such as ``gs://``: then it is copied to the worker's machine once.
    contexts
        How many threads of a process may run at once; each takes an arena.
    trust_code
        Whether the native code beside an engine file may run, as `Engine.load` says.
    options
        For compiling a model, as of `compile`.
    **settings
        Of Beam's handlers: `min_batch_size`, `max_batch_size`, `max_batch_duration_secs`, ... By default, batches are
        as large as a run of the engine, where its file is at hand when the pipeline is made.

    Raises
    ------
    UsageError
        There is no option of a name, or there are some for an engine file; a model that lies elsewhere comes with code.

    Notes
    -----
    With `model_metadata_pcoll` RunInference changes the model while the pipeline runs: the next batch that a process
    gets loads the new one, and the old one goes. `large_model` and `model_copies` would have one process run for all
    others; they are not needed, since weights are mapped and shared.
    """

    def __init__(
        self,
        model: str,
        *,
        contexts: int = 1,
        trust_code: bool = False,
        options: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._source = Source(str(model), trust_code, dict(options or {}))
        self._contexts = contexts

    def load_model(self) -> Batches:
        """The engine of this process.

        Raises
        ------
        MiniInferError
            As of `Engine.load` and `load_or_compile`; or the engine has no rows, or carries state.
        """
        return Batches(files.load(self._source), self._contexts)

    def run_inference(
        self, batch: Sequence[Element], model: Batches, inference_args: Mapping[str, Any] | None = None
    ) -> Iterable[base.PredictionResult]:
        """A result for each element, in their order.

        Raises
        ------
        InputError
            An element is not what the engine takes.
        """
        self.validate_inference_args(inference_args)
        feeds = [_feed(element, model) for element in batch]
        alike: dict[tuple[Any, ...], list[int]] = {}
        for index, feed in enumerate(feeds):
            alike.setdefault(tuple((array.dtype, array.shape) for array in feed.values()), []).append(index)
        made: dict[int, dict[str, np.ndarray]] = {}
        for indices in alike.values():
            outputs = model.run({name: np.stack([feeds[index][name] for index in indices]) for name in model.inputs})
            for row, index in enumerate(indices):
                made[index] = {name: array[row] for name, array in outputs.items()}
        return [base.PredictionResult(element, made[index], self._source.path) for index, element in enumerate(batch)]

    def update_model_path(self, model_path: str | None = None) -> None:
        """Load another model from now on; its options stay."""
        if model_path:
            self._source = Source(model_path, self._source.trust_code, self._source.options)

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """How many elements Beam joins."""
        settings: dict[str, Any] = dict(super().batch_elements_kwargs())
        if settings or not files.is_here(self._source.path) or not Path(self._source.path).exists():
            return settings
        return {"min_batch_size": 1, "max_batch_size": rows_of(self._source.sizes())[-1]}

    def validate_inference_args(self, inference_args: Mapping[str, Any] | None) -> None:
        """There are none: an engine has inputs only."""
        if inference_args:
            raise InputError(f"an engine takes no inference_args; given are {', '.join(inference_args)}")

    def get_num_bytes(self, batch: Sequence[Element]) -> int:
        """Of the elements' arrays."""
        return sum(
            sum(array.nbytes for array in each.values()) if isinstance(each, Mapping) else each.nbytes for each in batch
        )

    def get_metrics_namespace(self) -> str:
        """Under which Beam counts."""
        return "BeamML_MiniInfer"


def _feed(element: Element, model: Batches) -> dict[str, np.ndarray]:
    """An element's arrays by the names of the inputs, in their order."""
    if not isinstance(element, Mapping):
        if len(model.inputs) > 1:
            raise InputError(f"the engine has several inputs, {', '.join(model.inputs)}: give elements by these names")
        return {name: np.asarray(element) for name in model.inputs}
    if set(element) != set(model.inputs):
        raise InputError(
            f"an element has {', '.join(element) or 'nothing'}; the engine takes {', '.join(model.inputs)}"
        )
    return {name: np.asarray(element[name]) for name in model.inputs}
