"""A worker's answers, asked over HTTP in this process."""

import json
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")
pytest.importorskip("httpx2", reason="starlette's test client needs it")

from serve_models import model, save_engine
from starlette.testclient import TestClient

import mini_infer as mi
from mini_infer.errors import CapacityError, InputError, UsageError
from mini_infer.serve import Settings
from mini_infer.serve.app import application
from mini_infer.serve.models import Models
from mini_infer.serve.server import prepare

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def folder(tmp_path):
    """Three engines, `a` the smallest, and what they compute."""
    models = tmp_path / "models"
    models.mkdir()
    computed = {
        "a": save_engine(models / "a.engine", 3),
        "b": save_engine(models / "b.engine", 50, hidden=64),
        "c": save_engine(models / "c.engine", 60, rows=1, hidden=64),
    }
    return SimpleNamespace(path=models, state=tmp_path / "state", expected=computed)


@pytest.fixture
def start(folder):
    """Start a worker."""
    clients = []

    def started(**settings):
        made = Settings(**{"models": str(folder.path), "state": str(folder.state), **settings})
        prepare(made)
        client = TestClient(application(made), raise_server_exceptions=False).__enter__()
        clients.append(client)
        return client

    yield started
    for client in clients:
        client.__exit__(None, None, None)


def body(x, name="x"):
    return {"inputs": [{"name": name, "datatype": "FP32", "shape": list(x.shape), "data": x.ravel().tolist()}]}


def output(answer, name="y"):
    assert answer.status_code == 200, answer.text
    (found,) = [each for each in answer.json()["outputs"] if each["name"] == name]
    return np.array(found["data"]).reshape(found["shape"])


