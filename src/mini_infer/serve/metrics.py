"""What is counted: Triton's names, and bytes planned and resident.

With several workers prometheus-client shares the numbers in files (the environment variable PROMETHEUS_MULTIPROC_DIR).
"""

import os
from collections.abc import Sequence
from typing import Any

from mini_infer.serve.budget import resident_bytes


class Metrics:
    """The counters of one worker."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge

        self._registry = CollectorRegistry()

        def counter(name: str, text: str) -> Any:
            return Counter(name, text, ["model", "version"], registry=self._registry)

        self._success = counter("nv_inference_request_success", "Requests that were answered")
        self._failure = counter("nv_inference_request_failure", "Requests that failed")
        self._samples = counter("nv_inference_count", "Samples that were run")
        self._runs = counter("nv_inference_exec_count", "Runs, of one request or several joined")
        self._queued = counter("nv_inference_queue_duration_us", "Time that requests waited")
        self._computed = counter("nv_inference_compute_infer_duration_us", "Time that runs took")
        self._lasted = counter("nv_inference_request_duration_us", "Time from a request to its answer")
        self._planned = Gauge(
            "mini_infer_planned_bytes", "Bytes planned", ["kind"], registry=self._registry, multiprocess_mode="max"
        )
        self._resident = Gauge(
            "mini_infer_resident_bytes",
            "Bytes resident in a worker, with what it shares",
            registry=self._registry,
            multiprocess_mode="liveall",
        )

    def ran(self, model: str, requests: Sequence[tuple[int, float]], seconds: float) -> None:
        """A run of requests, each with its samples and the seconds that it waited."""
        labels = (model, "1")
        self._runs.labels(*labels).inc()
        self._samples.labels(*labels).inc(sum(rows for rows, _ in requests))
        self._queued.labels(*labels).inc(1e6 * sum(waited for _, waited in requests))
        self._computed.labels(*labels).inc(1e6 * seconds)
        self._resident.set(resident_bytes())

    def answered(self, model: str, seconds: float, *, well: bool) -> None:
        """A request is answered, well or not."""
        (self._success if well else self._failure).labels(model, "1").inc()
        self._lasted.labels(model, "1").inc(1e6 * seconds)

    def planned(self, **bytes_of: int) -> None:
        """Bytes that are planned, by kind."""
        for kind, size in bytes_of.items():
            self._planned.labels(kind).set(size)

    def text(self) -> bytes:
        """All numbers of all workers, as Prometheus reads them."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call, unused-ignore]
        return bytes(generate_latest(registry))
