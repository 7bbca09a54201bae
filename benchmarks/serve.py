"""Requests a second of `mini-infer serve` and of onnxruntime behind the same stack, in alternating turns.

    python benchmarks/serve.py net.onnx [--clients 1 4] [--turns 7] [--seconds 3] [--python PYTHON] [--json FILE]

Both servers are one process with one thread that computes: starlette on uvicorn, and the Open Inference Protocol with
tensors in binary, read and written by the same functions (`mini_infer.serve.protocol`). The peer looks at nothing else:
it has no budget, queue, token or metrics. Each client is a thread of this process with a connection that stays open,
and asks anew when it has its answer; inputs are random, of the shapes that the model has.

A line for each number of clients: requests a second, the 50th and 99th percentile of the latency and the CPU time that
the server took for a request, medians over the turns; then the median ratio of turns that followed each other. Answers
are compared first. Only ratios mean much on a shared machine, and those of CPU times most.
"""

import argparse
import asyncio
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mini_infer as mi
from mini_infer.ir import TensorType
from mini_infer.serve import protocol
from mini_infer.verify.samples import random_samples

OURS, PEER = "mini-infer", "onnxruntime"
LENGTH = "Inference-Header-Content-Length"
TOLERANCE = 1e-3
READY_SECONDS = 300.0


# ---- the peer, in a process of its own


def peer(path: str, port: int) -> None:
    """Serve a model by onnxruntime."""
    import onnxruntime as ort
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    described = mi.load_or_compile(path)
    inputs, outputs, name = described.inputs, described.outputs, Path(path).stem
    thread = ThreadPoolExecutor(1)

    async def infer(request: Request) -> Response:
        body = await request.body()
        asked = protocol.parse(body, request.headers.get(LENGTH), inputs, outputs)
        run = asyncio.get_running_loop().run_in_executor(thread, session.run, None, asked.feed)
        head, binary = protocol.answer(name, asked, dict(zip(outputs, await run, strict=True)))
        return Response(head + binary, headers={LENGTH: str(len(head))}, media_type="application/octet-stream")

    async def ready(_: Request) -> Response:
        return Response()

    routes = [
        Route("/v2/health/ready", ready),
        Route("/v2/models/{model}/infer", infer, methods=["POST"]),
    ]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="warning", access_log=False)


# ---- asking


@dataclass(frozen=True, slots=True)
class Asked:
    """What all clients send, and to which path."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, model: str, feed: Mapping[str, np.ndarray]) -> "Asked":
        """A request for all outputs, with tensors in binary."""
        entries = [
            {
                "name": name,
                "datatype": protocol.DATATYPES[array.dtype.name],
                "shape": list(array.shape),
                "parameters": {"binary_data_size": array.nbytes},
            }
            for name, array in feed.items()
        ]
        head = json.dumps({"inputs": entries, "parameters": {"binary_data_output": True}}).encode()
        body = head + b"".join(array.tobytes() for array in feed.values())
        return cls(f"/v2/models/{model}/infer", body, {LENGTH: str(len(head))})

    def send(self, connection: http.client.HTTPConnection) -> tuple[bytes, int]:
        """The answer, and how much of it is JSON."""
        connection.request("POST", self.path, self.body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{self.path}: {answer.status} {content[:200]!r}")
        return content, int(answer.headers[LENGTH])

    def arrays(self, connection: http.client.HTTPConnection) -> dict[str, np.ndarray]:
        """The outputs."""
        content, at = self.send(connection)
        found = {}
        for entry in json.loads(content[:at])["outputs"]:
            size = entry["parameters"]["binary_data_size"]
            dtype = next(name for name, said in protocol.DATATYPES.items() if said == entry["datatype"])
            found[entry["name"]] = np.frombuffer(content[at : at + size], dtype).reshape(entry["shape"])
            at += size
        return found


@dataclass(frozen=True, slots=True)
class Turn:
    """Of one server in a turn: requests a second, seconds of each, and CPU seconds of the server for each."""

    rate: float
    latencies: Sequence[float]
    cpu: float

    def percentile(self, part: float) -> float:
        """A latency in seconds."""
        return float(np.quantile(self.latencies, part))


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection of one client."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                connection = self.connect()
                connection.request("GET", "/v2/health/ready")
                connection.getresponse().read()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("a server does not answer")

    def cpu(self) -> float:
        """CPU seconds that its threads have taken."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9

    def turn(self, asked: Asked, clients: int, seconds: float) -> Turn:
        """Ask for so many seconds."""
        latencies: list[float] = []
        until = time.perf_counter() + seconds

        def ask() -> None:
            connection = self.connect()
            while (began := time.perf_counter()) < until:
                asked.send(connection)
                latencies.append(time.perf_counter() - began)
            connection.close()

        threads = [threading.Thread(target=ask) for _ in range(clients)]
        cpu, began = self.cpu(), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted = time.perf_counter() - began
        return Turn(len(latencies) / lasted, latencies, (self.cpu() - cpu) / len(latencies))


