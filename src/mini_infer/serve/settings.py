"""What a server is told: by the command line, and by it to its workers."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

from mini_infer.errors import UsageError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is told.

    Parameters
    ----------
    models
        The folder of models: `NAME.engine`, or `NAME.onnx`, which is compiled once and kept in the cache.
    state
        A folder of the server's own, in which its workers tell each other what is loaded.
    load
        Names of the models to load at the start; None: all.
    memory
        Bytes that weights, arenas and the workers themselves may take together, or None.
    workers
        Processes. Each has one arena, which all models share; weights are mapped, and shared by all.
    evict
        Whether the models that were not used for longest leave for one that is to be loaded.
    batch
        Name of the dimension along which requests may be joined: inputs and outputs begin with it.
    base
        Bytes that a worker takes without any model.
    host, port
        Where it listens.
    token
        What clients send as `Authorization: Bearer TOKEN`; empty: nothing.
    certificate, key
        Files of TLS, or empty.
    timeout
        Seconds that a request may take, the waiting included.
    body_limit
        Bytes of a request's body.
    queue
        Requests that may wait in a worker; one more is answered with 503 and `Retry-After`.
    grace
        Seconds that accepted requests have to end after SIGTERM.

    Raises
    ------
    UsageError
        A number makes no sense, there is no such folder, or half of what TLS needs is given.
    """

    models: str
    state: str = ""
    load: tuple[str, ...] | None = None
    memory: int | None = None
    workers: int = 1
    evict: bool = True
    batch: str = "batch"
    base: int = 0
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    certificate: str = ""
    key: str = ""
    timeout: float = 60.0
    body_limit: int = 64 << 20
    queue: int = 64
    grace: int = 30

    def __post_init__(self) -> None:
        if not Path(self.models).is_dir():
            raise UsageError(f"{self.models} is no folder of models")
        if self.workers < 1 or self.queue < 1 or self.timeout <= 0:
            raise UsageError("workers, queue and timeout must be 1 or more")
        if bool(self.certificate) != bool(self.key):
            raise UsageError("--tls-certificate and --tls-key are given together")

    def text(self) -> str:
        """The settings as text, for workers."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        """What `text` wrote."""
        values = json.loads(text)
        values["load"] = None if values["load"] is None else tuple(values["load"])
        return cls(**{field.name: values[field.name] for field in fields(cls)})
