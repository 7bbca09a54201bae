"""MLPerf's load generator on an ONNX model: SingleStream and Offline, mini-infer against onnxruntime and OpenVINO.

    pip install mlcommons-loadgen
    python benchmarks/loadgen.py net.onnx [--seconds 10] [--turns 2] [--threads 1] [--against onnxruntime openvino]

Each of the engines is loaded in turn, with the shapes that the model has (open dimensions are refused) and one random
input. A line for each turn: queries a second, the 90th percentile of the latency, and whether the run was valid by
MLPerf's rules; then the ratio of the medians over the turns. Only ratios mean much on a shared machine.
"""

import argparse
import re
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mlperf_loadgen as loadgen
import numpy as np

import mini_infer as mi
from mini_infer.ir import TensorType

Runner = Callable[[], Any]
SAMPLES = 16


def inputs_of(engine: mi.Engine) -> dict[str, np.ndarray]:
    """Random inputs of a model."""
    generator = np.random.default_rng(0)
    drawn = {}
    for name, kind in engine.inputs.items():
        assert isinstance(kind, TensorType)  # noqa: S101 - strings and sequences are no benchmark
        dtype = kind.dtype.numpy
        is_real = dtype.kind == "f"
        drawn[name] = (generator.standard_normal(kind.shape) if is_real else np.ones(kind.shape)).astype(dtype)
    return drawn


def ours(path: Path, threads: int) -> Runner:
    """Run by mini-infer, between fixed arrays."""
    engine = mi.load_or_compile(path, threads=threads)
    given = inputs_of(engine)
    context = engine.create_context()
    made = context.run(given)
    return context.bind(given, made)


def onnxruntime(path: Path, threads: int) -> Runner:
    """Run by onnxruntime."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = inputs_of(mi.load_or_compile(path, threads=threads))
    return lambda: session.run(None, given)


def openvino(path: Path, threads: int) -> Runner:
    """Run by OpenVINO, in fp32."""
    import openvino as ov

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    given = inputs_of(mi.load_or_compile(path, threads=threads))
    return lambda: request.infer(given)


RUNNERS: Mapping[str, Callable[[Path, int], Runner]] = {
    "mini-infer": ours,
    "onnxruntime": onnxruntime,
    "openvino": openvino,
}


def measure(run: Runner, scenario: str, seconds: float) -> tuple[float, float, bool]:
    """Samples a second, the 90th percentile of the latency in ms (0 for Offline), and whether the run is valid."""

    def issue(samples: Any) -> None:
        for sample in samples:
            run()
            loadgen.QuerySamplesComplete([loadgen.QuerySampleResponse(sample.id, 0, 0)])

    settings = loadgen.TestSettings()
    settings.scenario = getattr(loadgen.TestScenario, scenario)
    settings.mode = loadgen.TestMode.PerformanceOnly
    settings.min_duration_ms = int(1000 * seconds)
    settings.offline_expected_qps = 1.0 if scenario == "SingleStream" else 1.5 * _rate(run)
    settings.min_query_count = 1
    with tempfile.TemporaryDirectory() as folder:
        logs = loadgen.LogSettings()
        logs.log_output.outdir = folder
        logs.log_output.copy_summary_to_stdout = False
        system = loadgen.ConstructSUT(issue, lambda: None)
        library = loadgen.ConstructQSL(SAMPLES, SAMPLES, lambda _: None, lambda _: None)
        loadgen.StartTestWithLogSettings(system, library, settings, logs, "")
        loadgen.DestroyQSL(library)
        loadgen.DestroySUT(system)
        summary = Path(folder, "mlperf_log_summary.txt").read_text(encoding="utf-8")
    rate = re.search(r"(?:QPS w/o loadgen overhead|Samples per second)\s*: ([\d.e+]+)", summary)
    latency = re.search(r"90.00 percentile latency \(ns\)\s*: (\d+)", summary)
    if rate is None:
        raise SystemExit(summary)
    single = latency is not None and scenario == "SingleStream"
    return float(rate[1]), int(latency[1]) / 1e6 if single and latency else 0.0, "Result is : VALID" in summary


def _rate(run: Runner) -> float:
    """Runs a second, roughly."""
    import timeit

    count, seconds = timeit.Timer(run).autorange()
    return count / seconds


def main() -> None:
    """Measure the model named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--against", nargs="*", default=["onnxruntime"], choices=["onnxruntime", "openvino"])
    arguments = parser.parse_args()
    names = ["mini-infer", *arguments.against]
    runners = {name: RUNNERS[name](arguments.model, arguments.threads) for name in names}
    for scenario in ("SingleStream", "Offline"):
        rates: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(arguments.turns):
            for name in names:
                rate, latency, valid = measure(runners[name], scenario, arguments.seconds)
                rates[name].append(rate)
                tail = f", p90 {latency:.2f} ms" if latency else ""
                print(f"{scenario}: {name} {rate:.1f} a second{tail}, {'valid' if valid else 'NOT valid'}", flush=True)
        for name in arguments.against:
            ratio = statistics.median(rates["mini-infer"]) / statistics.median(rates[name])
            print(f"{scenario}: mini-infer / {name} {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
