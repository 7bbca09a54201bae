"""What is counted: Triton's names, and bytes planned and resident.

With several workers prometheus-client shares the numbers in files (the environment variable PROMETHEUS_MULTIPROC_DIR).
"""

import os
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mini_infer.serve.budget import resident_bytes

_LOOKED_EVERY = 1.0
"""Seconds; a worker's resident bytes are looked at no more often."""


class Metrics:
    """The counters of one worker."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge

        self._registry = CollectorRegistry()

        def counter(name: str, text: str) -> Any:
            return Counter(name, text, ["model", "version"], registry=self._registry)

        self._counters = {
            "success": counter("nv_inference_request_success", "Requests that were answered"),
            "failure": counter("nv_inference_request_failure", "Requests that failed"),
            "samples": counter("nv_inference_count", "Samples that were run"),
            "runs": counter("nv_inference_exec_count", "Runs, of one request or several joined"),
            "queued": counter("nv_inference_queue_duration_us", "Time that requests waited"),
            "computed": counter("nv_inference_compute_infer_duration_us", "Time that runs took"),
            "lasted": counter("nv_inference_request_duration_us", "Time from a request to its answer"),
        }
        self._of = lru_cache(maxsize=None)(self._labeled)
        self._looked = -_LOOKED_EVERY
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
        counters = self._of(model)
        counters["runs"].inc()
        counters["samples"].inc(sum(rows for rows, _ in requests))
        counters["queued"].inc(1e6 * sum(waited for _, waited in requests))
        counters["computed"].inc(1e6 * seconds)
        now = time.monotonic()
        if now - self._looked >= _LOOKED_EVERY:
            self._looked = now
            self._resident.set(resident_bytes())

    def answered(self, model: str, seconds: float, *, well: bool) -> None:
        """A request is answered, well or not."""
        counters = self._of(model)
        counters["success" if well else "failure"].inc()
        counters["lasted"].inc(1e6 * seconds)

    def _labeled(self, model: str) -> dict[str, Any]:
        """The counters of one model."""
        return {name: counter.labels(model, "1") for name, counter in self._counters.items()}

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