@contextmanager
def started(command: Callable[[int], list[str]]) -> Iterator[Server]:
    """A server for a command that takes the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(subprocess.Popen(command(port)), port)  # noqa: S603 - this Python
    try:
        server.wait()
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


# ---- comparing


def check(given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> None:
    """Refuse to compare the speed of different answers."""
    for name, array in expected.items():
        scale = float(np.abs(array).max(initial=0)) or 1.0
        if not np.allclose(given[name], array, rtol=TOLERANCE, atol=TOLERANCE * scale):
            raise SystemExit(f"the answers differ in {name}")


def report(clients: int, turns: Mapping[str, Sequence[Turn]]) -> dict[str, Any]:
    """Print the medians of both, and the ratios of neighbors; returns them."""

    def middle(figure: Callable[[Turn], float], of: str) -> float:
        return statistics.median(figure(turn) for turn in turns[of])

    made: dict[str, Any] = {"clients": clients}
    for name in turns:
        rate, cpu = middle(lambda turn: turn.rate, name), 1e3 * middle(lambda turn: turn.cpu, name)
        half, most = (1e3 * middle(lambda turn, part=part: turn.percentile(part), name) for part in (0.5, 0.99))  # type: ignore[misc]
        made[name] = {"per_second": rate, "p50_ms": half, "p99_ms": most, "cpu_ms": cpu}
        print(
            f"{clients} clients | {name:12} | {rate:8.1f} requests/s | p50 {half:7.2f} ms | p99 {most:7.2f} ms | "
            f"server's CPU {cpu:.2f} ms a request"
        )
    pairs = list(zip(turns[OURS], turns[PEER], strict=True))
    made["rate_ratio"] = statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)
    made["cpu_ratio"] = statistics.median(theirs.cpu / ours.cpu for ours, theirs in pairs)
    ratios = f"{made['rate_ratio']:.2f} requests/s, {made['cpu_ratio']:.2f} requests per CPU second"
    print(f"{clients} clients | ratio: {ratios}")
    return made


def compare(path: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Both servers on one model."""
    inputs = mi.load_or_compile(path).inputs
    tensors = {name: kind for name, kind in inputs.items() if isinstance(kind, TensorType)}
    if len(tensors) < len(inputs):
        raise SystemExit(f"{path} takes what is no tensor")
    (feed,) = random_samples(tensors, count=1, seed=0)
    asked = Asked.of(path.stem, feed)
    python = arguments.python
    made = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        Path(folder, path.name).symlink_to(path.resolve())
        commands: Mapping[str, Callable[[int], list[str]]] = {
            OURS: lambda port: [python, "-m", "mini_infer", "serve", folder, "--port", str(port)],
            PEER: lambda port: [python, __file__, "--peer", str(path), str(port)],
        }
        servers = {name: stack.enter_context(started(command)) for name, command in commands.items()}
        answers = {name: asked.arrays(server.connect()) for name, server in servers.items()}
        check(answers[OURS], answers[PEER])
        for clients in arguments.clients:
            turns: dict[str, list[Turn]] = {name: [] for name in servers}
            for _ in range(arguments.turns):
                for name, server in servers.items():
                    turns[name].append(server.turn(asked, clients, arguments.seconds))
            made.append({"model": path.stem, **report(clients, turns)})
    return made


def main() -> None:
    """Measure the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--python", default=sys.executable, help="the Python that serves")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = []
    for path in arguments.models:
        print(path.stem)
        found += compare(path, arguments)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(sys.argv[2], int(sys.argv[3]))
    else:
        main()