def draw(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_answers_in_json(start, folder):
    client = start()
    for name, width in (("a", 3), ("b", 50), ("c", 60), ("a", 3)):
        x = draw(1, width)
        answer = client.post(f"/v2/models/{name}/infer", json=body(x))
        np.testing.assert_allclose(output(answer), folder.expected[name](x), rtol=1e-5)
        assert answer.json()["model_name"] == name


def test_answers_in_binary(start, folder):
    client = start()
    x = draw(2, 3)
    entry = {"name": "x", "datatype": "FP32", "shape": [2, 3], "parameters": {"binary_data_size": x.nbytes}}
    head = json.dumps({"id": "7", "inputs": [entry], "parameters": {"binary_data_output": True}}).encode()
    answer = client.post(
        "/v2/models/a/versions/1/infer",
        content=head + x.tobytes(),
        headers={"Inference-Header-Content-Length": str(len(head))},
    )
    assert answer.status_code == 200
    length = int(answer.headers["inference-header-content-length"])
    said = json.loads(answer.content[:length])
    assert (said["id"], [each["name"] for each in said["outputs"]]) == ("7", ["y", "n"])
    y = np.frombuffer(answer.content[length : length + 32], np.float32).reshape(2, 4)
    np.testing.assert_allclose(y, folder.expected["a"](x), rtol=1e-5)
    assert np.frombuffer(answer.content[length + 32 :], np.int64).tolist() == y.argmax(1).tolist()


def test_health_and_metadata(start):
    client = start(load=("a",))
    assert [client.get(f"/v2/health/{what}").status_code for what in ("live", "ready")] == [200, 200]
    assert client.get("/v2").json()["name"] == "mini-infer"
    said = client.get("/v2/models/a").json()
    assert said["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}]
    assert [each["shape"] for each in said["outputs"]] == [[-1, 4], [-1]]
    assert client.get("/v2/models/a/ready").status_code == 200
    assert client.get("/v2/models/b/ready").status_code == 404
    assert client.get("/v2/models/b").json() == {"error": "model 'b' is not loaded"}
    assert client.get("/v2/models/q").json() == {"error": "there is no model 'q'"}
    assert client.get("/v2/models/a/versions/2").status_code == 404


def test_the_repository(start):
    client = start(load=("a",))

    def states():
        return {each["name"]: each["state"] for each in client.post("/v2/repository/index").json()}

    assert states() == {"a": "READY", "b": "UNAVAILABLE", "c": "UNAVAILABLE"}
    assert client.post("/v2/repository/models/b/load").status_code == 200
    assert client.post("/v2/repository/models/a/unload").status_code == 200
    assert states() == {"a": "UNAVAILABLE", "b": "READY", "c": "UNAVAILABLE"}
    assert client.post("/v2/repository/models/a/unload").status_code == 400
    assert client.post("/v2/repository/models/q/load").status_code == 400
    assert client.post("/v2/models/a/infer", json=body(draw(1, 3))).status_code == 404
    assert client.post("/v2/models/b/infer", json=body(draw(1, 50))).status_code == 200


def bytes_of(folder, *names):
    found = [mi.sizes(folder.path / f"{name}.engine") for name in names]
    return sum(each.weight_bytes for each in found) + max(each.arena_bytes for each in found)


def test_the_model_not_used_for_longest_leaves(start, folder):
    client = start(load=("a", "b"), memory=bytes_of(folder, "a", "b", "c") - 1)
    for folder_time, name in enumerate(("b", "a")):
        os.utime(folder.state / "loaded" / name, ns=(folder_time, folder_time))
    assert client.post("/v2/repository/models/c/load").status_code == 200
    assert sorted(path.name for path in (folder.state / "loaded").iterdir()) == ["a", "c"]


def test_what_does_not_fit_is_refused_before_it_is_loaded(start, folder):
    limit = bytes_of(folder, "a", "b", "c") - 1
    client = start(load=("a", "b"), memory=limit, evict=False)
    answer = client.post("/v2/repository/models/c/load")
    assert answer.status_code == 503
    assert f"c does not fit into {limit:,} bytes beside a, b: {limit + 1:,} are needed" in answer.json()["error"]
    assert client.get("/v2/models/c/ready").status_code == 404
    with pytest.raises(CapacityError, match=r"^c does not fit into"):
        prepare(Settings(models=str(folder.path), state=str(folder.state / "other"), memory=limit))


def test_two_workers_are_in_step(start):
    one, other = start(load=("a",)), start(load=("a",))
    assert one.post("/v2/repository/models/b/load").status_code == 200
    assert other.get("/v2/models/b/ready").status_code == 200
    assert other.post("/v2/repository/models/a/unload").status_code == 200
    assert one.get("/v2/models/a/ready").status_code == 404


def test_models_share_one_arena(folder):
    from mini_infer.serve.budget import Budget
    from mini_infer.serve.repository import Repository

    models = Models(Repository(folder.path, folder.state), Budget(None, 1, 0), evict=True, batch="batch")
    for name in "abc":
        models.load(name)
    arenas = {each.context.arena.__array_interface__["data"][0] for each in models.loaded.values()}
    assert len(arenas) == 1
    largest = max(each.engine.arena_bytes for each in models.loaded.values())
    assert models.planned_bytes[1] == largest
    assert [models.loaded[name].rows for name in "abc"] == [4, 4, 1]
    models.unload("b")
    models.unload("c")
    assert models.planned_bytes[1] == models.loaded["a"].engine.arena_bytes < largest


def test_waiting_requests_are_joined(start, folder, monkeypatch):
    client = start(load=("a", "c"))
    held, begun = threading.Event(), threading.Event()
    ran = []
    plain = Models.run

    def run(self, name, feeds):
        ran.append([next(iter(feed.values())).shape[0] for feed in feeds])
        begun.set()
        held.wait(10)
        return plain(self, name, feeds)

    monkeypatch.setattr(Models, "run", run)
    inputs = [draw(1, 3), *(draw(rows, 3) + rows for rows in (2, 1, 1, 3))]
    answers = [None] * len(inputs)

    def ask(index):
        answers[index] = client.post("/v2/models/a/infer", json=body(inputs[index]))

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(inputs))]
    threads[0].start()
    begun.wait(10)
    for thread in threads[1:]:
        thread.start()
        threading.Event().wait(0.2)
    held.set()
    for thread in threads:
        thread.join()
    assert ran == [[1], [2, 1, 1], [3]]
    for x, answer in zip(inputs, answers, strict=True):
        np.testing.assert_allclose(output(answer), folder.expected["a"](x), rtol=1e-5)


def test_too_many_waiting_requests_are_told_to_come_again(start, monkeypatch):
    client = start(load=("c",), queue=1)
    held, begun = threading.Event(), threading.Event()
    plain = Models.run

    def run(self, name, feeds):
        begun.set()
        held.wait(10)
        return plain(self, name, feeds)

    monkeypatch.setattr(Models, "run", run)
    codes = []
    threads = [
        threading.Thread(target=lambda: codes.append(client.post("/v2/models/c/infer", json=body(draw(1, 60)))))
        for _ in range(2)
    ]
    threads[0].start()
    begun.wait(10)
    threads[1].start()
    threading.Event().wait(0.3)
    refused = client.post("/v2/models/c/infer", json=body(draw(1, 60)))
    held.set()
    for thread in threads:
        thread.join()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert [answer.status_code for answer in codes] == [200, 200]


def test_what_takes_too_long_is_given_up(start, monkeypatch):
    client = start(load=("c",), timeout=0.2)
    held = threading.Event()
    monkeypatch.setattr(Models, "run", lambda *_: held.wait(10))
    answer = client.post("/v2/models/c/infer", json=body(draw(1, 60)))
    held.set()
    assert (answer.status_code, answer.json()) == (504, {"error": "it took longer than 0.2 s"})


