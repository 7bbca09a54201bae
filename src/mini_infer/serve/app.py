"""The server's routes: Open Inference Protocol v2, the model repository's, and metrics."""

import asyncio
import contextlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mini_infer.errors import CapacityError, ContextBusyError, InputError, MiniInferError, UnsupportedError
from mini_infer.serve import protocol
from mini_infer.serve.budget import Budget
from mini_infer.serve.metrics import Metrics
from mini_infer.serve.models import Models, need_of
from mini_infer.serve.queue import BusyError, Queue
from mini_infer.serve.repository import Repository
from mini_infer.serve.settings import Settings
from mini_infer.version import __version__

ENVIRONMENT = "MINI_INFER_SERVE"
"""Environment variable that holds the settings of a server's workers."""

_HEADER_LENGTH = "inference-header-content-length"
_RETRY = {"Retry-After": "1"}


class _Refusal(Exception):  # noqa: N818 - an answer, no failure
    """An answer other than 200."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.headers = status, headers


def create() -> Starlette:
    """The application of a worker, which finds its settings in the environment."""
    return application(Settings.read(os.environ[ENVIRONMENT]))


def application(settings: Settings) -> Starlette:
    """The application of a worker."""
    server = _Server(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await server.queue.alone(server.models.follow)
        server.tell_planned()
        yield
        server.queue.close()

    guarded = server.guarded
    model = "/v2/models/{model}"
    routes = [
        *(  # the first ones are found first
            Route(f"{path}{what}", guarded(handler), methods=[method])
            for what, handler, method in (
                ("/infer", server.infer, "POST"),
                ("/ready", server.ready, "GET"),
                ("", server.describe, "GET"),
            )
            for path in (model, f"{model}/versions/{{version}}")
        ),
        Route("/v2", guarded(server.about)),
        Route("/v2/health/live", server.live),
        Route("/v2/health/ready", server.live),
        Route("/v2/repository/index", guarded(server.index), methods=["POST"]),
        Route("/v2/repository/models/{model}/load", guarded(server.load), methods=["POST"]),
        Route("/v2/repository/models/{model}/unload", guarded(server.unload), methods=["POST"]),
        Route("/metrics", guarded(server.metrics_text)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


class _Server:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.budget = Budget(settings.memory, settings.workers, settings.base)
        repository = Repository(Path(settings.models), Path(settings.state))
        self.models = Models(repository, self.budget, evict=settings.evict, batch=settings.batch)
        self.metrics = Metrics()
        self.queue = Queue(self.models, settings.queue, self.metrics)

    def guarded(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """The same for those who may, with errors as answers."""

        async def answer(request: Request) -> Response:
            try:
                self._check_token(request)
                made: Response = await handler(request)
            except _Refusal as refusal:
                return JSONResponse({"error": str(refusal)}, refusal.status, refusal.headers)
            except BusyError as error:
                return JSONResponse({"error": str(error)}, 503, _RETRY)
            except TimeoutError:
                return JSONResponse({"error": f"it took longer than {self.settings.timeout:g} s"}, 504)
            except (CapacityError, ContextBusyError) as error:
                return JSONResponse({"error": str(error)}, 503)
            except (InputError, UnsupportedError) as error:
                return JSONResponse({"error": str(error)}, 400)
            except MiniInferError as error:
                return JSONResponse({"error": str(error)}, 500)
            return made

        return answer

    def _check_token(self, request: Request) -> None:
        if not self.settings.token:
            return
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.settings.token}".encode()):
            raise _Refusal(401, "a token is asked for", {"WWW-Authenticate": "Bearer"})

    def _model(self, request: Request) -> str:
        """The name of the model that is asked for, which is loaded."""
        name: str = request.path_params["model"]
        if request.path_params.get("version", "1") != "1":
            raise _Refusal(404, f"model {name!r} has version 1 alone")
        if name not in self.models.loaded:
            known = name in self.models.repository.names()
            raise _Refusal(404, f"model {name!r} is not loaded" if known else f"there is no model {name!r}")
        return name

    async def live(self, _: Request) -> Response:
        """It answers, so it lives; and it answers when its models are loaded."""
        return Response(status_code=200)

    async def about(self, _: Request) -> Response:
        extensions = ["binary_tensor_data", "model_repository", "metrics"]
        return JSONResponse({"name": "mini-infer", "version": __version__, "extensions": extensions})

    async def ready(self, request: Request) -> Response:
        await self._follow()
        self._model(request)
        return Response(status_code=200)

    async def describe(self, request: Request) -> Response:
        await self._follow()
        name = self._model(request)
        engine = self.models.loaded[name].engine
        return JSONResponse(
            {
                "name": name,
                "versions": ["1"],
                "platform": "mini_infer",
                "inputs": protocol.metadata(engine.inputs),
                "outputs": protocol.metadata(engine.outputs),
                "parameters": {"arena_bytes": engine.arena_bytes, "weight_bytes": engine.weight_bytes},
            }
        )

    async def index(self, _: Request) -> Response:
        await self._follow()
        loaded = self.models.loaded
        return JSONResponse(
            [
                {"name": name, "version": "1", "state": "READY" if name in loaded else "UNAVAILABLE", "reason": ""}
                for name in self.models.repository.names()
            ]
        )

    async def load(self, request: Request) -> Response:
        name = request.path_params["model"]
        path = self.models.repository.path(name)
        await asyncio.to_thread(need_of, name, path)  # where it is compiled, requests of others go on meanwhile
        await self.queue.alone(lambda: self.models.load(name))
        self.tell_planned()
        return JSONResponse({})

    async def unload(self, request: Request) -> Response:
        name = request.path_params["model"]
        await self.queue.alone(lambda: self.models.unload(name))
        self.tell_planned()
        return JSONResponse({})

    async def metrics_text(self, _: Request) -> Response:
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def infer(self, request: Request) -> Response:
        began = time.monotonic()
        await self._follow()
        name = self._model(request)
        well = False
        try:
            body = await self._body(request)
            engine = self.models.loaded[name].engine
            asked = protocol.parse(body, request.headers.get(_HEADER_LENGTH), engine.inputs, engine.outputs)
            made = await self.queue.infer(name, asked.feed, self.settings.timeout)
            head, binary = protocol.answer(name, asked, made)
            well = True
        finally:
            self.metrics.answered(name, time.monotonic() - began, well=well)
        if not binary:
            return Response(head, media_type="application/json")
        headers = {"Inference-Header-Content-Length": str(len(head))}
        return Response(head + binary, media_type="application/octet-stream", headers=headers)

    async def _body(self, request: Request) -> bytes:
        limit = self.settings.body_limit
        if request.headers.get("content-encoding", "identity") != "identity":
            raise _Refusal(415, "compressed bodies are not read")
        said = request.headers.get("content-length", "0")
        parts, size = [], int(said) if said.isdecimal() else 0
        if size <= limit:
            size = 0
            try:
                async for part in request.stream():
                    size += len(part)
                    if size > limit:
                        break
                    parts.append(part)
            except ClientDisconnect:
                raise _Refusal(400, "the client went away") from None
        if size > limit:
            raise _Refusal(413, f"the body has more than {limit} bytes", {"Connection": "close"})
        return b"".join(parts)

    async def _follow(self) -> None:
        """Be in step with the other workers."""
        if self.models.is_behind:
            await self.queue.alone(self.models.follow)
            self.tell_planned()

    def tell_planned(self) -> None:
        """Put what is planned into the metrics."""
        weights, arena = self.models.planned_bytes
        workers = self.settings.workers
        base = workers * self.settings.base
        self.metrics.planned(weights=weights, arenas=workers * arena, workers=base)
