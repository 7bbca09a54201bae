"""Options of sessions and runs. Most say how onnxruntime shall work, and say nothing here; all are passed on to it."""

import enum
from typing import Any


class GraphOptimizationLevel(enum.IntEnum):
    """How much onnxruntime rewrites."""

    ORT_DISABLE_ALL = 0
    ORT_ENABLE_BASIC = 1
    ORT_ENABLE_EXTENDED = 2
    ORT_ENABLE_LAYOUT = 3
    ORT_ENABLE_ALL = 99


class ExecutionMode(enum.IntEnum):
    """In what order onnxruntime runs nodes."""

    ORT_SEQUENTIAL = 0
    ORT_PARALLEL = 1


class _Options:
    """Attributes that are set, and methods that are called, kept for onnxruntime's own object."""

    _DEFAULTS: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def __init__(self) -> None:
        self.__dict__.update(self._DEFAULTS)
        self.__dict__["calls"] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not name.startswith(("add_", "register_", "enable_", "set_", "get_", "has_")):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return lambda *given: self.calls.append((name, given))

    def passed_on(self, other: Any) -> Any:
        """The same on an object of onnxruntime's."""
        for name, value in vars(self).items():
            if name != "calls" and value != self._DEFAULTS.get(name):
                setattr(other, name, _plain(value, getattr(other, name, value)))
        for name, given in self.calls:
            getattr(other, name)(*given)
        return other


class SessionOptions(_Options):
    """Options of a session. `intra_op_num_threads` is how many threads one run is spread over; 0: one for each core."""

    _DEFAULTS = {  # noqa: RUF012 - never changed
        "enable_cpu_mem_arena": True,
        "enable_mem_pattern": True,
        "enable_mem_reuse": True,
        "enable_profiling": False,
        "execution_mode": ExecutionMode.ORT_SEQUENTIAL,
        "graph_optimization_level": GraphOptimizationLevel.ORT_ENABLE_ALL,
        "inter_op_num_threads": 0,
        "intra_op_num_threads": 0,
        "log_severity_level": -1,
        "log_verbosity_level": 0,
        "logid": "",
        "optimized_model_filepath": "",
        "profile_file_prefix": "onnxruntime_profile_",
        "use_deterministic_compute": False,
    }


class RunOptions(_Options):
    """Options of a run, which say nothing here."""

    _DEFAULTS = {  # noqa: RUF012 - never changed
        "log_severity_level": -1,
        "log_verbosity_level": 0,
        "logid": "",
        "only_execute_path_to_fetches": False,
        "terminate": False,
    }


def _plain(value: Any, like: Any) -> Any:
    """One of our enumerations as onnxruntime's."""
    return getattr(type(like), value.name) if isinstance(value, enum.IntEnum) else value