def test_bodies_that_are_too_large_or_compressed(start):
    client = start(load=("a",), body_limit=200)
    assert client.post("/v2/models/a/infer", content=b"x" * 201).status_code == 413
    assert client.post("/v2/models/a/infer", content=iter([b"x" * 150, b"x" * 150])).status_code == 413
    assert client.post("/v2/models/a/infer", content=b"", headers={"Content-Encoding": "gzip"}).status_code == 415
    assert client.post("/v2/models/a/infer", json=body(draw(1, 3))).status_code == 200


def test_tokens(start):
    client = start(load=("a",), token="secret")  # noqa: S106 - a test's
    assert client.get("/v2/health/live").status_code == 200
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "secret"}):
        answer = client.get("/v2/models/a", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert client.get("/metrics", headers={"Authorization": "Bearer secret"}).status_code == 200


def test_metrics(start, folder):
    client = start(load=("a", "b"))
    client.post("/v2/models/a/infer", json=body(draw(3, 3)))
    client.post("/v2/models/a/infer", json=body(draw(1, 4)))
    text = client.get("/metrics").text
    found = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    label = '{model="a",version="1"}'
    assert float(found[f"nv_inference_request_success_total{label}"]) == 1
    assert float(found[f"nv_inference_request_failure_total{label}"]) == 1
    assert float(found[f"nv_inference_count_total{label}"]) == 3
    assert float(found[f"nv_inference_exec_count_total{label}"]) == 1
    weights, arenas = (float(found[f'mini_infer_planned_bytes{{kind="{kind}"}}']) for kind in ("weights", "arenas"))
    assert weights + arenas == bytes_of(folder, "a", "b")
    assert float(found["mini_infer_resident_bytes"]) > 1e6


def test_a_thousand_bad_bodies(start):
    client = start(load=("a",))
    good = json.dumps(body(draw(1, 3))).encode()
    generator = np.random.default_rng(1)
    for _ in range(1000):
        bad = bytearray(good)
        for _ in range(3):
            place = int(generator.integers(len(bad)))
            bad[place : place + int(generator.integers(1, 9))] = bytes(generator.integers(0, 256, 2, np.uint8))
        answer = client.post("/v2/models/a/infer", content=bytes(bad))
        assert answer.status_code in (200, 400)
    assert client.post("/v2/models/a/infer", json=body(draw(1, 3))).status_code == 200
    for bad in (b"", b"{", b"[]", b"null", good[:-1], body(draw(5, 3)), body(draw(1, 2)), body(draw(1, 3), "q")):
        content = bad if isinstance(bad, bytes) else json.dumps(bad).encode()
        answer = client.post("/v2/models/a/infer", content=content)
        assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_onnx_models_are_compiled(start, folder):
    from onnx import save

    made, _ = model(5, batch=2)
    save(made, folder.path / "d.onnx")
    client = start(load=("d",))
    assert output(client.post("/v2/models/d/infer", json=body(draw(2, 5)))).shape == (2, 4)


def test_a_model_with_state_is_refused(start, folder):
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "past"], ["now"]), helper.make_node("Relu", ["now"], ["y"])],
        "net",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "past")],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("y", "now")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    mi.compile(made, state={"past": "now"}, compiler="none").save(folder.path / "s.engine")
    client = start(load=("a",))
    answer = client.post("/v2/repository/models/s/load")
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "model 's' carries state from run to run, which clients would share",
    )


def test_a_model_that_left_while_a_request_waited(start, monkeypatch):
    client = start(load=("a",))
    monkeypatch.setattr(Models, "follow", lambda self: self.loaded.pop("a", None))
    answer = client.post("/v2/models/a/infer", json=body(draw(1, 3)))
    assert (answer.status_code, answer.json()["error"]) == (503, "model 'a' was unloaded while the request waited")


def test_settings_that_make_no_sense(tmp_path):
    for wrong, message in (
        ({"models": str(tmp_path / "nowhere")}, "is no folder of models"),
        ({"workers": 0}, "must be 1 or more"),
        ({"certificate": "x"}, "are given together"),
    ):
        with pytest.raises(UsageError, match=message):
            Settings(**{"models": str(tmp_path), **wrong})
    with pytest.raises(InputError, match=r"has no models: NAME\.engine or NAME\.onnx$"):
        prepare(Settings(models=str(tmp_path), state=str(tmp_path / "state")))
    with pytest.raises(InputError, match="there is no model 'q'"):
        prepare(Settings(models=str(tmp_path), state=str(tmp_path / "state"), load=("q",)))
    settings = Settings(models=str(tmp_path), load=("a", "b"), memory=5)
    assert Settings.read(settings.text()) == settings
