"""KServe's adapter starts a server under the service's name, in the pod's memory."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from batch_models import save_engine

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "kserve"


@pytest.fixture(scope="module")
def adapter():
    spec = importlib.util.spec_from_file_location("kserve_adapter", EXAMPLE / "adapter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_budget_is_of_the_pods_limit(adapter, tmp_path):
    second, first = tmp_path / "memory.limit_in_bytes", tmp_path / "memory.max"
    second.write_text("1000\n")
    assert adapter.budget((str(first), str(second))) == ["--memory", "900"]
    first.write_text("2000\n")
    assert adapter.budget((str(first), str(second))) == ["--memory", "1800"]
    for path, text in ((first, "max\n"), (second, f"{(1 << 63) - 4096}\n")):
        path.write_text(text)
    assert adapter.budget((str(first), str(second))) == []


def test_one_model_gets_the_name_and_several_keep_theirs(adapter, tmp_path):
    mounted, one, two = (tmp_path / name for name in ("mounted", "one", "two"))
    for folder in (mounted, one, two):
        folder.mkdir()
    with pytest.raises(SystemExit, match=r"has no model: NAME\.engine or NAME\.onnx"):
        adapter.named(mounted, "service", one)
    (mounted / "net.engine").touch()
    (mounted / "notes.txt").touch()
    adapter.named(mounted, "service", one)
    assert [path.name for path in one.iterdir()] == ["service.engine"]
    (mounted / "other.onnx").touch()
    adapter.named(mounted, "service", two)
    assert sorted(path.name for path in two.iterdir()) == ["net.engine", "other.onnx"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_server_answers_by_the_services_name(tmp_path):
    for name in ("starlette", "uvicorn", "prometheus_client"):
        pytest.importorskip(name)
    save_engine(tmp_path / "net.engine", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, EXAMPLE / "adapter.py", "service", tmp_path, "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/models/service") as answer:
                    found = json.load(answer)
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stderr.close()
    assert found["name"] == "service"
    assert [each["name"] for each in found["inputs"]] == ["x", "t"]


@pytest.mark.parametrize("name", ["runtime.yaml", "service.yaml"])
def test_manifests_can_be_read(name):
    content = pytest.importorskip("yaml").safe_load((EXAMPLE / name).read_text(encoding="utf-8"))
    assert content["apiVersion"].startswith("serving.kserve.io/")
    if name == "runtime.yaml":
        (container,) = content["spec"]["containers"]
        assert container["args"][:2] == ["{{.Name}}", "/mnt/models"]
