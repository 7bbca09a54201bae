import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.demo import assets
from mini_infer.report.trace import trace_record
from mini_infer.verify.samples import random_samples
from mini_infer.verify.steps import Stepper

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "trace.json"


@pytest.fixture(scope="module", params=["none", None], ids=["interpreted", "native"])
def run(request):
    """LeNet-5: the engine, and the trace of a run."""
    engine = compiler.compile(assets.MODEL, options=Options(compiler=request.param))
    stepper = Stepper(engine, compiler=request.param)
    (sample,) = random_samples({port.name: port.type for port in engine.program.inputs})
    trace = trace_record("lenet5", engine.program, engine.plan, stepper.times(sample, warm_ups=0))
    return engine, json.loads(json.dumps(trace, allow_nan=False))


def of_kind(trace, phase):
    return [event for event in trace["traceEvents"] if event["ph"] == phase]


def test_it_keeps_to_the_format(run):
    jsonschema.validate(run[1], json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_every_step_is_there_once_one_after_the_other(run):
    engine, trace = run
    steps = of_kind(trace, "X")
    assert [event["args"]["steps"] for event in steps] == [[i, i + 1] for i in range(len(engine.program.steps))]
    assert [event["name"] for event in steps] == [step.node.name for step in engine.program.steps]
    ends = [event["ts"] + event["dur"] for event in steps]
    assert all(end <= after["ts"] + 1e-9 for end, after in zip(ends, steps[1:], strict=False))
    assert [event["cat"] for event in steps].count("view") == 1
    assert all(event["dur"] > 0 for event in steps if event["cat"] != "view")


def test_the_counter_has_the_peak_and_ends_at_nothing(run):
    engine, trace = run
    counted = [event["args"]["bytes"] for event in of_kind(trace, "C")]
    assert max(counted) == engine.plan.peak.size == engine.plan.lower_bound
    assert counted[-1] == 0
    times = [event["ts"] for event in of_kind(trace, "C")]
    assert times == sorted(times)


READ_BY_DEVTOOLS = """async text => {
    const trace = await import('devtools://devtools/bundled/models/trace/trace.js').catch(() => null);
    if (!trace) return null;
    const reader = trace.Processor.TraceProcessor.createWithAllHandlers();
    await reader.parse(JSON.parse(text).traceEvents, {isCPUProfile: false, isFreshRecording: false, metadata: {}});
    const [[pid, {threads}]] = reader.data.Renderer.processes;
    const [[tid, {name, entries}]] = threads;
    return {pid, tid, name, entries: entries.map(entry => [entry.name, entry.ts, entry.dur])};
}"""


def test_chromes_own_reader_reads_it(browser, run):
    engine, trace = run
    tab = browser.new_page()
    try:
        tab.goto("devtools://devtools/bundled/devtools_app.html")
    except Exception as error:  # noqa: BLE001 - whatever a browser without its own tools says
        pytest.skip(f"this browser has no tools: {error}")
    read = tab.evaluate(READ_BY_DEVTOOLS, json.dumps(trace))
    tab.close()
    if read is None:
        pytest.skip("this browser's tools keep their reader elsewhere")
    assert (read["pid"], read["tid"], read["name"]) == (1, 1, "steps")
    assert sorted(read["entries"]) == sorted(
        [event["name"], event["ts"], event["dur"]] for event in of_kind(trace, "X")
    )
    assert len(read["entries"]) == len(engine.program.steps)


def test_perfetto_reads_it(run, tmp_path):
    perfetto = pytest.importorskip("perfetto.trace_processor")
    program = shutil.which("trace_processor_shell")
    if program is None:
        pytest.skip("needs Perfetto's trace_processor_shell on the path")
    engine, trace = run
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(trace), encoding="utf-8")
    config = perfetto.TraceProcessorConfig(bin_path=program)
    with perfetto.TraceProcessor(trace=str(path), config=config) as processor:
        (slices,) = processor.query("select count(*) as n from slice")
        (highest,) = processor.query("select max(value) as bytes from counter")
    assert slices.n == len(engine.program.steps)
    assert highest.bytes == engine.plan.peak.size
