"""A server from its settings: what is to be loaded is held against the memory before anything listens."""

import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from mini_infer.errors import InputError
from mini_infer.serve.budget import Budget, Need, own_bytes
from mini_infer.serve.library import check_installed
from mini_infer.serve.settings import LOOPBACK, Settings

_log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; accepted requests are answered first.

    Raises
    ------
    MissingPackageError
        A package of the extra `serve` is missing.
    InputError
        A model that is to be loaded is not there.
    CapacityError
        The models do not fit into the memory; nothing was loaded.
    MiniInferError
        A model cannot be compiled or loaded, or carries state.
    """
    with tempfile.TemporaryDirectory(prefix="mini-infer-serve-") as folder:
        if settings.workers > 1:
            counters = Path(folder, "metrics")
            counters.mkdir()
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counters)  # read when prometheus-client is imported
        check_installed()
        import uvicorn

        from mini_infer.serve.app import ENVIRONMENT

        settings = replace(settings, state=folder, base=own_bytes())
        prepare(settings)
        if settings.host not in LOOPBACK and not settings.token:
            _log.warning("%s takes requests from elsewhere without a token: --token-file", settings.host)
        os.environ[ENVIRONMENT] = settings.text()
        _log.info("listening on %s:%d, %d workers", settings.host, settings.port, settings.workers)
        uvicorn.run(
            "mini_infer.serve.app:create",
            factory=True,
            http="mini_infer.serve.connection:Connection",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            timeout_graceful_shutdown=settings.grace,
            ssl_certfile=settings.certificate or None,
            ssl_keyfile=settings.key or None,
            log_level="warning",
            access_log=False,
        )


def prepare(settings: Settings) -> None:
    """Choose what workers load, after it was held against the memory. Errors are those of `serve`."""
    from mini_infer.serve.models import engine_of, need_of
    from mini_infer.serve.repository import Repository

    repository = Repository(Path(settings.models), Path(settings.state))
    names = repository.names() if settings.load is None else list(settings.load)
    if settings.load is None and not names:
        raise InputError(f"{settings.models} has no models: NAME.engine or NAME.onnx")
    budget = Budget(settings.memory, settings.workers, settings.base)
    needs: list[Need] = []
    for name in names:
        need = need_of(name, repository.path(name))
        budget.leaving(needs, need, evict=False)
        needs.append(need)
    for name in names:
        engine_of(name, repository.path(name))  # so its code is built once, before all workers want it
        repository.set_loaded(name)
