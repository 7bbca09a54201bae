"""Ray Data: a class for `map_batches`, and what to ask Ray for.

::

    import ray
    from mini_infer.ray import Predictor, resources

    found = ray.data.read_images("s3://images", size=(224, 224)).map_batches(
        Predictor,
        fn_constructor_args=("net.engine",),
        batch_size=64,
        compute=ray.data.ActorPoolStrategy(size=2),
        **resources("net.engine"),
    )

Nothing of this imports `ray`: the class and the numbers are given to it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mini_infer.batches import Batches, Source
from mini_infer.errors import InputError


class Predictor:
    """Runs an engine on batches of columns; each actor loads it once, and the actors of a machine share its weights.

    Parameters
    ----------
    model
        An engine file, `NAME.engine`, or an ONNX model, which is compiled once on each machine.
    columns
        Input → the column that it is read from; the input's own name where it is not given. Of an engine with one
        input, the column's name alone.
    trust_code
        Whether the native code beside an engine file may run, as `Engine.load` says.
    options
        For compiling a model, as of `compile`.

    Raises
    ------
    UsageError
        There is no option of a name, or there are some for an engine file.
    UnsupportedError
        The engine has no rows, or carries state from run to run.
    InputError
        There is no input of a name in `columns`.
    MiniInferError
        As of `Engine.load` and `load_or_compile`.
    """

    def __init__(
        self,
        model: str,
        *,
        columns: Mapping[str, str] | str | None = None,
        trust_code: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._batches = Batches(Source(str(model), trust_code, dict(options or {})).load())
        names = list(self._batches.inputs)
        if isinstance(columns, str):
            if len(names) > 1:
                raise InputError(f"the engine has several inputs, {', '.join(names)}: give a column for each")
            columns = {names[0]: columns}
        if unknown := set(columns or {}) - set(names):
            raise InputError(f"there is no input {min(unknown)!r}; there are {', '.join(names)}")
        self._columns = {name: (columns or {}).get(name, name) for name in names}

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The batch with the outputs as columns, and without the columns that the inputs were read from.

        Raises
        ------
        InputError
            A column is missing, or not what the engine takes.
        """
        if missing := [column for column in self._columns.values() if column not in batch]:
            raise InputError(f"there is no column {missing[0]!r}; there are {', '.join(batch)}")
        made = self._batches.run({name: batch[column] for name, column in self._columns.items()})
        kept = {name: column for name, column in batch.items() if name not in self._columns.values()}
        return {**kept, **made}


def resources(model: str, *, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What to ask Ray for, for each actor: keyword arguments of `map_batches`.

    Parameters
    ----------
    model, options
        As of `Predictor`.

    Returns
    -------
    ``memory``: bytes of the arena, the weights, and the inputs and outputs of the largest run. Python itself and the
    batches of Ray stand beside it.

    Raises
    ------
    MiniInferError
        As of `mini_infer.sizes`; a model that is not in the cache is compiled.
    """
    sizes = Source(str(model), options=dict(options or {})).sizes()
    return {"memory": max(variant.memory.total for variant in sizes.variants)}
