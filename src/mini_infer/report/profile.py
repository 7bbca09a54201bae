"""What each step of a run took, how fast that is, and how near to what the machine can do."""

from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.ir import DType
from mini_infer.program import Program, Step
from mini_infer.program.kernels.contraction.strassen import StrassenGemm
from mini_infer.report.facts import listed
from mini_infer.report.sizes import percent
from mini_infer.report.steps import kernels
from mini_infer.report.table import format_table


def profile_record(
    program: Program, times: Mapping[int, float], thread_counts: Sequence[int], peak: float
) -> dict[str, Any]:
    """The steps as JSON.

    Parameters
    ----------
    program
        What ran.
    times
        Step → microseconds of its fastest run; steps that are no work are absent.
    thread_counts
        For each step, the threads that run it.
    peak
        Float32 GFLOP/s of all threads together, as they were measured; what a step reached is within the peak.
    """
    done = {index: _performed(program.steps[index]) / took / 1000 for index, took in times.items() if took}
    peak = max([peak, *done.values()])
    steps = []
    for index, took in times.items():
        step = program.steps[index]
        operations = sum(call.kernel.operations for call in step.calls)
        gflops = operations / took / 1000 if took else 0.0
        steps.append(
            {
                "step": index,
                "node": step.node.name,
                "kernels": kernels(step),
                "threads": thread_counts[index],
                "us": took,
                "gflops": gflops,
                "peak_share": done[index] / peak if done.get(index) else None,
            }
        )
    return {"peak_gflops": peak, "steps": steps}


def _performed(step: Step) -> int:
    """Float32 operations that are done: fewer than those of the plain algorithm where a method saves some.

    Of a step that multiplies numbers of other types, none: the peak says nothing of those.
    """
    found = 0
    for call in step.calls:
        if call.kernel.multiply_adds:
            if call.operands[0].type.dtype is not DType.FLOAT32:
                return 0
            done = call.kernel.performed
            found += 2 * (done - done // 8 if isinstance(call.kernel, StrassenGemm) else done)  # seven products of 8
    return found


def profile_text(record: Mapping[str, Any], *, width: int) -> str:
    """The steps as a table, in the order in which they run."""
    total = sum(step["us"] for step in record["steps"])
    rows = [
        (
            str(step["step"]),
            f"{step['us']:,.1f}",
            percent(step["us"] / total),
            str(step["threads"]),
            f"{step['gflops']:.1f}",
            "" if step["peak_share"] is None else percent(step["peak_share"]),
            listed(step["kernels"], ", "),
            step["node"],
        )
        for step in record["steps"]
    ]
    heads = ("step", "us", "share", "threads", "GFLOP/s", "of peak", "kernels", "node")
    title = f"{total:,.1f} us in steps of their own; the peak is {record['peak_gflops']:.1f} GFLOP/s in float32"
    return "\n".join([title, *format_table([heads, *rows], ">>>>>><<", width=width, spare=(3, 6, 2))]) + "\n"
