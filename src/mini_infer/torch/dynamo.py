"""The backend of `torch.compile`: a graph of Dynamo's, run by engines where that means the same, else by PyTorch.

1. Parameters and buffers are constants of an engine. It is built for the tensors that they were; another tensor, other
   bytes or an operation in place (`_version`) makes it anew. What is done in place to `.data` is not seen:
   `torch.compiler.reset()` afterwards.
2. There is an engine for each set of shapes, up to a bound; other shapes run by PyTorch.
3. By PyTorch run: gradients, autocast, devices other than the processor, and graphs of which `meaning` says why.
4. The first call of each set of shapes is PyTorch's; an engine whose answers are not the same is not used.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mini_infer.errors import MiniInferError, UsageError
from mini_infer.options import Options
from mini_infer.torch.export import torch
from mini_infer.torch.graph import Compiled, build
from mini_infer.torch.meaning import Watched

_log = logging.getLogger("mini_infer.torch")
_said: set[str] = set()

ENGINES = 8
"""Sets of shapes of one graph that get an engine each, unless the option `engines` says otherwise."""

REBUILT = 3
"""How often weights may change before a graph is left to PyTorch."""


def backend(gm: Any, example_inputs: Sequence[Any], *, options: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """Run a graph of Dynamo's; `torch.compile(model, backend="mini_infer", options={...})` calls this.

    Parameters
    ----------
    gm, example_inputs
        The graph, and inputs like those that it will have.
    options
        Those of `mini_infer.compile`, such as `threads` or `memory_limit`; `optimize` may name a goal, as on the
        command line; `engines` is how many sets of shapes get one.

    Raises
    ------
    UsageError
        For an option that there is not.
    """
    del example_inputs  # the first call brings real ones
    run = Graph(gm, dict(options or {}))
    return torch()._dynamo.disable(run)  # type: ignore[no-any-return] # noqa: SLF001 - or Dynamo would trace this program


class Graph:
    """One graph, and the engines that run it."""

    def __init__(self, gm: Any, options: dict[str, Any]) -> None:
        self.gm = gm
        self.limit = options.pop("engines", ENGINES)
        if isinstance(options.get("optimize"), str):
            options["goal"] = options.pop("optimize")
        try:
            self.options = Options(**options)
        except TypeError:
            known = ", ".join(("engines", *Options.__dataclass_fields__))
            raise UsageError(f"the options are {', '.join(options)}; those of this backend are {known}") from None
        placeholders = [node for node in gm.graph.nodes if node.op == "placeholder"]
        self.weights = [index for index, node in enumerate(placeholders) if _is_weight(node)]
        self.constant = frozenset(self.weights)
        self.engines: dict[tuple[Any, ...], Compiled | None] = {}
        self.seen: list[tuple[Any, int, Any]] = []
        self.rebuilt = 0
        self.lock = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        """Run once, by an engine or by PyTorch."""
        reason = _stays(arguments)
        if reason:
            _say(reason)
            return self.gm(*arguments)
        with self.lock:
            self._look_at(arguments)
            key = self._key(arguments)
            if key not in self.engines and self._may_build():
                return self._built(key, arguments)
            compiled = self.engines.get(key)
            if compiled is not None:
                return compiled.run(arguments)
        return self.gm(*arguments)

    def _look_at(self, arguments: Sequence[Any]) -> None:
        """Forget the engines where weights are not what they were."""
        if self.seen and any(
            arguments[index] is not tensor or tensor._version != version or tensor.data_ptr() != held.data_ptr()  # noqa: SLF001
            for index, (tensor, version, held) in zip(self.weights, self.seen, strict=True)
        ):
            self.engines.clear()
            self.seen = []
            self.rebuilt += 1

    def _key(self, arguments: Sequence[Any]) -> tuple[Any, ...]:
        """The shapes and types of what is no weight, and the numbers."""
        return tuple(
            (tuple(value.shape), value.dtype) if isinstance(value, torch().Tensor) else value
            for index, value in enumerate(arguments)
            if index not in self.constant
        )

    def _may_build(self) -> bool:
        if self.rebuilt > REBUILT:
            _say(f"its weights changed {self.rebuilt} times")
        elif len(self.engines) >= self.limit:
            _say(f"it came in more than {self.limit} sets of shapes; the option engines=N allows more")
        else:
            return True
        return False

    def _built(self, key: tuple[Any, ...], arguments: Sequence[Any]) -> Any:
        """PyTorch's results, after which there is an engine for these shapes, or None where PyTorch runs them."""
        watched = Watched([value for value in arguments if isinstance(value, torch().Tensor)])
        expected = self.gm(*arguments)
        self.engines[key] = None
        try:
            watched.check()
            weights = [arguments[index] for index in self.weights]
            if any(weight.is_inference() for weight in weights):
                raise UsageError("its weights were made in inference mode, so changes of them would not be seen")
            # what is held keeps its bytes, so that no other tensor gets their address
            self.seen = [(weight, weight._version, weight.detach()) for weight in weights]  # noqa: SLF001
            self.engines[key] = build(self.gm, arguments, expected, self.constant, self.options)
        except MiniInferError as error:
            _say(str(error))
        except Exception as error:  # noqa: BLE001 - whatever happens, the model runs
            _say(f"{type(error).__name__}: {error}")
        return expected


def _is_weight(node: Any) -> bool:
    """Whether a placeholder is a parameter or a buffer."""
    from torch._dynamo.source import is_from_unspecialized_param_buffer_source

    source = getattr(node, "_dynamo_source", None)
    return source is not None and bool(is_from_unspecialized_param_buffer_source(source))


def _stays(arguments: Sequence[Any]) -> str:
    """Why a call is PyTorch's, whatever the graph; empty where it need not be."""
    library = torch()
    tensors = [value for value in arguments if isinstance(value, library.Tensor)]
    if library.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return "gradients are on: call it under torch.no_grad()"
    if library.is_autocast_enabled("cpu"):
        return "autocast is on"
    if other := next((tensor.device for tensor in tensors if tensor.device.type != "cpu"), None):
        return f"a tensor is on {other}"
    return ""


def _say(reason: str) -> None:
    """Say once that a graph is left to PyTorch, and why."""
    if reason not in _said:
        _said.add(reason)
        _log.warning("a graph runs by PyTorch alone: %s", reason)
