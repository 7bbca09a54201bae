"""A real server: processes, sockets and signals."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("prometheus_client")

from serve_models import save_engine

import mini_infer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Server:
    """A process that serves a folder."""

    def __init__(self, folder, *words):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mini_infer", "serve", str(folder), "--port", str(self.port), *words],
            env={**os.environ, "PYTHONPATH": str(Path(mini_infer.__file__).parents[1])},
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self):
        """Until it answers."""
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.ask("GET", "/v2/health/ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        pytest.fail(f"the server does not answer: {self.process.communicate(timeout=5)[1]}")

    def ask(self, method, path, content=None):
        """Status and body, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, content)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process.stderr.close()


@pytest.fixture
def serve():
    """Start servers, which end with the test."""
    started = []

    def start(*arguments):
        started.append(Server(*arguments))
        started[-1].wait()
        return started[-1]

    yield start
    for server in started:
        server.end()


def body(x):
    return json.dumps(
        {"inputs": [{"name": "x", "datatype": "FP32", "shape": list(x.shape), "data": x.ravel().tolist()}]}
    ).encode()


def post(length, content):
    return f"POST /v2/models/a/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + content


@pytest.mark.slow
def test_workers_load_and_unload_together(tmp_path, serve):
    expected = save_engine(tmp_path / "a.engine", 3)
    save_engine(tmp_path / "b.engine", 4)
    server = serve(tmp_path, "--workers", "2", "--load", "a", "--memory", "1G")
    x = np.ones((1, 3), np.float32)
    for _ in range(10):
        status, content = server.ask("POST", "/v2/models/a/infer", body(x))
        assert status == 200
        np.testing.assert_allclose(json.loads(content)["outputs"][0]["data"], expected(x)[0], rtol=1e-5)
    assert server.ask("POST", "/v2/repository/models/b/load")[0] == 200
    assert {server.ask("GET", "/v2/models/b/ready")[0] for _ in range(10)} == {200}
    assert server.ask("POST", "/v2/repository/models/a/unload")[0] == 200
    assert {server.ask("GET", "/v2/models/a/ready")[0] for _ in range(10)} == {404}
    text = server.ask("GET", "/metrics")[1].decode()
    assert 'nv_inference_count_total{model="a",version="1"} 10.0' in text  # of both workers


@pytest.mark.slow
def test_sigterm_loses_no_accepted_request(tmp_path, serve):
    save_engine(tmp_path / "a.engine", 1500, rows=1, hidden=3000)
    server = serve(tmp_path)
    content = body(np.ones((1, 1500), np.float32))
    sockets = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(12)]
    for each in sockets:
        each.sendall(post(len(content), content))
    time.sleep(0.2)  # until all are read; the first ones run
    server.process.send_signal(signal.SIGTERM)
    answers = []
    for each in sockets:
        answer = http.client.HTTPResponse(each)
        answer.begin()
        answers.append((answer.status, len(json.loads(answer.read())["outputs"])))
        each.close()
    assert answers == [(200, 2)] * 12
    server.process.wait(60)
    with pytest.raises(ConnectionRefusedError):
        server.ask("GET", "/v2/health/live")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thousand_bad_bodies_leave_no_memory_behind(tmp_path, serve):
    save_engine(tmp_path / "a.engine", 3)
    server = serve(tmp_path)

    def resident():
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    good = body(np.ones((1, 3), np.float32))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    before = 0
    for index in range(1200):
        if index == 200:
            before = resident()
        content = good[: index % len(good)] if index % 3 else good.replace(b"FP32", bytes([index % 256]) * 40)
        connection.request("POST", "/v2/models/a/infer", content)
        answer = connection.getresponse()
        assert (answer.status, list(json.loads(answer.read()))) == (400, ["error"])
    assert resident() - before < 2048  # KiB
    connection.close()
    assert server.ask("POST", "/v2/models/a/infer", good)[0] == 200


def test_what_does_not_fit_ends_with_one_line(tmp_path):
    save_engine(tmp_path / "a.engine", 3)
    server = Server(tmp_path, "--memory", "1M")
    assert server.process.wait(60) == 5
    (line,) = server.process.stderr.read().splitlines()
    server.end()
    assert line.startswith("mini-infer: error: a does not fit into 1,048,576 bytes: ")


def test_a_damaged_engine_ends_with_one_line(tmp_path):
    save_engine(tmp_path / "a.engine", 3)
    content = bytearray((tmp_path / "a.engine").read_bytes())
    content[-20] ^= 1
    (tmp_path / "a.engine").write_bytes(content)
    server = Server(tmp_path)
    assert server.process.wait(60) == 7
    (line,) = server.process.stderr.read().splitlines()
    server.end()
    assert line.startswith("mini-infer: error: ")


def test_a_folder_that_is_none():
    server = Server("nowhere")
    assert server.process.wait(60) == 2
    assert server.process.stderr.read() == "mini-infer: error: nowhere is no folder of models\n"
    server.end()


@pytest.mark.slow
def test_triton_client(tmp_path, serve):
    client = pytest.importorskip("tritonclient.http")
    expected = save_engine(tmp_path / "a.engine", 3)
    server = serve(tmp_path)
    triton = client.InferenceServerClient(f"127.0.0.1:{server.port}")
    assert triton.is_server_live()
    assert triton.is_model_ready("a")
    assert triton.get_model_metadata("a")["inputs"][0]["shape"] == [-1, 3]
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for is_binary in (True, False):
        given = client.InferInput("x", x.shape, "FP32")
        given.set_data_from_numpy(x, binary_data=is_binary)
        wanted = [client.InferRequestedOutput(name, binary_data=is_binary) for name in ("y", "n")]
        made = triton.infer("a", [given], outputs=wanted)
        np.testing.assert_allclose(made.as_numpy("y"), expected(x), rtol=1e-5)
        assert made.as_numpy("n").tolist() == expected(x).argmax(1).tolist()
    triton.unload_model("a")
    assert not triton.is_model_ready("a")
    triton.load_model("a")
    other = client.InferInput("q", x.shape, "FP32")
    other.set_data_from_numpy(x)
    with pytest.raises(client.InferenceServerException, match="there is no input 'q'"):
        triton.infer("a", [other])
    triton.close()
